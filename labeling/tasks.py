"""From a passage to the task that Label Studio shows, and back to nothing else.

The uid in a task's data is what we know it by; the server's own id is only a hint, because
Label Studio gives the ids of deleted tasks out again.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

from labeling.errors import LabelingError
from labeling.scheme import TEXT_OBJECT, path_steps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from labeling.types import Attribute, Relation, Scheme, Span

UID_CHARS = 26
"""130 bits of a sha256: no two tasks of any installation will ever meet."""

MODEL_VERSION = "copydesk"
"""Who suggests, as Label Studio is told: one name for all, whatever has suggested.

A project shows the predictions of one model version alone, the first that was ever imported
into it; under another name, what is pushed later would be there and never be seen. Which
suggesters it was, and with what configuration, is kept on our side.
"""


def task_uid(batch_uid: str, lane: int, passage_uid: str, round: int) -> str:  # noqa: A002
    """Name a task so that planning it again gives the same name.

    Args:
        batch_uid: the batch's own uid.
        lane: the lane's number within the batch.
        passage_uid: the passage's uid.
        round: 1 for the first time, one more for each rework.

    Returns:
        ``t-`` and 26 lower-case letters and digits.
    """
    key = json.dumps([batch_uid, lane, passage_uid, round]).encode("ascii")
    digest = base64.b32encode(hashlib.sha256(key).digest()).decode("ascii")
    return "t-" + digest[:UID_CHARS].lower()


def task_item(
    uid: str,
    text: str,
    headline: str,
    context: str,
    notice: str,
    round: int,  # noqa: A002
    suggestions: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Build one item of an import.

    All six variables are there from the first push on, because Label Studio refuses tasks
    that lack a variable its config uses, and one added later would break live projects.

    Args:
        uid: the task's uid.
        text: the passage, exactly as frozen: offsets count in it.
        headline: the article's headline, shown above; may be empty.
        context: what stands around the passage, for reading only; may be empty.
        notice: a message for the annotator, such as the reason of a rework; may be empty.
        round: 1 for the first time.
        suggestions: what ``prediction`` built; Label Studio shows one of them at a time.

    Returns:
        The item, ready for ``payload``.

    Raises:
        LabelingError: a variable is not text, or the passage is empty.
    """
    texts = {"uid": uid, "text": text, "headline": headline, "context": context, "notice": notice}
    for name, value in texts.items():
        _check_text(uid, name, value)
    item: dict[str, Any] = {"data": {**texts, "round": str(round)}}
    if suggestions:
        item["predictions"] = [dict(suggestion) for suggestion in suggestions]
    return item


def prediction(
    spans: Sequence[Span],
    relations: Sequence[Relation],
    text: str,
    scheme: Scheme,
    *,
    model_version: str,
) -> dict[str, Any]:
    """Build the prediction by which suggestions, or an earlier round's spans, are shown.

    Args:
        spans: spans of the passage, each id once.
        relations: relations among them.
        text: the passage.
        scheme: the scheme whose controls the spans belong to.
        model_version: who suggests, as Label Studio shows it: ``MODEL_VERSION``.

    Returns:
        The prediction for ``task_item``.
    """
    return {
        "model_version": model_version,
        "result": result_items(spans, relations, text, scheme),
    }


def result_items(
    spans: Sequence[Span], relations: Sequence[Relation], text: str, scheme: Scheme
) -> list[dict[str, Any]]:
    """Write spans and relations the way Label Studio's own page does.

    ``labeling.annotations.parse_result`` reads the same spans and relations back.

    Args:
        spans: spans of the passage, each id once.
        relations: relations among them.
        text: the passage.
        scheme: the scheme whose controls the spans belong to.

    Returns:
        Each region, followed by the answers given about it; then the relations.
    """
    attributes = {
        layer.name: {attribute.name: attribute for attribute in layer.attributes}
        for layer in scheme.layers
    }
    items: list[dict[str, Any]] = []
    for span in spans:
        items.append(_item(span, text, span.layer, "labels", [span.label]))
        items.extend(
            _answer(span, text, attributes[span.layer][name], answer)
            for name, answer in span.attrs.items()
        )
    items.extend(_relation_item(relation) for relation in relations)
    return items


def payload(items: Sequence[Mapping[str, Any]]) -> bytes:
    """Serialise items once, so that what is hashed, kept and sent are the same bytes."""
    return json.dumps(
        list(items), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    ).encode("utf-8")


def payload_sha(payload_bytes: bytes) -> str:
    """Say which payload this is: the sha256 of its bytes, in hexadecimal."""
    return hashlib.sha256(payload_bytes).hexdigest()


def _check_text(uid: object, name: str, value: object) -> None:
    if not _is_storable(value):
        raise LabelingError(
            f"task {uid!r}: its {name} is not text that Label Studio can store",
            remedy="import the article again; it has to be text without NUL or lone surrogates",
        )
    if not value and name in ("uid", "text"):
        raise LabelingError(f"task {uid!r}: its {name} is empty", remedy="leave the passage out")


def _is_storable(value: object) -> bool:
    """A lone surrogate cannot be sent as UTF-8; PostgreSQL behind Label Studio refuses NUL."""
    if not isinstance(value, str) or "\0" in value:
        return False
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _item(span: Span, text: str, control: str, kind: str, answer: object) -> dict[str, Any]:
    return {
        "id": span.id,
        "from_name": control,
        "to_name": TEXT_OBJECT,
        "type": kind,
        "value": {
            "start": span.start,
            "end": span.end,
            "text": text[span.start : span.end],
            # A free text answer stands where the slice would: Label Studio does the same.
            "text" if kind == "textarea" else kind: answer,
        },
    }


def _answer(span: Span, text: str, attribute: Attribute, answer: object) -> dict[str, Any]:
    answers = answer if isinstance(answer, list | tuple) else [answer]
    if attribute.kind == "taxonomy":
        answer = [path_steps(str(path)) for path in answers]
    elif attribute.kind in ("choices", "textarea"):
        answer = list(answers)
    return _item(span, text, attribute.name, attribute.kind, answer)


def _relation_item(relation: Relation) -> dict[str, Any]:
    return {
        "type": "relation",
        "from_id": relation.from_id,
        "to_id": relation.to_id,
        "direction": "right",
        "labels": [relation.label] if relation.label else [],
    }
