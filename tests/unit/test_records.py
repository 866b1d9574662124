"""The canonical record says everything once, and always in the same bytes."""

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.datasets.records import (
    RecordAnnotation,
    RecordArticle,
    RecordPassage,
    RecordScheme,
    passage_record,
    to_json_line,
)
from labeling.types import Choice, Relation, Span

ARTICLE = RecordArticle("a-1", "Vote", outlet="The Post", published_at="2026-05-04T06:00:00Z")
TEXT = "🙂 “We won’t pay,” she\u2028said."
PASSAGE = RecordPassage("p-1", 100, 100 + len(TEXT), TEXT)
SCHEME = RecordScheme("news", 3)
QUOTE = Span("q", "quote", "QUOTE", 2, 17, {"kind": "direct"})
SPEAKER = Span("s", "quote", "SPEAKER", 18, 21)
ANN = RecordAnnotation(
    annotator="annotator-2",
    revision=2,
    state="submitted",
    lead_time=5,
    spans=(SPEAKER, QUOTE),
    relations=(Relation("q", "s", "said_by"), Relation("q", "s", "")),
    choices=(Choice("tone", ("calm",)), Choice("remark", ("one", "two"))),
    set_aside=1,
    marks={"q": (None, "unchanged")},
)
BEN = RecordAnnotation(annotator="annotator-1", revision=1, state="skipped", lead_time=None)

# What the record says of these two.
BEN_AS_TOLD = {
    "annotator": "annotator-1",
    "revision": 1,
    "round": 1,
    "state": "skipped",
    "lead_time": None,
    "spans": [],
    "relations": [],
    "choices": [],
    "set_aside": 0,
}
ANN_AS_TOLD = {
    "annotator": "annotator-2",
    "revision": 2,
    "round": 1,
    "state": "submitted",
    "lead_time": 5.0,
    "spans": [
        {
            "id": "q",
            "layer": "quote",
            "label": "QUOTE",
            "start": 2,
            "end": 17,
            "text": "“We won’t pay,”",
            "attrs": {"kind": "direct"},
            "voice": None,
            "origin": "unchanged",
        },
        {
            "id": "s",
            "layer": "quote",
            "label": "SPEAKER",
            "start": 18,
            "end": 21,
            "text": "she",
            "attrs": {},
            "voice": None,
            "origin": None,
        },
    ],
    "relations": [
        {"from": "q", "to": "s", "label": ""},
        {"from": "q", "to": "s", "label": "said_by"},
    ],
    "choices": [
        {"layer": "remark", "values": ["one", "two"]},
        {"layer": "tone", "values": ["calm"]},
    ],
    "set_aside": 1,
}


def test_a_record_tells_the_article_the_passage_and_every_annotation() -> None:
    record = passage_record(ARTICLE, PASSAGE, [ANN, BEN], SCHEME, batch="demo")
    assert record == {
        "format": "copydesk-passage/1",
        "batch": "demo",
        "scheme": {"name": "news", "version": 3},
        "article": {
            "uid": "a-1",
            "title": "Vote",
            "outlet": "The Post",
            "section": None,
            "byline": None,
            "published_at": "2026-05-04T06:00:00Z",
            "url": None,
            "language": None,
            "story": None,
            "cluster": None,
        },
        "passage": {
            "uid": "p-1",
            "start": 100,
            "end": 127,
            "text": TEXT,
            "role": "body",
            "text_sha": hashlib.sha256(TEXT.encode()).hexdigest(),
        },
        "state": None,
        "split": None,
        "gold": None,
        "annotations": [BEN_AS_TOLD, ANN_AS_TOLD],
    }


def test_a_line_is_one_line_of_plain_json_that_reads_back() -> None:
    record = passage_record(ARTICLE, PASSAGE, [ANN, BEN], SCHEME, batch="demo")
    line = to_json_line(record)
    assert "\n" not in line
    assert "\u2028" in line
    assert "🙂" in line
    assert json.loads(line) == record


@given(st.permutations([SPEAKER, QUOTE]), st.permutations([ANN, BEN]), st.booleans())
def test_the_order_in_which_rows_came_does_not_change_the_line(
    spans: list[Span], annotations: list[RecordAnnotation], turned: bool
) -> None:
    shuffled = [
        replace(
            one,
            spans=tuple(spans) if one.spans else (),
            relations=one.relations[::-1] if turned else one.relations,
            choices=one.choices[::-1] if turned else one.choices,
        )
        for one in annotations
    ]
    expected = to_json_line(passage_record(ARTICLE, PASSAGE, [BEN, ANN], SCHEME, batch="demo"))
    assert (
        to_json_line(passage_record(ARTICLE, PASSAGE, shuffled, SCHEME, batch="demo")) == expected
    )


@pytest.mark.parametrize(
    ("stored", "told"), [(5, "5.0"), (5.0, "5.0"), (12.34567, "12.346"), (None, "null")]
)
def test_a_lead_time_reads_the_same_from_every_database(stored: float | None, told: str) -> None:
    line = to_json_line(
        passage_record(ARTICLE, PASSAGE, [replace(BEN, lead_time=stored)], SCHEME, batch="demo")
    )
    assert f'"lead_time":{told},' in line


def test_a_number_that_json_cannot_say_is_refused() -> None:
    odd = replace(ANN, spans=(replace(QUOTE, attrs={"score": float("inf")}),))
    with pytest.raises(ValueError, match="JSON"):
        to_json_line(passage_record(ARTICLE, PASSAGE, [odd], SCHEME, batch="demo"))
