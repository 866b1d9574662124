"""Conflicts: what a reviewer is shown of a passage, one group of versions at a time.

Everything here is light: pages read the conflicts that were made when revisions arrived.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from labeling.agreement.comparison import ChoiceGroup, Comparison
from labeling.agreement.groups import Group, Kind, Member
from labeling.types import Span

KEY_CHARS = 16


@dataclass(frozen=True, slots=True)
class Conflict:
    """One group of versions, ready to be kept.

    Args:
        layer: the control's name.
        key: names the group within the passage as long as the same annotators mark the same
            bounds with the same labels there; a decision cites it.
        kind: the gravest difference, ``differs`` all of them; agreed groups are kept too.
        label: what most of them say.
        start, end: where the first version begins and the last one ends; 0 and 0 for a
            question about the whole passage.
        versions: one object an annotator who marked something, in their order: ``annotator``,
            ``region``, ``start``, ``end``, ``label``, ``attrs``, ``links`` (``label``,
            ``region``, ``start``, ``end``); for a question ``annotator`` and ``values``.
        absent: the annotators who answered the passage and marked nothing here.
    """

    layer: str
    key: str
    kind: Kind
    differs: tuple[Kind, ...]
    label: str
    start: int
    end: int
    versions: tuple[dict[str, Any], ...]
    absent: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label or answer in it once, in order; empty text where somebody has none."""
        said = {
            str(version["label"]) if "label" in version else " + ".join(sorted(version["values"]))
            for version in self.versions
        }
        return tuple(sorted(said | ({""} if self.absent else set())))


def conflicts_of(comparison: Comparison) -> tuple[Conflict, ...]:
    """The conflicts of a passage, agreed groups among them, in the order of a reviewer's work.

    Spans come first, by where they begin; then the questions about the whole passage.
    """
    spans = sorted(comparison.groups, key=lambda group: (group.start, group.end, group.layer))
    found = [_of_spans(group) for group in spans]
    found.extend(_of_choice(group) for group in comparison.choices)
    return tuple(_with_own_keys(found))


def version_content(version: Mapping[str, Any]) -> str:
    """What makes two versions the same, whoever gave them."""
    if "values" in version:
        return repr(sorted(version["values"]))
    links = sorted((link["label"], link["start"], link["end"]) for link in version["links"])
    attrs = sorted((name, repr(value)) for name, value in version["attrs"].items())
    return repr((version["start"], version["end"], version["label"], attrs, links))


def _of_spans(group: Group) -> Conflict:
    return Conflict(
        layer=group.layer,
        key=_key(group.layer, [_identity(member) for member in group.members]),
        kind=group.kind,
        differs=group.differs,
        label=group.label,
        start=group.start,
        end=group.end,
        versions=tuple(_version(member) for member in group.members),
        absent=group.absent,
    )


def _of_choice(group: ChoiceGroup) -> Conflict:
    differs = () if group.kind is Kind.AGREED else (group.kind,)
    return Conflict(
        layer=group.layer,
        key=_key(group.layer, []),
        kind=group.kind,
        differs=differs,
        label=group.label,
        start=0,
        end=0,
        versions=tuple(
            {"annotator": name, "values": list(values)}
            for name, values in sorted(group.values.items())
        ),
        absent=group.absent,
    )


def _version(member: Member) -> dict[str, Any]:
    span = member.span
    return {
        "annotator": member.annotator,
        **_place(span),
        "label": span.label,
        "attrs": dict(span.attrs),
        "links": [{"label": link.label, **_place(link.target)} for link in member.links],
    }


def _place(span: Span) -> dict[str, Any]:
    return {"region": span.id, "start": span.start, "end": span.end}


def _identity(member: Member) -> str:
    span = member.span
    return f"{member.annotator}\0{span.start}\0{span.end}\0{span.label}"


def _key(layer: str, parts: Sequence[str]) -> str:
    said = "\0\0".join([layer, *parts])
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:KEY_CHARS]


def _with_own_keys(conflicts: Sequence[Conflict]) -> list[Conflict]:
    """Number the keys of groups that say the very same, as a span marked twice does."""
    seen: dict[str, int] = {}
    numbered = []
    for conflict in conflicts:
        n = seen[conflict.key] = seen.get(conflict.key, 0) + 1
        again = n > 1
        numbered.append(replace(conflict, key=f"{conflict.key}-{n}") if again else conflict)
    return numbered
