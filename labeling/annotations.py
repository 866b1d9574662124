"""Read what Label Studio says an annotator did, trusting nothing.

The server checks nothing of an annotation: whatever was posted comes back. So every item of
a result ends in exactly one place: a span, an attribute of a span, a relation, a choice, or
set aside with the reason in plain words. Nothing raises and nothing is dropped.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import reprlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from labeling.scheme import MAX_LABEL_CHARS, path_text
from labeling.types import Choice, ParsedAnnotation, Relation, SetAside, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Container, Sequence

    from labeling.types import Attribute, Layer, Scheme

    Item = dict[Any, Any]

_GARBLED = re.compile(r"\\[nrt]|\s")
"""White space, and the literal backslash-n that Label Studio writes for a line end."""

_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half a character: JSON can say it, but no file or database can hold it."""

_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode

_ANSWER_KEYS = {"textarea": "text"}
"""Where an answer stands in an item's value, when that is not under the item's type."""


def parse_result(
    result: Sequence[Any], text: str, scheme: Scheme, *, accepted: Collection[int] = ()
) -> ParsedAnnotation:
    """Read one annotation's result.

    A region marked in several layers, or with several labels in one, gives a span for each:
    the first keeps the region's id, the others get ``~2``, ``~3``… A relation between such
    regions is kept between spans of the same layer, where there are any.

    Args:
        result: the ``result`` list of an annotation, as the server sent it.
        text: the passage as it was pushed; offsets count its code points.
        scheme: the scheme version the lane was made with.
        accepted: items, by their index, that a person took as they are: a label that the
            scheme does not offer, and a text that differs, no longer keep them out.

    Returns:
        Spans, relations and choices in the order of the result, and what was set aside.
    """
    reading = _Reading(text, scheme, accepted)
    answers: list[tuple[int, Item]] = []
    relations: list[tuple[int, Item]] = []
    for index, item in enumerate(result):
        if not isinstance(item, dict):
            reason = f"a result holds objects, not {_show(item)}"
            reading.set_aside.append(SetAside(index, "bad_item", reason, item))
        elif item.get("type") == "relation":
            relations.append((index, item))
        elif not reading.attempt(_Reading.read_region_or_choice, index, item):
            reading.lost.add(_key(item.get("id")))
        elif item["from_name"] in reading.controls.attributes:
            answers.append((index, item))
    # Both may stand before the region they are about.
    for index, item in answers:
        reading.attempt(_Reading.read_attribute, index, item)
    for index, item in relations:
        reading.attempt(_Reading.read_relation, index, item)
    return ParsedAnnotation(
        spans=tuple(reading.spans.values()),
        relations=tuple(reading.relations),
        choices=tuple(reading.choices.values()),
        set_aside=tuple(sorted(reading.set_aside, key=lambda aside: aside.index)),
        attributes=len(reading.answered),
    )


def content_sha(result: Sequence[Any], was_cancelled: bool) -> str:
    """Tell revisions apart by what they say.

    The order of an object's keys does not matter, the order of the items does: Label Studio
    keeps it, and a listing that reordered items would be worth noticing.

    Args:
        result: the ``result`` list, as the server sent it.
        was_cancelled: whether the annotator skipped the task.

    Returns:
        A sha256 in hexadecimal.
    """
    return hashlib.sha256(_canonical([list(result), was_cancelled]).encode("ascii")).hexdigest()


class _Unreadable(Exception):  # noqa: N818 - not a failure: it ends in a SetAside
    """Why an item is set aside."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


class _AnyLabel:
    """Contains every label that there is room for."""

    def __contains__(self, label: object) -> bool:
        return (
            isinstance(label, str)
            and 0 < len(label) <= MAX_LABEL_CHARS
            and "\0" not in label
            and not _SURROGATE.search(label)
        )


_ANY_LABEL = _AnyLabel()


class _Controls:
    """A scheme by the names of its controls."""

    def __init__(self, scheme: Scheme) -> None:
        self.layers: dict[str, Layer] = {layer.name: layer for layer in scheme.layers}
        self.attributes: dict[str, Attribute] = {}
        self.asked: set[tuple[str, str]] = set()
        for layer in scheme.layers:
            for attribute in layer.attributes:
                self.attributes[attribute.name] = attribute
                self.asked.add((layer.name, attribute.name))


@lru_cache(maxsize=64)
def _controls(scheme: Scheme) -> _Controls:
    return _Controls(scheme)


class _Reading:
    """What was read of one result so far."""

    def __init__(self, text: str, scheme: Scheme, accepted: Collection[int]) -> None:
        self.text = text
        self.accepted = accepted
        self.relation_labels = scheme.relations
        self.controls = _controls(scheme)
        self.spans: dict[str, Span] = {}
        self.attrs: dict[str, dict[str, Any]] = {}
        self.regions: dict[str, list[Span]] = {}
        self.lost: set[str] = set()
        self.marked: set[tuple[str, str]] = set()
        self.answered: set[tuple[str, str]] = set()
        self.relations: list[Relation] = []
        self.choices: dict[str, Choice] = {}
        self.set_aside: list[SetAside] = []

    def attempt(self, turn: Callable[[_Reading, int, Item], None], index: int, item: Item) -> bool:
        """Let ``turn`` read an item, or set the item aside; say whether it was read."""
        try:
            turn(self, index, item)
        except _Unreadable as why:
            self.set_aside.append(SetAside(index, why.kind, why.reason, item))
            return False
        return True

    def read_region_or_choice(self, index: int, item: Item) -> None:
        name = item.get("from_name")
        if not isinstance(name, str) or not (
            name in self.controls.layers or name in self.controls.attributes
        ):
            raise _Unreadable("unknown_control", f"the scheme has no control {_show(name)}")
        layer = self.controls.layers.get(name)
        if layer is None:
            return
        if layer.kind == "spans":
            self._read_region(index, item, layer)
        elif layer.name in self.choices:
            raise _Unreadable("bad_item", f"{layer.name} is answered a second time")
        else:
            offered = self._offered(index, layer.labels)
            answers = _answers(item, _word(item.get("type")), offered)
            self.choices[layer.name] = Choice(layer.name, tuple(str(answer) for answer in answers))

    def _read_region(self, index: int, item: Item, layer: Layer) -> None:
        value = _value(item)
        start, end = _offsets(value, len(self.text))
        if index not in self.accepted:
            _check_slice(value.get("text"), self.text[start:end])
        labels = _labels(item, value, layer.name, self._offered(index, layer.labels))
        region = _key(item.get("id")) or f"#{index}"
        if (region, layer.name) in self.marked:
            raise _Unreadable(
                "bad_item", f"the region {_show(region)} is there twice in {layer.name}"
            )
        self.marked.add((region, layer.name))
        for label in labels:
            span_id = self._free_id(region)
            # The span keeps this very dict, which the answers about its region fill later.
            attrs = self.attrs[span_id] = {}
            span = Span(span_id, layer.name, label, start, end, attrs)
            self.spans[span_id] = span
            self.regions.setdefault(region, []).append(span)

    def _offered(self, index: int, offered: Sequence[str]) -> Container[object]:
        """What an item may answer; once a person took it as it is, anything that fits."""
        return _ANY_LABEL if index in self.accepted else offered

    def _free_id(self, region: str) -> str:
        span_id, n = region, 1
        while span_id in self.spans:
            n += 1
            span_id = f"{region}~{n}"
        return span_id

    def read_attribute(self, index: int, item: Item) -> None:
        name = item["from_name"]
        attribute = self.controls.attributes[name]
        region = _key(item.get("id"))
        spans = [
            span
            for span in self.regions.get(region, ())
            if (span.layer, name) in self.controls.asked
        ]
        if not spans:
            raise _Unreadable("dangling_attribute", f"{name} answers for {self._missing(region)}")
        if (region, name) in self.answered:
            raise _Unreadable("bad_item", f"{name} is answered twice for one region")
        answer = _attribute_answer(item, attribute, self._offered(index, attribute.values))
        self.answered.add((region, name))
        for span in spans:
            self.attrs[span.id][name] = answer

    def _missing(self, region: str) -> str:
        if region in self.regions:
            return f"the region {_show(region)}, for which it is not asked"
        if not region:
            return "no region"
        fate = "was set aside itself" if region in self.lost else "is not there"
        return f"the region {_show(region)}, which {fate}"

    def read_relation(self, index: int, item: Item) -> None:
        ends = [_key(item.get("from_id")), _key(item.get("to_id"))]
        for region in ends:
            if region not in self.regions:
                raise _Unreadable("dangling_relation", f"a relation links {self._missing(region)}")
        source, target = self._ends(*ends)
        pairs = {
            "right": [(source, target)],
            "left": [(target, source)],
            "bi": [(source, target), (target, source)],
        }.get(_word(item.get("direction") or "right"))
        if pairs is None:
            raise _Unreadable(
                "bad_item", f"a relation has the direction {_show(item['direction'])}"
            )
        offered = self._offered(index, self.relation_labels)
        for label in _relation_labels(item.get("labels"), self.relation_labels, offered):
            self.relations.extend(Relation(start, end, label) for start, end in pairs)

    def _ends(self, source: str, target: str) -> tuple[str, str]:
        """The spans a relation means: of regions marked in several layers, those of one layer."""
        pairs = [(one, two) for one in self.regions[source] for two in self.regions[target]]
        start, end = next((pair for pair in pairs if pair[0].layer == pair[1].layer), pairs[0])
        return start.id, end.id


def _show(value: object) -> str:
    """Quote a value in a reason, shortened: it may be of any size."""
    return reprlib.repr(value)


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def _key(value: object) -> str:
    """A region's id as text; empty for none. Some clients number their regions."""
    if isinstance(value, str):
        return value
    return str(value) if type(value) is int and abs(value) < 10**18 else ""


def _value(item: Item) -> Item:
    value = item.get("value")
    if not isinstance(value, dict):
        raise _Unreadable("bad_item", f"the value is {_show(value)}, not an object")
    return value


def _offsets(value: Item, length: int) -> tuple[int, int]:
    start, end = value.get("start"), value.get("end")
    # A bool is an int in Python, and 3.0 == 3: neither is an offset.
    if type(start) is not int or type(end) is not int:
        raise _Unreadable(
            "bad_offsets", f"start {_show(start)} and end {_show(end)} are not whole numbers"
        )
    if not 0 <= start < end <= length:
        raise _Unreadable(
            "bad_offsets",
            f"start {_show(start)} and end {_show(end)} mark no stretch of a passage of "
            f"{length} characters",
        )
    return start, end


def _check_slice(said: object, found: str) -> None:
    if said is None or said == found:
        return
    if not isinstance(said, str) or _GARBLED.sub("", said) != _GARBLED.sub("", found):
        raise _Unreadable(
            "text_mismatch", f"Label Studio says {_show(said)} where the passage has {_show(found)}"
        )


def _labels(item: Item, value: Item, layer: str, offered: Container[object]) -> list[str]:
    labels = value.get(_word(item.get("type")), value.get("labels"))
    if not isinstance(labels, list) or not labels:
        raise _Unreadable("unknown_label", f"the region in {layer} has no label")
    _check_known(labels, offered, layer)
    return list(dict.fromkeys(labels))


def _check_known(answers: Sequence[object], known: Container[object], name: object) -> None:
    for answer in answers:
        if answer not in known:
            raise _Unreadable("unknown_label", f"{_show(name)} offers no {_show(answer)}")


def _attribute_answer(item: Item, attribute: Attribute, offered: Container[object]) -> object:
    answers = _answers(item, attribute.kind, offered)
    if attribute.multiple:
        return answers
    if len(answers) > 1:
        raise _Unreadable("bad_item", f"{attribute.name} takes one answer and has {len(answers)}")
    return answers[0]


def _answers(item: Item, kind: str, known: Container[object]) -> Sequence[str | int | float]:
    answer = _value(item).get(_ANSWER_KEYS.get(kind, kind))
    read = _number if kind in ("rating", "number") else _text
    answers = [read(one) for one in (answer if isinstance(answer, list) else [answer])]
    if not answers:
        raise _Unreadable("bad_item", f"{_show(item.get('from_name'))} has no answer")
    if known:
        _check_known(answers, known, item.get("from_name"))
    return answers


def _number(answer: object) -> int | float:
    if type(answer) is int or (isinstance(answer, float) and math.isfinite(answer)):
        return answer
    raise _Unreadable("bad_item", f"{_show(answer)} is not a number")


def _text(answer: object) -> str:
    """One answer as text; a taxonomy's path becomes one text, too."""
    if isinstance(answer, list) and answer and all(isinstance(step, str) for step in answer):
        answer = path_text(answer)
    if not isinstance(answer, str) or _SURROGATE.search(answer):
        raise _Unreadable("bad_item", f"{_show(answer)} is not an answer in words")
    return answer


def _relation_labels(labels: object, known: Sequence[str], offered: Container[object]) -> list[str]:
    if labels is None or labels == []:
        # Label Studio asks for a label only afterwards, in a side panel. Where the scheme
        # knows one relation, drawing the line can only have meant that one.
        return list(known) if len(known) == 1 else [""]
    if not isinstance(labels, list):
        raise _Unreadable("bad_item", f"the labels of a relation are {_show(labels)}")
    _check_known(labels, offered, "the scheme's relation")
    return list(dict.fromkeys(labels))
