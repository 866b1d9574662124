"""One annotation of adopted work: every item of it a span, a relation, an answer, or set aside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from labeling.adoption.config import PLAIN_TEXT, SPANS
from labeling.adoption.scheme import labels_of
from labeling.annotations import parse_result

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from labeling.adoption.config import Control
    from labeling.adoption.scheme import AdoptedScheme
    from labeling.types import ParsedAnnotation

    Item = dict[str, Any]


@dataclass(slots=True)
class ItemCounts:
    """How many items of results ended where; the sum is the number of all items."""

    spans: int = 0
    relations: int = 0
    attributes: int = 0
    choices: int = 0
    set_aside: int = 0

    def add(self, result: Sequence[Any], parsed: ParsedAnnotation) -> None:
        """Count what became of one annotation's items.

        Items are counted, not what was made of them: a region with two labels gives two spans.
        """
        aside = {one.index for one in parsed.set_aside}
        links = sum(
            index not in aside and isinstance(item, dict) and item.get("type") == "relation"
            for index, item in enumerate(result)
        )
        answers = parsed.attributes + len(parsed.choices)
        self.relations += links
        self.attributes += parsed.attributes
        self.choices += len(parsed.choices)
        self.set_aside += len(aside)
        self.spans += len(result) - len(aside) - links - answers

    @property
    def total(self) -> int:
        """All items."""
        return self.spans + self.relations + self.attributes + self.choices + self.set_aside


def read_result(
    result: Sequence[Any], text: str, adopted: AdoptedScheme, *, accepted: Collection[int] = ()
) -> ParsedAnnotation:
    """Read one annotation's result by the scheme of adopted work.

    Args:
        result: the ``result`` list, as the server wrote it.
        text: the task's text, as it stands in its data.
        adopted: the scheme that was made of the project's label config.
        accepted: the items that a person took as they are, by their place.

    Returns:
        What it says, under the names of the scheme; what was set aside is the item as it came.
    """
    refused: dict[int, tuple[str, str]] = {}
    items: list[Any] = []
    for index, item in enumerate(result):
        if not isinstance(item, dict) or item.get("type") == "relation":
            items.append(item)
            continue
        known, why = _translated(item, adopted)
        if why:
            refused[index] = why
        items.append(known)
    parsed = parse_result(items, text, adopted.scheme, accepted=accepted)
    asides = []
    for aside in parsed.set_aside:
        kind, reason = refused.get(aside.index, (aside.kind, aside.reason))
        asides.append(replace(aside, kind=kind, reason=reason, raw=result[aside.index]))
    return replace(parsed, set_aside=tuple(asides))


def _translated(item: Item, adopted: AdoptedScheme) -> tuple[Item, tuple[str, str] | None]:
    """The item in our scheme's words, or one that no scheme knows and why it is refused."""
    name = item.get("from_name")
    control = adopted.foreign.controls.get(name) if isinstance(name, str) else None
    if control is None:
        return {**item, "from_name": None}, _unknown(name, adopted)
    known = {**item, "from_name": adopted.layers[control.name]}
    if control.kind != SPANS:
        return {**known, "type": control.kind}, None
    if why := _elsewhere(item, control, adopted):
        return {**known, "from_name": None}, why
    value = item.get("value")
    if isinstance(value, dict):
        labels = labels_of(item, value)
        place = {key: _whole(value.get(key)) for key in ("start", "end")}
        known["value"] = {"text": value.get("text"), **place, "labels": labels}
    return {**known, "type": "labels"}, None


def _unknown(name: object, adopted: AdoptedScheme) -> tuple[str, str]:
    tag = adopted.foreign.unreadable.get(name) if isinstance(name, str) else None
    if tag is not None:
        return "unsupported", f"{name} is a <{tag}>, whose answers cannot be read"
    shown = repr(name)[:80]
    return "unknown_control", f"the label config has no control {shown}"


def _elsewhere(item: Item, control: Control, adopted: AdoptedScheme) -> tuple[str, str] | None:
    """Why a region is not marked in the text that was adopted."""
    main, objects = adopted.foreign.text, adopted.foreign.objects
    aim = item.get("to_name")
    if not isinstance(aim, str) or aim not in objects:
        aim = main.name if main.name in control.targets else control.targets[0]
    if aim != main.name:
        tag = objects.get(aim, "object")
        return "other_object", f"it marks the <{tag}> {aim!r}, not the text {main.name!r}"
    if main.tag != PLAIN_TEXT:
        return "unsupported", f"it marks a <{main.tag}>, whose places do not count in plain text"
    return None


def _whole(offset: object) -> object:
    """An offset as a whole number, where it is one: some tools write 12.0 for 12."""
    return int(offset) if isinstance(offset, float) and offset.is_integer() else offset
