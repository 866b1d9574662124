"""Records to write in every format, some made by hand and some by chance."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from labeling.datasets.formats.base import Spec
from labeling.datasets.records import (
    SETTLED,
    RecordAnnotation,
    RecordArticle,
    RecordGold,
    RecordPassage,
    RecordScheme,
    RecordSpan,
    passage_record,
)
from labeling.types import Attribute, Choice, Layer, Relation, Span

ENTITY = Layer("entity", "spans", ("PERSON", "ORG"))
QUOTE = Layer("quote", "spans", ("QUOTE", "SPEAKER"), (Attribute("kind", ("direct", "partial")),))
LOADED = Layer(
    "loaded",
    "spans",
    ("LOADED_TERM", "ORG"),
    (
        Attribute("tone", ("calm", "sharp"), multiple=True),
        Attribute("alternative", (), kind="textarea"),
    ),
)
STANCE = Layer("stance", "choice", ("for", "against"))
SPEC = Spec("news", (ENTITY, QUOTE, LOADED, STANCE), ("said_by", "about"))

TEXT = "🙂 “We won’t pay the\ndeath tax,” said Ana Ní Bhriain.\u2028=SUM(A1) é done"


class Folder:
    """A sink that is a plain folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.names: list[str] = []

    @contextlib.contextmanager
    def open(self, name: str) -> Any:
        self.names.append(name)
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            yield file


def place(words: str) -> tuple[int, int]:
    """Where words stand in ``TEXT``."""
    start = TEXT.index(words)
    return start, start + len(words)


def rich_record(uid: str = "p-rich", split: str | None = "train") -> dict[str, Any]:
    """A passage with overlaps, a line end in a span, relations, every kind of answer."""
    quote = Span(
        "q", "quote", "QUOTE", *place("“We won’t pay the\ndeath tax,”"), {"kind": "direct"}
    )
    speaker = Span("s", "quote", "SPEAKER", *place("Ana Ní Bhriain"))
    person = Span("e", "entity", "PERSON", *place("Ana Ní Bhriain"))
    term = Span("l", "loaded", "LOADED_TERM", *place("death tax"), {"tone": ["calm", "sharp"]})
    other = Span("o", "loaded", "ORG", *place("tax,”"), {"alternative": ["estate duty"]})
    spans = (
        RecordSpan(quote, None, "changed", "chosen"),
        RecordSpan(speaker, None, "unchanged", "unanimous"),
        RecordSpan(person, None, None, "majority"),
        RecordSpan(term, "quoted", "manual", "added"),
        RecordSpan(other, "outlet", "manual", "single"),
    )
    gold = RecordGold(
        spans=spans,
        relations=(Relation("q", "s", "said_by"), Relation("l", "e", "")),
        choices=(Choice("stance", ("for", "against")),),
        settled={"stance": "edited"},
    )
    ben = RecordAnnotation(
        "annotator-1", 1, "submitted", 5, (quote,), marks={"q": (None, "manual")}
    )
    record = passage_record(
        RecordArticle("a-1", "=Vote", outlet="The Post", url="https://post.example.org/1"),
        RecordPassage(uid, 100, 100 + len(TEXT), TEXT),
        [ben, RecordAnnotation("annotator-2", 1, "skipped", None)],
        RecordScheme("news", 3),
        batch="demo",
        state="reviewed",
        gold=gold,
    )
    return {**record, "split": split}


def bare_record(uid: str = "p-bare", split: str | None = None) -> dict[str, Any]:
    """A passage that nobody marked."""
    record = passage_record(
        RecordArticle("a-2", "Quiet"),
        RecordPassage(uid, 0, 5, "Quiet", role="headline"),
        [],
        RecordScheme("news", 3),
        batch="demo",
        state="annotated",
    )
    return {**record, "split": split}


_TEXTS = st.text(st.sampled_from("ab \n\t’“”=@é\u0301🙂𝔘-\u2028"), min_size=1, max_size=40).filter(
    lambda text: text.strip()
)


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    """Any passage with any spans and relations between them."""
    text = draw(_TEXTS)
    spans = []
    for n in range(draw(st.integers(0, 5))):
        layer = draw(st.sampled_from(SPEC.span_layers))
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        label = draw(st.sampled_from(layer.labels))
        span = Span(f"s{n}", layer.name, label, start, end, draw(_attrs(layer)))
        spans.append(
            RecordSpan(
                span,
                draw(st.sampled_from([None, "outlet", "quoted"])),
                None,
                draw(st.sampled_from(SETTLED)),
            )
        )
    ids = [one.span.id for one in spans]
    relations = []
    if ids:
        ends = st.tuples(st.sampled_from(ids), st.sampled_from(ids))
        relations = [
            Relation(one, two, draw(st.sampled_from(["said_by", ""])))
            for one, two in draw(st.lists(ends, max_size=3, unique=True))
        ]
    record = passage_record(
        RecordArticle("a-1", "Title"),
        RecordPassage("p-" + draw(st.uuids()).hex, 7, 7 + len(text), text),
        [],
        RecordScheme("news", 3),
        batch="demo",
        state="reviewed",
        gold=RecordGold(tuple(spans), tuple(relations)),
    )
    return {**record, "split": draw(st.sampled_from([None, "train", "dev", "test"]))}


def _attrs(layer: Layer) -> st.SearchStrategy[dict[str, Any]]:
    if layer.name != "loaded":
        return st.just({})
    tones = st.lists(st.sampled_from(["calm", "sharp"]), min_size=1, max_size=2, unique=True)
    words = st.lists(st.text("=ab é", min_size=1, max_size=5), min_size=1, max_size=2)
    return st.fixed_dictionaries({}, optional={"tone": tones, "alternative": words})
