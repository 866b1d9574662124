"""One passage compared: its groups, and the counts that all figures are made of.

Every figure of agreement is a function of sums over passages, so a passage's counts are kept
beside it and only those of a passage that changed are counted again. Counts are plain JSON.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labeling.agreement.answers import Answer
from labeling.agreement.groups import (
    Group,
    Kind,
    Laid,
    Link,
    Member,
    attribute_value,
    find_groups,
    lay_out,
    same_link,
    same_links,
)
from labeling.agreement.matching import score, span_key
from labeling.agreement.rules import Rules
from labeling.agreement.tokens import NO_SPAN, token_bounds, token_labels
from labeling.types import Layer, Scheme

VOICE = "voice"
"""The attribute that says whose words a span is in; where a layer asks it, it is a slice."""


@dataclass(frozen=True, slots=True)
class ChoiceGroup:
    """The answers to one question about the whole passage; ``values`` by annotator."""

    layer: str
    kind: Kind
    values: Mapping[str, tuple[str, ...]]
    absent: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The answer most gave; of equals the first by the alphabet."""
        counted = Counter(choice_value(value) for value in self.values.values())
        return min(counted, key=lambda value: (-counted[value], value))


@dataclass(frozen=True, slots=True)
class Comparison:
    """A passage's groups, and its counts by layer, as plain JSON."""

    groups: tuple[Group, ...]
    choices: tuple[ChoiceGroup, ...]
    counts: Mapping[str, dict[str, Any]]


def compare(answers: Sequence[Answer], text: str, scheme: Scheme, rules: Rules) -> Comparison:
    """Compare what annotators said of one passage, layer by layer.

    Args:
        answers: one answer an annotator, in any order; one alone is compared with nobody.
        text: the passage; spans count in it.
        scheme: the scheme version it was annotated with.
        rules: the scheme's rules of comparison.
    """
    answers = sorted(answers, key=lambda answer: answer.annotator)
    bounds = token_bounds(text) if len(answers) > 1 else ([], [])
    groups: list[Group] = []
    choices: list[ChoiceGroup] = []
    counts: dict[str, dict[str, Any]] = {}
    for layer in scheme.layers:
        if layer.kind == "spans":
            laid = lay_out(answers, layer)
            found = find_groups(answers, layer, rules, laid)
            groups.extend(found)
            counts[layer.name] = _count_spans(laid, layer, found, bounds, rules)
            continue
        chosen = _choice_group(answers, layer)
        counts[layer.name] = {"who": _names(answers), "said": {}}
        if chosen is not None:
            choices.append(chosen)
            said = {name: choice_value(value) for name, value in chosen.values.items()}
            counts[layer.name] |= {"said": said, "kind": chosen.kind.value}
    return Comparison(tuple(groups), tuple(choices), counts)


def choice_value(values: Sequence[str]) -> str:
    """An answer as one value: several at once are a value of their own, whatever their order."""
    return " + ".join(sorted(values))


def _choice_group(answers: Sequence[Answer], layer: Layer) -> ChoiceGroup | None:
    values = {
        answer.annotator: choice.values
        for answer in answers
        for choice in answer.choices
        if choice.layer == layer.name and choice.values
    }
    if not values:
        return None
    absent = tuple(answer.annotator for answer in answers if answer.annotator not in values)
    differ = len({choice_value(value) for value in values.values()}) > 1
    kind = Kind.MISSING if absent else Kind.LABEL if differ else Kind.AGREED
    return ChoiceGroup(layer.name, kind, values, absent)


def _count_spans(
    laid: Laid,
    layer: Layer,
    groups: Sequence[Group],
    bounds: tuple[list[int], list[int]],
    rules: Rules,
) -> dict[str, Any]:
    marks, pairings = laid
    labels = [token_labels(bounds, one.keys) for one in marks] if pairings else []
    seats = [{m.annotator: m for m in group.members} for group in groups] if pairings else []
    kinds: dict[str, dict[str, int]] = {}
    for group in groups:
        counted = kinds.setdefault(group.label, {})
        counted[group.kind.value] = counted.get(group.kind.value, 0) + 1
    pairs = []
    for (p, q), pairing in pairings.items():
        a, b = marks[p], marks[q]
        met = [(seat.get(a.annotator), seat.get(b.annotator)) for seat in seats]
        tokens = _table(zip(labels[p], labels[q], strict=True))
        counts = {"a": a.annotator, "b": b.annotator, "tokens": tokens}
        if a.keys and b.keys:
            counts |= score(a.keys, b.keys, pairing)._asdict()
        if a.keys or b.keys:
            counts |= _meetings([two for two in met if two != (None, None)], layer, rules)
        pairs.append(counts)
    return {
        "who": [one.annotator for one in marks],
        "marks": {one.annotator: dict(Counter(key[2] for key in one.keys)) for one in marks},
        "kinds": kinds,
        "pairs": pairs,
    }


def _meetings(
    met: Sequence[tuple[Member | None, Member | None]], layer: Layer, rules: Rules
) -> dict[str, Any]:
    """What two annotators' parts in the groups come to: labels, attributes, speakers, voices."""
    both = [(a, b) for a, b in met if a is not None and b is not None]
    counted: dict[str, Any] = {
        "met": _table((_label(a), _label(b)) for a, b in met),
        "attrs": {
            name: _table((_value(a, name), _value(b, name)) for a, b in both)
            for name in rules.counted(layer)
        },
    }
    if any(m is not None and m.links for pair in met for m in pair):
        counted |= _links(met, both)
    if any(attribute.name == VOICE for attribute in layer.attributes):
        counted["voices"] = _voices(met)
    return counted


def _links(
    met: Sequence[tuple[Member | None, Member | None]], both: Sequence[tuple[Member, Member]]
) -> dict[str, Any]:
    asked = [(a, b) for a, b in both if a.links or b.links]
    drawn = [sum(len(m.links) for m in side if m) for side in zip(*met, strict=True)]
    return {
        "speaker": [sum(map(_agree_on_links, asked)), len(asked)],
        "links": [sum(_shared(a.links, b.links) for a, b in asked), *drawn],
    }


def _agree_on_links(pair: tuple[Member, Member]) -> int:
    return int(same_links(pair[0].links, pair[1].links))


def _shared(one: Sequence[Link], two: Sequence[Link]) -> int:
    """How many relations two annotators both drew, each counted once."""
    left = list(two)
    shared = 0
    for link in one:
        twin = next((other for other in left if same_link(other, link)), None)
        if twin is not None:
            left.remove(twin)
            shared += 1
    return shared


def _voices(met: Sequence[tuple[Member | None, Member | None]]) -> dict[str, list[int]]:
    """By voice: how many spans of either stand in it, and how many of them have an exact twin."""
    found: dict[str, list[int]] = {}
    for a, b in met:
        twins = a is not None and b is not None and span_key(a.span) == span_key(b.span)
        for member in (a, b):
            if member is not None:
                tally = found.setdefault(_value(member, VOICE), [0, 0])
                tally[0] += twins
                tally[1] += 1
    return found


def _label(member: Member | None) -> str:
    return NO_SPAN if member is None else member.span.label


def _value(member: Member, name: str) -> str:
    """An attribute's answer as text; empty for none."""
    value = attribute_value(member.span.attrs.get(name))
    if value is None:
        return ""
    return choice_value(value) if isinstance(value, tuple) else str(value)


def _names(answers: Sequence[Answer]) -> list[str]:
    return [answer.annotator for answer in answers]


def _table(pairs: Any) -> list[list[Any]]:
    """How often each pair of values came, as JSON."""
    return [[a, b, n] for (a, b), n in sorted(Counter(pairs).items())]
