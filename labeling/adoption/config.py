"""A label config that was not written for Copydesk: which text it shows, what it asks.

Nothing of it is refused as long as it shows a text: what cannot be read is named, and the
answers given to it are set aside later, one by one.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labeling.errors import SchemeError
from labeling.scheme import ANSWER_TAGS, SPAN_TAGS, option_text, read_elements

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from labeling.scheme import Element

SPANS = "spans"
PLAIN_TEXT = "Text"
# In the order of preference: only the first has offsets that count in the task's own text.
_TEXT_TAGS = (PLAIN_TEXT, "HyperText", "Paragraphs")
# Where Label Studio puts the text of a task that was imported as a bare line.
_NAMELESS = "$undefined$"
_KEY = re.compile(r"\$([^\s$]+)")
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Control:
    """A control whose answers can be read.

    ``kind`` is "spans" or the form of the answer; ``asked_for`` names the span controls that
    a per-region question belongs to (none: all of them).
    """

    name: str
    kind: str
    targets: tuple[str, ...]
    options: tuple[str, ...]
    per_region: bool = False
    multiple: bool = False
    asked_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextObject:
    """The object that shows the text which spans are marked in."""

    name: str
    tag: str
    key: str
    is_address: bool = False


@dataclass(frozen=True, slots=True)
class ForeignConfig:
    """A label config, read as far as it can be.

    ``objects`` and ``unreadable`` give the tag of each object shown, and of each control of
    a kind that is not known here.
    """

    text: TextObject
    controls: Mapping[str, Control]
    objects: Mapping[str, str]
    unreadable: Mapping[str, str]
    relations: tuple[str, ...]


def read_config(config_xml: str) -> ForeignConfig:
    """Read any label config that shows a text.

    Raises:
        SchemeError: it is not XML, or it shows no text.
    """
    elements = read_elements(config_xml)
    controls = {el.name: _control(el, elements) for el in elements if el.is_control and el.name}
    unreadable = {
        el.name: el.tag
        for el in elements
        if el.name and not el.is_control and el.attrs.get("toName")
    }
    shown = [
        el
        for el in elements
        if el.name and el.name not in controls and el.name not in unreadable and "value" in el.attrs
    ]
    return ForeignConfig(
        text=_text_object(shown, controls),
        controls=controls,
        objects={el.name: el.tag for el in shown},
        unreadable=unreadable,
        relations=tuple(
            dict.fromkeys(
                el.attrs["value"]
                for el in elements
                if el.tag == "Relation" and el.attrs.get("value")
            )
        ),
    )


def text_in(data: Mapping[str, Any], shown: TextObject) -> tuple[str, str]:
    """The text of a task.

    Args:
        data: the task's data.
        shown: the object that shows the text.

    Returns:
        The text exactly as it stands there and an empty reason, or no text and why there is none.
    """
    if shown.is_address:
        return "", "the config shows the text at an address, so the text is not in the task"
    found = _look_up(data, shown.key)
    if type(found) is int:
        found = str(found)
    if found is None:
        return "", f"the task's data has no {shown.key}, which the config shows as its text"
    if not isinstance(found, str):
        return "", f"{shown.key} in the task's data is not a text"
    if not found:
        return "", f"{shown.key} in the task's data is empty"
    if _NOT_STORABLE.search(found):
        return "", f"{shown.key} in the task's data holds a NUL or half a character"
    return found, ""


def _control(element: Element, elements: Sequence[Element]) -> Control:
    spans = element.tag in SPAN_TAGS
    kind = SPANS if spans else ANSWER_TAGS[element.tag]
    multiple = {
        "choices": element.attrs.get("choice") == "multiple",
        "taxonomy": True,
        "textarea": element.attrs.get("maxSubmissions") != "1",
    }.get(kind, False)
    return Control(
        name=element.name,
        kind=kind,
        targets=tuple(element.attrs.get("toName", "").split(",")),
        options=_options(element, elements),
        per_region=element.is_per_region and not spans,
        multiple=multiple,
        asked_for=_asked_for(element, elements),
    )


def _options(control: Element, elements: Sequence[Element]) -> tuple[str, ...]:
    tag = "Label" if control.tag in SPAN_TAGS else "Choice"
    return tuple(
        dict.fromkeys(
            option_text(element, control)
            for element in elements
            if element.tag == tag
            and next((above for above in element.ancestors() if above.is_control), None) is control
        )
    )


def _asked_for(element: Element, elements: Sequence[Element]) -> tuple[str, ...]:
    spans = {el.name for el in elements if el.tag in SPAN_TAGS}
    for asker in (element, *element.ancestors()):
        names = asker.attrs.get("whenTagName", "").split(",")
        if found := tuple(name for name in names if name in spans):
            return found
    return ()


def _text_object(shown: Sequence[Element], controls: Mapping[str, Control]) -> TextObject:
    """The text that most span controls aim at; plain text before anything else."""
    aims = Counter(
        target for one in controls.values() if one.kind == SPANS for target in one.targets
    )
    found = [element for element in shown if element.tag in _TEXT_TAGS]
    if not found:
        raise SchemeError(
            "the label config shows no text, so there is nothing that can be adopted",
            remedy='Only projects with a <Text name="…" value="$…"/> can be adopted.',
        )
    best = min(found, key=lambda el: (_TEXT_TAGS.index(el.tag), -aims[el.name], el.line))
    key = _KEY.search(best.attrs["value"])
    return TextObject(
        name=best.name,
        tag=best.tag,
        key=key[1] if key else best.attrs["value"],
        is_address=best.attrs.get("valueType", best.attrs.get("valuetype")) == "url",
    )


def _look_up(data: Mapping[str, Any], key: str) -> Any:
    if key in data:
        return data[key]
    found: Any = data
    for step in key.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return data.get(_NAMELESS) if found is None else found
