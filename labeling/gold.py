"""Gold: what the decisions on a passage add up to, each span with how it was settled.

It is computed from the conflicts and the decisions alone, so it can be computed again at any
time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from labeling.agreement.groups import Kind
from labeling.decisions import ADDED, Decision, Link, SpanEdit, Verdict, majority_version, overrides
from labeling.review import Conflict
from labeling.suggest.voice import Voices
from labeling.types import Block, Choice, Relation, Span

VOICE = "voice"


class Settled(StrEnum):
    """How a gold span came about; it travels into every dataset."""

    UNANIMOUS = "unanimous"
    MAJORITY = "majority"
    CHOSEN = "chosen"
    EDITED = "edited"
    ADDED = "added"
    SINGLE = "single"


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """A span of the gold: ``voice`` only in layers that know one, ``decision`` its seq or 0."""

    span: Span
    settled: Settled
    group: str
    decision: int = 0
    voice: str | None = None


@dataclass(frozen=True, slots=True)
class Gold:
    """What was settled of a passage. ``open`` are the groups still without a decision."""

    spans: tuple[GoldSpan, ...] = ()
    relations: tuple[Relation, ...] = ()
    choices: tuple[Choice, ...] = ()
    settled: Mapping[str, Settled] = field(default_factory=dict)
    open: tuple[str, ...] = ()


def gold_of(
    conflicts: Sequence[Conflict],
    decided: Mapping[str, Decision],
    blocks: Sequence[Block] = (),
    contested: Collection[str] = (),
) -> Gold:
    """Add decisions up.

    Agreed groups count as accepted until somebody says otherwise. A decision about a group
    that is no longer there does not count: its group was remade, and is open again.

    Args:
        conflicts: the passage's groups.
        decided: the decisions in force, by group.
        blocks: the passage's roles, for the voice of loaded terms.
        contested: groups that need a decision, whatever annotators say: two reviewers
            settled them otherwise.

    Returns:
        The gold as it stands, with what is still open.
    """
    settling = _Settling(decided, contested)
    for conflict in conflicts:
        settling.settle(conflict)
    for group, decision in sorted(decided.items()):
        if group.startswith(ADDED) and decision.span is not None:
            settling.add(group, decision)
    for group in sorted(contested):
        if group.startswith(ADDED) and group not in decided:
            settling.leave(group)
    return settling.gold(blocks)


class _Settling:
    """Groups settled so far, and which gold span stands for which annotator's region."""

    def __init__(self, decided: Mapping[str, Decision], contested: Collection[str]) -> None:
        self._decided = decided
        self._contested = contested
        self._spans: dict[str, GoldSpan] = {}
        self._of_region: dict[tuple[str, str], str] = {}
        self._links: list[tuple[str, Sequence[Link], Sequence[tuple[str, str, str]]]] = []
        self._choices: dict[str, Choice] = {}
        self._settled: dict[str, Settled] = {}
        self._open: list[str] = []

    def settle(self, conflict: Conflict) -> None:
        decision = self._decided.get(conflict.key)
        agreed = conflict.kind is Kind.AGREED and conflict.key not in self._contested
        if decision is None and not agreed:
            self.leave(conflict.key)
        elif decision is None or decision.verdict is not Verdict.REJECT:
            if conflict.versions and "values" in conflict.versions[0]:
                self._settle_choice(conflict, decision)
            else:
                self._settle_span(conflict, decision)

    def leave(self, group: str) -> None:
        self._open.append(group)

    def add(self, group: str, decision: Decision) -> None:
        edit = decision.span
        if edit is not None and decision.verdict is not Verdict.REJECT:
            span = _span(group, decision.layer, edit)
            self._spans[group] = GoldSpan(span, Settled.ADDED, group, decision.seq)
            self._links.append((group, decision.links or (), ()))

    def gold(self, blocks: Sequence[Block]) -> Gold:
        spans = sorted(self._spans.values(), key=_order)
        voices = Voices([one.span for one in spans], blocks)
        return Gold(
            spans=tuple(_with_voice(one, voices) for one in spans),
            relations=tuple(sorted(set(self._relations()), key=_relation_order)),
            choices=tuple(self._choices[layer] for layer in sorted(self._choices)),
            settled=dict(sorted(self._settled.items())),
            open=tuple(self._open),
        )

    def _settle_choice(self, conflict: Conflict, decision: Decision | None) -> None:
        values = decision.values if decision is not None else None
        if values is None:
            values = tuple(_version(conflict, decision)["values"])
        else:
            edited = overrides(values, conflict)
            self._settled[conflict.layer] = Settled.EDITED if edited else Settled.CHOSEN
        self._choices[conflict.layer] = Choice(conflict.layer, values)
        self._settled.setdefault(conflict.layer, _settled(conflict, decision))

    def _settle_span(self, conflict: Conflict, decision: Decision | None) -> None:
        version = _version(conflict, decision)
        group = conflict.key
        edit = decision.span if decision is not None else None
        if edit is None:
            edit = SpanEdit(version["label"], version["start"], version["end"], version["attrs"])
            settled = _settled(conflict, decision)
        else:
            settled = Settled.EDITED
        span = _span(group, conflict.layer, edit)
        self._spans[group] = GoldSpan(span, settled, group, decision.seq if decision else 0)
        for one in conflict.versions:
            self._of_region[str(one["annotator"]), one["region"]] = group
        drawn = decision.links if decision is not None else None
        own = [(str(version["annotator"]), x["region"], x["label"]) for x in version["links"]]
        self._links.append((group, drawn or (), own if drawn is None else ()))

    def _relations(self) -> Iterable[Relation]:
        for group, drawn, own in self._links:
            ends = [(link.to, link.label) for link in drawn]
            ends += [
                (self._of_region.get((annotator, region), ""), label)
                for annotator, region, label in own
            ]
            for to, label in ends:
                if to in self._spans:
                    yield Relation(self._spans[group].span.id, self._spans[to].span.id, label)


def _settled(conflict: Conflict, decision: Decision | None) -> Settled:
    if conflict.kind is Kind.AGREED:
        return Settled.UNANIMOUS if len(conflict.versions) > 1 else Settled.SINGLE
    return Settled.MAJORITY if decision is not None and decision.bulk else Settled.CHOSEN


def _version(conflict: Conflict, decision: Decision | None) -> Mapping[str, Any]:
    wanted = decision.version if decision is not None else None
    for version in conflict.versions:
        if str(version["annotator"]) == (wanted or majority_version(conflict)):
            return version
    return conflict.versions[0]


def _span(group: str, layer: str, edit: SpanEdit) -> Span:
    # The group's own name would do, but for characters that other programs' ids may not hold.
    identity = "g" + hashlib.sha256(group.encode()).hexdigest()[:12]
    return Span(identity, layer, edit.label, edit.start, edit.end, dict(edit.attrs))


def _with_voice(one: GoldSpan, voices: Voices) -> GoldSpan:
    """A term's voice: what people said of it, else what the quotations around it say."""
    if one.span.label != "LOADED_TERM":
        return one
    said = one.span.attrs.get(VOICE)
    first = said[0] if isinstance(said, list | tuple) and said else said
    voice = str(first) if first else voices.of(one.span.start, one.span.end).value
    return replace(one, voice=voice)


def _order(one: GoldSpan) -> tuple[int, int, str, str, str]:
    span = one.span
    return span.start, span.end, span.layer, span.label, span.id


def _relation_order(relation: Relation) -> tuple[str, str, str]:
    return relation.from_id, relation.to_id, relation.label
