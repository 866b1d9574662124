"""Answers to compare, written shortly: ``answer("ada", "PERSON 0 5", "ORG 7 9 voice=outlet")``."""

from __future__ import annotations

from hypothesis import strategies as st

from labeling.agreement.answers import Answer
from labeling.types import Attribute, Choice, Layer, Relation, Scheme, Span

VOICE = Attribute("voice", ("outlet", "quoted"))
NOTE = Attribute("note", (), kind="textarea")
MARKS = Layer("mark", "spans", ("A", "B", "C"), (VOICE, NOTE))
TONE = Layer("tone", "choice", ("calm", "loud"))
SCHEME = Scheme((MARKS, TONE), ("said_by",), ("text",), "sha")
TEXT = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen."


def answer(annotator, *spans, links=(), tone=None):
    """An answer; each span is ``LABEL START END [attribute=value]``, its id its place."""
    made = []
    for at, said in enumerate(spans):
        label, start, end, *attrs = said.split()
        given = dict(pair.split("=") for pair in attrs)
        made.append(Span(str(at), "mark", label, int(start), int(end), given))
    return Answer(
        annotator,
        tuple(made),
        tuple(Relation(str(a), str(b), "said_by") for a, b in links),
        (Choice("tone", (tone,)),) if tone else (),
    )


@st.composite
def answers(draw, most=4):
    """One answer of each of some annotators, with spans that overlap, nest and repeat."""
    count = draw(st.integers(1, most))
    span = st.tuples(st.sampled_from("ABC"), st.integers(0, 30), st.integers(1, 12))
    return [
        answer(name, *(f"{label} {start} {start + length}" for label, start, length in spans))
        for name, spans in zip(
            ["ada", "ben", "chloe", "dan"][:count],
            draw(st.lists(st.lists(span, max_size=6), min_size=count, max_size=count)),
            strict=True,
        )
    ]
