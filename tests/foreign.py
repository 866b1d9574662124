"""A project that others made in Label Studio, with all that real ones hold: config and tasks.

Seeded, so that the same number gives the same project; ``recount`` counts it by itself.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

CONFIG = """<View>
  <Header value="$source"/>
  <Relations><Relation value="targets"/><Relation value="supports"/></Relations>
  <Labels name="claims" toName="post">
    <Label value="Claim"/><Label value="Premise" alias="premise"/></Labels>
  <HyperTextLabels name="names" toName="post"><Label value="Person"/></HyperTextLabels>
  <Text name="post" value="$body"/>
  <Choices name="tone" toName="post" perRegion="true" whenTagName="claims">
    <Choice value="calm"/><Choice value="sharp"/></Choices>
  <TextArea name="why" toName="post" perRegion="true"/>
  <Choices name="verdict" toName="post" choice="single">
    <Choice value="keep"/><Choice value="drop"/></Choices>
  <Taxonomy name="topic" toName="post">
    <Choice value="State"><Choice value="Budget"/></Choice><Choice value="City"/></Taxonomy>
  <Rating name="sure" toName="post"/><TextArea name="note" toName="post"/>
  <Number name="count" toName="post"/><DateTime name="day" toName="post"/>
</View>"""

_TEXT = "The council said 🙂 on Monday that “nothing” had changed\r\nsince  the vote in Gullham"
_WORDS = _TEXT.split(" ")


def project(tasks: int, *, annotators: int = 3, seed: int = 0) -> list[dict[str, Any]]:
    """An export of so many tasks, each annotated by several, in every way exports are written."""
    dice = random.Random(seed)
    return [_task(dice, n, annotators) for n in range(tasks)]


def recount(tasks: list[dict[str, Any]]) -> Counter[str]:
    """Tasks, annotations and result items by kind, straight from the JSON."""
    counts: Counter[str] = Counter(tasks=len(tasks))
    for task in tasks:
        for annotation in task.get("annotations", task.get("completions", [])):
            counts["annotations"] += 1
            counts["items"] += len(annotation["result"])
            for item in annotation["result"]:
                counts[item.get("type", "none")] += 1
    return counts


def _task(dice: random.Random, n: int, annotators: int) -> dict[str, Any]:
    text = " ".join(dice.choices(_WORDS, k=60)) if n % 10 else "The same text again, as it was."
    made = [
        _annotation(dice, text, n * annotators + k, k + 1)
        for k in range(annotators if n % 7 else annotators + 1)
    ]
    key = "completions" if n % 50 == 3 else "annotations"
    task = {"id": 1000 + n, "data": {"body": text, "source": "wire"}, key: made}
    if n % 40 == 5:
        task["data"] = {"source": "wire"}
    return task | {"predictions": [{"result": [{"from_name": "claims"}]}], "drafts": []}


def _annotation(dice: random.Random, text: str, ls_id: int, who: int) -> dict[str, Any]:
    told: Any = who
    if who % 2:
        told = {"id": who, "email": f"annotator{who}@example.org", "first_name": "Robin"}
    return {
        "id": ls_id,
        "completed_by": told,
        "created_username": f" Robin annotator{who}@example.org, {who}",
        "was_cancelled": ls_id % 17 == 0,
        "ground_truth": False,
        "created_at": "2025-03-01T10:00:00.123456Z",
        "updated_at": "2025-03-01T10:05:00.123456Z",
        "lead_time": 31.5,
        "result": _result(dice, text, ls_id),
    }


def _result(dice: random.Random, text: str, ls_id: int) -> list[dict[str, Any]]:
    result = []
    for k in range(dice.randint(2, 6)):
        result += _region(dice, text, f"r{k}", k)
    result.append({"type": "relation", "from_id": "r0", "to_id": "r1", "direction": "right"})
    if ls_id % 3 == 0:
        labels = dice.choice([["supports"], ["undermines"], []])
        link = {"from_id": "r1", "to_id": "r9", "direction": dice.choice(["left", "bi"])}
        result.append({"type": "relation", **link, "labels": labels})
    result += [
        _answer("verdict", "choices", [dice.choice(["keep", "drop", "unsure"])]),
        _answer("topic", "taxonomy", [["State", "Budget"], ["Village"]]),
        _answer("sure", "rating", dice.randint(1, 5)),
        _answer("note", "textarea", ["a remark"]),
        _answer("count", "number", 4),
        _answer("day", "datetime", "2025-03-01"),
    ]
    if ls_id % 11 == 0:
        result.append(_answer("ghost", "choices", ["nobody asked"]))
    return result


def _region(dice: random.Random, text: str, key: str, k: int) -> list[dict[str, Any]]:
    start = dice.randrange(len(text) - 4)
    end = min(len(text), start + dice.randint(2, 25))
    said = text[start:end].replace("\r\n", "\\n\\n")
    value: dict[str, Any] = {"start": start, "end": end, "text": said}
    if k % 3 == 1:
        value["start"], value["end"] = float(start), float(end)
        del value["text"]
    if dice.random() < 0.03:
        value["text"] = "something else"
    if dice.random() < 0.03:
        value["end"] = len(text) + 7
    name, kind = ("claims", "labels") if k % 2 else ("names", "hypertextlabels")
    label = dice.choice(["Claim", "premise", "Doubt"] if k % 2 else ["Person", "Place"])
    value[kind] = [label, "Claim"] if label == "Doubt" else [label]
    items = [{"id": key, "from_name": name, "to_name": "post", "type": kind, "value": value}]
    if name == "claims" and dice.random() < 0.5:
        items.append(_answer("tone", "choices", [dice.choice(["calm", "loud"])], key=key))
    if dice.random() < 0.2:
        items.append(_answer("why", "textarea", ["so it seems"], key=key))
    return items


def _answer(name: str, kind: str, given: Any, *, key: str = "") -> dict[str, Any]:
    value = {"text" if kind == "textarea" else kind: given}
    item = {"from_name": name, "to_name": "post", "type": kind, "value": value}
    return {"id": key, **item} if key else {"id": f"whole-{name}", **item}
