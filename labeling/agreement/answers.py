"""What is compared: one annotator's answer to one passage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labeling.agreement.matching import SpanKey, span_key
from labeling.types import Choice, Relation, Span


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything one annotator said of a passage; ``annotator`` is whatever names them."""

    annotator: str
    spans: tuple[Span, ...] = ()
    relations: tuple[Relation, ...] = ()
    choices: tuple[Choice, ...] = ()


class Marks:
    """One annotator's spans of one layer, sorted, with their keys beside them."""

    __slots__ = ("annotator", "keys", "spans")

    def __init__(self, answer: Answer, layer: str) -> None:
        self.annotator = answer.annotator
        self.spans: list[Span] = [span for span in answer.spans if span.layer == layer]
        if len(self.spans) > 1:
            self.spans.sort(key=span_key)
        self.keys: list[SpanKey] = [span_key(span) for span in self.spans]


def marks_of(answers: Sequence[Answer], layer: str) -> list[Marks]:
    """Each answer's spans of one layer."""
    return [Marks(answer, layer) for answer in answers]
