"""From suggestions for an article to what is pushed with one of its passages.

Suggesters speak in labels; which layer of the scheme a label belongs to is decided here. What
the scheme does not know is left out, since Label Studio would show it as an empty mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from labeling.types import Attribute, Layer, Relation, Scheme, Span


@dataclass(frozen=True, slots=True)
class Proposed:
    """A suggestion for an article, by code points of its text; ``entry`` is a term's key."""

    id: str
    source: str
    label: str
    start: int
    end: int
    score: float
    attrs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Projected:
    """What of the suggestions goes with a passage, by code points of the passage.

    ``terms`` tells the term bank's key of the spans that are terms, by the spans' ids.
    ``left_out`` counts spans that reach across the passage's border, and relations that do.
    """

    spans: tuple[Span, ...] = ()
    relations: tuple[Relation, ...] = ()
    terms: Mapping[str, str] = field(default_factory=dict)
    left_out: int = 0


class Projection:
    """Projects suggestions onto passages of batches with one scheme."""

    def __init__(self, scheme: Scheme) -> None:
        self._layers: dict[str, Layer] = {}
        for layer in scheme.layers:
            for label in layer.labels if layer.kind == "spans" else ():
                self._layers.setdefault(label, layer)
        self._relations = frozenset(scheme.relations)

    def of(
        self, proposed: Iterable[Proposed], relations: Iterable[Relation], start: int, end: int
    ) -> Projected:
        """Take what lies wholly within ``[start, end)`` of the article and fits the scheme.

        Args:
            proposed: suggestions that touch the passage, at least.
            relations: relations between suggestions of the article, by their ids.
            start: where the passage begins in the article.
            end: where it ends.
        """
        touching = [p for p in proposed if p.start < end and start < p.end]
        fitting = [p for p in touching if p.label in self._layers]
        within = [p for p in fitting if start <= p.start and p.end <= end]
        kept = _without_doubles(within)
        spans = tuple(self._span(p, start) for p in kept)
        there = {p.id for p in touching}
        pushed = {span.id for span in spans}
        known = [r for r in relations if r.label in self._relations]
        links = tuple(r for r in known if r.from_id in pushed and r.to_id in pushed)
        crossing = [r for r in known if (r.from_id in there) != (r.to_id in there)]
        return Projected(
            spans,
            links,
            {p.id: entry for p in kept if isinstance(entry := p.attrs.get("entry"), str)},
            len(fitting) - len(within) + len(crossing),
        )

    def _span(self, proposed: Proposed, offset: int) -> Span:
        layer = self._layers[proposed.label]
        attrs = {
            attribute.name: proposed.attrs[attribute.name]
            for attribute in layer.attributes
            if _answers(attribute, proposed.attrs.get(attribute.name))
        }
        return Span(
            proposed.id,
            layer.name,
            proposed.label,
            proposed.start - offset,
            proposed.end - offset,
            attrs,
        )


def _answers(attribute: Attribute, value: object) -> bool:
    """Whether a value is an answer that the scheme's question takes."""
    answers = value if isinstance(value, list | tuple) else [value]
    if len(answers) > 1 and not attribute.multiple:
        return False
    if attribute.kind in ("rating", "number"):
        return all(type(one) in (int, float) for one in answers)
    return bool(answers) and all(
        isinstance(one, str) and one != "" and (not attribute.values or one in attribute.values)
        for one in answers
    )


def _without_doubles(proposed: Sequence[Proposed]) -> list[Proposed]:
    """Of what two suggesters call by one label in one place, keep the better one."""
    kept: list[Proposed] = []
    best = sorted(proposed, key=lambda p: (-p.score, p.start - p.end, p.start, p.id))
    for one in best:
        rivals = (k for k in kept if k.label == one.label and k.source != one.source)
        if not any(k.start < one.end and one.start < k.end for k in rivals):
            kept.append(one)
    return sorted(kept, key=lambda p: (p.start, -p.end, p.id))
