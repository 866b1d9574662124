"""JSON Lines: one article a line, as an object."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from labeling.errors import TextError
from labeling.text.decode import decode_bytes
from labeling.text.readers.found import Item, ReadOptions, Refused
from labeling.text.readers.lines import Line, as_utf8, lines_of
from labeling.text.readers.rows import no_words, places_of, row_item

_DEEPEST = 64


def read_jsonl(file: BinaryIO, source: str, options: ReadOptions) -> Iterator[Item]:
    """Read the articles of a JSON Lines file; empty lines are passed over.

    A line that cannot be used is refused by its number, and the rest is read.
    """
    row = 0
    try:
        for row, line in enumerate(
            lines_of(as_utf8(file, options.encoding), options.limits.article_bytes), 1
        ):
            if line.data.strip():
                yield _item(line, source, row, options)
    except UnicodeDecodeError as err:
        reason = f"row {row + 1}: it is not {err.encoding}. No row after it was read."
        yield Refused(source, row + 1, reason)


def _item(line: Line, source: str, row: int, options: ReadOptions) -> Item:
    if not line.whole:
        most = options.limits.article_bytes
        return Refused(source, row, f"row {row}: it is longer than an article may be ({most:,}).")
    try:
        value = parse_json(decode_bytes(line.data, source=f"row {row}")[0])
    except (TextError, ValueError) as err:
        return Refused(source, row, f"row {row}: it cannot be read: {err}")
    return object_item(value, source, row, options.columns)


def object_item(value: Any, source: str, row: int, columns: Mapping[str, str]) -> Item:
    """Make an item of a JSON value, which must be an object with an article in it."""
    if not isinstance(value, dict):
        return Refused(source, row, f"row {row}: it is not an object with an article in it.")
    places = places_of(value, columns)
    if "text" not in places and "html" not in places:
        return Refused(source, row, f"row {row}: {no_words(value)}")
    values = {}
    for field, name in places.items():
        text = _text_of(value[name])
        if text is None:
            kind = type(value[name]).__name__
            return Refused(source, row, f"row {row}: {name!r} is no text but a {kind}.")
        values[field] = text
    return row_item(source, row, values)


def _text_of(value: Any) -> str | None:
    """A value as the text of a field: names in a list are joined, a number is an id."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ", ".join(value)
    return None


def parse_json(text: str) -> Any:
    """Parse JSON strictly: no number that is none, no key twice, not nested beyond measure.

    Raises:
        ValueError: it cannot be used; the message says why.
    """
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("it is nested too deep.") from None
    except json.JSONDecodeError as err:
        raise ValueError(f"no JSON at character {err.pos} ({err.msg}).") from None
    if _deeper_than(value, _DEEPEST):
        raise ValueError("it is nested too deep.")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object.")
    return found


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number in JSON.")


def _deeper_than(value: Any, most: int) -> bool:
    level = [value]
    for _ in range(most):
        level = [
            below
            for one in level
            if isinstance(one, dict | list)
            for below in (one.values() if isinstance(one, dict) else one)
            if isinstance(below, dict | list)
        ]
        if not level:
            return False
    return True
