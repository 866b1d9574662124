"""Label Studio exports with several annotators, made for tests."""

from __future__ import annotations

import json

CONFIG = """<View>
  <Labels name="mark" toName="text"><Label value="A"/><Label value="B"/></Labels>
  <Choices name="tone" toName="text"><Choice value="calm"/><Choice value="loud"/></Choices>
  <Text name="text" value="$text"/>
</View>"""
TEXT = "one two three four five six seven"


def span(key, label, start, end):
    value = {"start": start, "end": end, "labels": [label], "text": TEXT[start:end]}
    return {"id": key, "from_name": "mark", "to_name": "text", "type": "labels", "value": value}


def tone(answer):
    return {
        "id": "tone", "from_name": "tone", "to_name": "text", "type": "choices",
        "value": {"choices": [answer]},
    }  # fmt: skip


def annotation(who, *items, **more):
    return {"id": 1, "completed_by": who, "result": list(items), "was_cancelled": False, **more}


def export(path, tasks):
    """Write an export and its config; gives both files."""
    data = [
        {"id": n, "data": {"text": TEXT, **more}, "annotations": annotations}
        for n, (annotations, more) in enumerate(tasks)
    ]
    (path / "export.json").write_text(json.dumps(data), encoding="utf-8")
    (path / "config.xml").write_text(CONFIG, encoding="utf-8")
    return str(path / "export.json"), str(path / "config.xml")
