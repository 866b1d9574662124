"""A scheme for adopted work: what the config offers and what annotators answered beyond it.

The scheme is written as a label config of our own form, so that everything that reads schemes
reads this one too. A label that was used although the config does not offer it is part of it:
carried, not dropped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeGuard
from xml.sax.saxutils import quoteattr

from labeling.adoption.config import SPANS
from labeling.errors import SchemeError
from labeling.scheme import (
    MAX_LABEL_CHARS,
    MAX_NAME_CHARS,
    TEXT_OBJECT,
    path_steps,
    path_text,
    read_scheme,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from labeling.adoption.config import Control, ForeignConfig
    from labeling.types import Scheme

# In characters, for all words beyond the config; what has no room is set aside.
ROOM_FOR_FOUND = 200_000
MAX_CHOICE_CHARS = 1_000
_MARKUP_CHARS = 40
_CHOSEN = ("choices", "taxonomy")
_ILLEGAL = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_VARIABLE = re.compile(r"\$[A-Za-z_]")
_UNSAFE = re.compile(r"[^\w .:-]")
_TAGS = {
    "choices": "Choices",
    "taxonomy": "Taxonomy",
    "textarea": "TextArea",
    "rating": "Rating",
    "number": "Number",
    "datetime": "DateTime",
}


@dataclass(slots=True)
class Found:
    """What a config's controls were answered with, beyond what they offer."""

    foreign: ForeignConfig
    options: dict[str, dict[str, None]] = field(default_factory=dict)
    several: set[str] = field(default_factory=set)
    relations: dict[str, None] = field(default_factory=dict)
    room: int = ROOM_FOR_FOUND

    def note(self, result: Sequence[Any]) -> None:
        """Look at one annotation's result."""
        for item in result:
            if not isinstance(item, dict):
                continue
            if item.get("type") == "relation":
                self._note_relation(item)
            elif isinstance(name := item.get("from_name"), str):
                control = self.foreign.controls.get(name)
                if control is not None:
                    self._note_answer(item, control)

    def _note_relation(self, item: dict[str, Any]) -> None:
        labels = item.get("labels")
        if isinstance(labels, list):
            self._keep(labels, SPANS, self.foreign.relations, self.relations)

    def _note_answer(self, item: dict[str, Any], control: Control) -> None:
        answers = answers_of(item, control)
        if len(answers) > 1:
            self.several.add(control.name)
        if control.kind == SPANS or control.kind in _CHOSEN:
            known = self.options.setdefault(control.name, {})
            self._keep(answers, control.kind, control.options, known)

    def _keep(
        self, words: Sequence[Any], kind: str, offered: Sequence[str], found: dict[str, None]
    ) -> None:
        for word in words:
            if not isinstance(word, str) or word in offered or word in found:
                continue
            room = self.room - len(word) - _MARKUP_CHARS
            if room >= 0 and is_writable(word, kind):
                self.room = room
                found[word] = None


@dataclass(frozen=True, slots=True)
class AdoptedScheme:
    """The scheme, the config it was read from, and the layer of each foreign control."""

    scheme: Scheme
    config: str
    foreign: ForeignConfig
    layers: Mapping[str, str]


def adopted_scheme(foreign: ForeignConfig, found: Found) -> AdoptedScheme:
    """Write the scheme of adopted work.

    Raises:
        SchemeError: the config has nothing that can be kept as a scheme.
    """
    layers = _layer_names(list(foreign.controls))
    config = _write(foreign, layers, found)
    try:
        scheme = read_scheme(config)
    except SchemeError:
        # Too many words were found: then those the config itself does not offer are set aside.
        config = _write(foreign, layers, Found(foreign))
        scheme = read_scheme(config)
    return AdoptedScheme(scheme, config, foreign, layers)


def stored_scheme(foreign: ForeignConfig, config: str) -> AdoptedScheme:
    """The scheme of work that was adopted before, from its own config and the one it had."""
    return AdoptedScheme(read_scheme(config), config, foreign, _layer_names(list(foreign.controls)))


def answers_of(item: Mapping[str, Any], control: Control) -> list[Any]:
    """What a result item answers, as a list; a path of a taxonomy is one text."""
    value = item.get("value")
    if not isinstance(value, dict):
        return []
    if control.kind == SPANS:
        return labels_of(item, value)
    answer = value.get("text" if control.kind == "textarea" else control.kind)
    answers = answer if isinstance(answer, list) else [answer]
    return [path_text(one) if _is_path(one) else one for one in answers]


def labels_of(item: Mapping[str, Any], value: Mapping[str, Any]) -> list[Any]:
    """The labels of a region, wherever its kind of control writes them."""
    kind = item.get("type")
    keys = [kind] if isinstance(kind, str) else []
    keys += ["labels", *(key for key in value if key.endswith("labels"))]
    for key in keys:
        labels = value.get(key)
        if isinstance(labels, str):
            return [labels]
        if isinstance(labels, list) and labels:
            return labels
    return []


def is_writable(word: str, kind: str) -> bool:
    """Whether a word can stand in a label config as an option of this kind, unchanged."""
    most = MAX_LABEL_CHARS if kind == SPANS else MAX_CHOICE_CHARS
    steps = path_steps(word) if kind == "taxonomy" else [word]
    return (
        len(word) <= most
        and all(steps)
        and not _ILLEGAL.search(word)
        and not _VARIABLE.search(word)
    )


def _is_path(answer: object) -> TypeGuard[list[str]]:
    return isinstance(answer, list) and bool(answer) and all(isinstance(s, str) for s in answer)


def _layer_names(names: Sequence[str]) -> dict[str, str]:
    """The key of each control's layer: its own name, wherever a scheme can hold it."""
    layers: dict[str, str] = {}
    taken = {TEXT_OBJECT}
    for name in names:
        layer = _UNSAFE.sub("_", name)[: MAX_NAME_CHARS - 8] or "_"
        if len(name) <= MAX_NAME_CHARS and not _UNSAFE.search(name):
            layer = name
        base, n = layer, 1
        while layer in taken:
            n += 1
            layer = f"{base[: MAX_NAME_CHARS - 8]}_{n}"
        taken.add(layer)
        layers[name] = layer
    return layers


def _write(foreign: ForeignConfig, layers: Mapping[str, str], found: Found) -> str:
    lines = ["<View>"]
    relations = [*foreign.relations, *found.relations]
    if kept := [
        f"<Relation value={quoteattr(one)}/>" for one in relations if is_writable(one, SPANS)
    ]:
        lines.append(f"  <Relations>{''.join(kept)}</Relations>")
    lines.append(f'  <Text name="{TEXT_OBJECT}" value="${TEXT_OBJECT}"/>')
    for control in foreign.controls.values():
        lines += (f"  {line}" for line in _write_control(control, layers, found))
    return "\n".join([*lines, "</View>"]) + "\n"


def _write_control(control: Control, layers: Mapping[str, str], found: Found) -> list[str]:
    words = [*control.options, *found.options.get(control.name, ())]
    options = [word for word in dict.fromkeys(words) if is_writable(word, control.kind)]
    if not options and (control.kind == SPANS or control.kind in _CHOSEN):
        return []  # it offers nothing and was never answered
    name = f'name={quoteattr(layers[control.name])} toName="{TEXT_OBJECT}"'
    if control.kind == SPANS:
        labels = "".join(f"<Label value={quoteattr(word)}/>" for word in options)
        return [f"<Labels {name}>{labels}</Labels>"]
    tag = _TAGS[control.kind]
    attrs = name + _attrs(control, several=control.name in found.several)
    inside = "".join(_choices(options, control.kind))
    line = f"<{tag} {attrs}>{inside}</{tag}>"
    if not control.asked_for:
        return [line]
    asked = quoteattr(",".join(layers[one] for one in control.asked_for))
    return [f'<View visibleWhen="region-selected" whenTagName={asked}>', f"  {line}", "</View>"]


def _attrs(control: Control, *, several: bool) -> str:
    attrs = ' perRegion="true"' if control.per_region else ""
    multiple = control.multiple or several
    if control.kind == "choices":
        attrs += f' choice="{"multiple" if multiple else "single"}"'
    if control.kind == "textarea" and not multiple:
        attrs += ' maxSubmissions="1"'
    return attrs


def _choices(options: Sequence[str], kind: str) -> Iterator[str]:
    if kind != "taxonomy":
        yield from (f"<Choice value={quoteattr(word)}/>" for word in options)
        return
    tree: dict[str, Any] = {}
    for option in options:
        branch = tree
        for step in path_steps(option):
            branch = branch.setdefault(step, {})
    yield from _branches(tree)


def _branches(tree: Mapping[str, Any]) -> Iterator[str]:
    for step, below in tree.items():
        yield f"<Choice value={quoteattr(step)}>"
        yield from _branches(below)
        yield "</Choice>"
