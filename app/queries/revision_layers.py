"""What revisions say, as columns: a release reads millions of spans, too many for objects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.annotations import Choice as ChoiceRow
from app.models.annotations import Relation as RelationRow
from app.models.annotations import Span as SpanRow
from labeling.types import Choice, Relation, Span

_AT_ONCE = 1_000


@dataclass(slots=True)
class Layers:
    """The spans, relations and choices of a revision, in the order its rows are shown in."""

    spans: list[Span] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)


def read_layers(session: Session, revisions: Sequence[int]) -> dict[int, Layers]:
    """What each of these revisions says."""
    found: defaultdict[int, Layers] = defaultdict(Layers)
    for ids in _portions(revisions):
        spans = session.execute(
            select(
                SpanRow.revision_id, SpanRow.region, SpanRow.layer, SpanRow.label,
                SpanRow.start, SpanRow.end, SpanRow.attrs,
            )
            .where(SpanRow.revision_id.in_(ids))
            .order_by(SpanRow.revision_id, SpanRow.start, SpanRow.end, SpanRow.region)
        )  # fmt: skip
        for revision, *span in spans:
            found[revision].spans.append(Span(*span))
        relations = session.execute(
            select(
                RelationRow.revision_id, RelationRow.from_region, RelationRow.to_region,
                RelationRow.label,
            )
            .where(RelationRow.revision_id.in_(ids))
            .order_by(RelationRow.revision_id, RelationRow.n)
        )  # fmt: skip
        for revision, *relation in relations:
            found[revision].relations.append(Relation(*relation))
        choices = session.execute(
            select(ChoiceRow.revision_id, ChoiceRow.layer, ChoiceRow.values)
            .where(ChoiceRow.revision_id.in_(ids))
            .order_by(ChoiceRow.revision_id, ChoiceRow.layer)
        )
        for revision, layer, values in choices:
            found[revision].choices.append(Choice(layer, tuple(values)))
    return found


def _portions(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for at in range(0, len(ids), _AT_ONCE):
        yield ids[at : at + _AT_ONCE]
