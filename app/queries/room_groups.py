"""The groups of a passage as a reviewer works on them: what was said, and what was decided. Pure.

Versions that say the same are one option, whoever gave them; options stand in the order of the
annotators' letters, which tell nothing of who is who.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from labeling.agreement.groups import Kind
from labeling.decisions import ADDED, Decision, SpanEdit, Verdict, majority_version
from labeling.review import Conflict, version_content

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Option:
    """Versions that say the same. ``values`` answers a question about the whole passage.

    ``links`` are relations as label and text; ``most`` where more than half say this.
    """

    letters: tuple[str, ...]
    label: str
    start: int
    end: int
    text: str
    attrs: Mapping[str, Any]
    links: tuple[tuple[str, str], ...]
    values: tuple[str, ...]
    most: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class RoomGroup:
    """A group with its options and where it stands.

    ``state`` is open, agreed, accepted, rejected, edited or added. ``span`` is the one a
    reviewer wrote; ``values`` the answer they gave. ``links`` are the relations that begin
    here as they stand, by label and the key of the group they lead to.
    """

    n: int
    key: str
    layer: str
    kind: str
    differs: tuple[str, ...]
    label: str
    start: int
    end: int
    text: str
    options: tuple[Option, ...]
    absent: tuple[str, ...]
    state: str
    reason: str = ""
    bulk: bool = False
    span: SpanEdit | None = None
    values: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()

    @property
    def is_question(self) -> bool:
        """Whether it is about the whole passage."""
        return self.end == 0

    @property
    def is_settled(self) -> bool:
        """Whether nothing of it is open."""
        return self.state != "open"

    @property
    def gold(self) -> SpanEdit | None:
        """The span that counts as it stands; None for none, or while that is open."""
        if self.state in ("open", "rejected") or self.is_question:
            return None
        if self.span is not None:
            return self.span
        chosen = self.chosen
        return None if chosen is None else SpanEdit(chosen.label, chosen.start, chosen.end)

    @property
    def chosen(self) -> Option | None:
        """The option that counts, else the one most gave, else the first."""
        wanted = [one for one in self.options if one.chosen]
        wanted += [one for one in self.options if one.most]
        return next(iter([*wanted, *self.options]), None)


def make_groups(
    conflicts: Sequence[Conflict],
    decided: Mapping[str, Decision],
    letters: Mapping[str, str],
    text: str,
    *,
    led: bool,
    contested: Collection[str] = (),
    proposals: Mapping[str, Decision] | None = None,
) -> tuple[RoomGroup, ...]:
    """The groups of a passage, numbered; those a reviewer added come last.

    Args:
        conflicts: what the annotators said.
        decided: the decisions in force, by group.
        letters: annotator → letter.
        text: the passage.
        led: whether majorities are shown.
        contested: groups that two reviewers settled otherwise; they are open, whatever
            annotators say.
        proposals: what one of the two added, by group; it waits to be kept or taken out.
    """
    homes = _homes(conflicts)
    known = {conflict.key for conflict in conflicts}
    groups = [
        _group(n, conflict, decided.get(conflict.key), letters, text, homes, led=led)
        for n, conflict in enumerate(conflicts, 1)
    ]
    groups = [
        _reopened(group) if group.key in contested and group.key not in decided else group
        for group in groups
    ]
    for key, decision in sorted(decided.items(), key=lambda item: item[1].seq):
        added = key.startswith(ADDED) and key not in known
        if added and decision.span is not None and decision.verdict is not Verdict.REJECT:
            groups.append(_added(len(groups) + 1, key, decision, decision.span, text))
    for key, decision in sorted((proposals or {}).items()):
        if key not in decided and decision.span is not None:
            group = _added(len(groups) + 1, key, decision, decision.span, text)
            groups.append(replace(group, state="open", reason=""))
    return tuple(groups)


def _reopened(group: RoomGroup) -> RoomGroup:
    """The group with nothing chosen in it: reviewers differ, and none of them is right yet."""
    options = tuple(replace(option, chosen=False) for option in group.options)
    return replace(group, state="open", options=options)


def _homes(conflicts: Sequence[Conflict]) -> dict[tuple[str, str], str]:
    """Which group holds a region of an annotator."""
    return {
        (str(one["annotator"]), one["region"]): conflict.key
        for conflict in conflicts
        for one in conflict.versions
        if "region" in one
    }


def _group(
    n: int,
    conflict: Conflict,
    decision: Decision | None,
    letters: Mapping[str, str],
    text: str,
    homes: Mapping[tuple[str, str], str],
    *,
    led: bool,
) -> RoomGroup:
    options = _options(conflict, decision, letters, text, led=led)
    return RoomGroup(
        n=n,
        key=conflict.key,
        layer=conflict.layer,
        kind=conflict.kind.value,
        differs=tuple(kind.value for kind in conflict.differs),
        label=conflict.label,
        start=conflict.start,
        end=conflict.end,
        text=text[conflict.start : conflict.end],
        options=options,
        absent=tuple(sorted(letters.get(one, "?") for one in conflict.absent)),
        state=_state(conflict, decision),
        reason=decision.reason if decision else "",
        bulk=bool(decision and decision.bulk),
        span=decision.span if decision else None,
        values=_values(options, decision),
        links=_links(conflict, decision, homes),
    )


def _state(conflict: Conflict, decision: Decision | None) -> str:
    if decision is None:
        return "agreed" if conflict.kind is Kind.AGREED else "open"
    words = {Verdict.REJECT: "rejected", Verdict.EDIT: "edited"}
    return words.get(decision.verdict, "accepted")


def _values(options: Sequence[Option], decision: Decision | None) -> tuple[str, ...]:
    if decision is not None and decision.values is not None:
        return decision.values
    return next((one.values for one in options if one.chosen), ())


def _options(
    conflict: Conflict,
    decision: Decision | None,
    letters: Mapping[str, str],
    text: str,
    *,
    led: bool,
) -> tuple[Option, ...]:
    alike: dict[str, list[Mapping[str, Any]]] = {}
    for version in sorted(conflict.versions, key=lambda one: _letter(one, letters)):
        alike.setdefault(version_content(version), []).append(version)
    majority = majority_version(conflict)
    agreed = conflict.kind is Kind.AGREED
    found = []
    for said in alike.values():
        names = [str(one["annotator"]) for one in said]
        chosen = _is_chosen(said[0], names, decision, majority, agreed=agreed)
        most = (led or agreed) and majority in names
        found.append(_option(said[0], [letters.get(n, "?") for n in names], text, most, chosen))
    return tuple(found)


def _is_chosen(
    version: Mapping[str, Any],
    names: Sequence[str],
    decision: Decision | None,
    majority: str | None,
    *,
    agreed: bool,
) -> bool:
    if decision is None:
        return agreed and (majority is None or majority in names)
    if decision.verdict is not Verdict.ACCEPT:
        return False
    if decision.values is not None:
        return sorted(decision.values) == sorted(version.get("values", ()))
    return (decision.version or majority) in names


def _option(
    version: Mapping[str, Any], letters: Sequence[str], text: str, most: bool, chosen: bool
) -> Option:
    start, end = version.get("start", 0), version.get("end", 0)
    links = [
        (link["label"], text[link["start"] : link["end"]]) for link in version.get("links", ())
    ]
    return Option(
        letters=tuple(letters),
        label=version.get("label", ""),
        start=start,
        end=end,
        text=text[start:end],
        attrs=version.get("attrs", {}),
        links=tuple(links),
        values=tuple(version.get("values", ())),
        most=most,
        chosen=chosen,
    )


def _letter(version: Mapping[str, Any], letters: Mapping[str, str]) -> tuple[int, str]:
    letter = letters.get(str(version["annotator"]), "?")
    return len(letter), letter


def _links(
    conflict: Conflict, decision: Decision | None, homes: Mapping[tuple[str, str], str]
) -> tuple[tuple[str, str], ...]:
    """The relations that begin here: those a reviewer drew, else those of the version."""
    if decision is not None and decision.verdict is Verdict.REJECT:
        return ()
    if decision is not None and decision.links is not None:
        return tuple((link.label, link.to) for link in decision.links)
    wanted = (decision.version if decision else None) or majority_version(conflict)
    for version in conflict.versions:
        if str(version["annotator"]) == wanted:
            ends = [
                (link["label"], homes.get((str(wanted), link["region"]), ""))
                for link in version.get("links", ())
            ]
            return tuple((label, to) for label, to in ends if to)
    return ()


def _added(n: int, key: str, decision: Decision, span: SpanEdit, text: str) -> RoomGroup:
    return RoomGroup(
        n=n,
        key=key,
        layer=decision.layer,
        kind="added",
        differs=(),
        label=span.label,
        start=span.start,
        end=span.end,
        text=text[span.start : span.end],
        options=(),
        absent=(),
        state="added",
        reason=decision.reason,
        span=span,
        links=tuple((link.label, link.to) for link in decision.links or ()),
    )
