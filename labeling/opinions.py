"""Two reviewers of one passage: where what they settled is not the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labeling.decisions import Decision
from labeling.gold import Gold
from labeling.review import Conflict

Content = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Opinions:
    """How a second look stands to the first.

    Args:
        differ: the groups that came out otherwise, in order.
        groups: how many groups were there to settle: those on which annotators differ, and
            those about which one of the two said something.
    """

    differ: tuple[str, ...]
    groups: int

    def as_json(self) -> dict[str, Any]:
        """As it is kept with the second gold."""
        return {"differ": list(self.differ), "groups": self.groups}


def compare_opinions(
    first: Gold,
    second: Gold,
    conflicts: Sequence[Conflict],
    decided: Iterable[Mapping[str, Decision]],
) -> Opinions:
    """Lay a second look beside the first.

    What came out is compared, not how: the same span accepted by one and written anew by the
    other is no difference.

    Args:
        first, second: what either came to.
        conflicts: the passage's groups.
        decided: the decisions in force of both.
    """
    keys = {one.layer: one.key for one in conflicts if _is_choice(one)}
    said = _said(first, keys), _said(second, keys)
    differ = {
        group
        for own, other in (said, said[::-1])
        for group, content in own.items()
        if content not in other.values()
    }
    contested = {one.key for one in conflicts if one.differs}
    contested.update(group for each in decided for group in each)
    return Opinions(tuple(sorted(differ)), len(contested | differ))


def agreed_decisions(
    first: Mapping[str, Decision], second: Mapping[str, Decision], differ: Iterable[str]
) -> dict[str, Decision]:
    """What two reviewers said of the groups that came out alike: it needs no third.

    Args:
        first, second: the decisions in force of either, by group.
        differ: the groups that came out otherwise.
    """
    contested = set(differ)
    both = {**second, **first}
    return {group: decision for group, decision in both.items() if group not in contested}


def _is_choice(conflict: Conflict) -> bool:
    return bool(conflict.versions) and "values" in conflict.versions[0]


def _said(gold: Gold, keys: Mapping[str, str]) -> dict[str, Content]:
    """What a gold says of each group: the span with the relations that begin there."""
    places = {one.span.id: _place(one.span) for one in gold.spans}
    found: dict[str, Content] = {}
    for one in gold.spans:
        links = sorted(
            (relation.label, places[relation.to_id])
            for relation in gold.relations
            if relation.from_id == one.span.id
        )
        attrs = sorted((name, _answers(value)) for name, value in one.span.attrs.items())
        found[one.group] = (*_place(one.span), repr(attrs), repr(links))
    for choice in gold.choices:
        found[keys.get(choice.layer, choice.layer)] = (choice.layer, *sorted(choice.values))
    return found


def _place(span: Any) -> Content:
    return span.layer, span.label, span.start, span.end


def _answers(value: Any) -> list[str]:
    return sorted(map(str, value)) if isinstance(value, list | tuple) else [str(value)]
