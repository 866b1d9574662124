"""What is common to files with an article in each row: names of fields, and what they may hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from labeling.text.readers.found import NAMES, Form, Found, Item, Refused

_SURROGATE = re.compile(r"[\ud800-\udfff]")
_FEW = 12


def places_of(header: Iterable[str], columns: Mapping[str, str]) -> dict[str, str]:
    """Say which name of a header holds which field.

    Args:
        header: the names as the file gives them.
        columns: what was said about them; it goes before the usual names.

    Returns:
        Field to name; fields that the file does not have are left out.
    """
    known = {name.strip().casefold(): name for name in reversed(list(header))}
    places = {}
    for field, names in NAMES.items():
        wanted = (columns[field].strip().casefold(),) if field in columns else names
        found = next((known[name] for name in wanted if name in known), None)
        if found is not None:
            places[field] = found
    return places


def no_words(header: Iterable[str]) -> str:
    """Say that no name of a header is known to hold the article."""
    names = [name.strip()[:40] for name in header]
    listed = ", ".join(repr(name) for name in names[:_FEW]) + (", …" if len(names) > _FEW else "")
    wanted = ", ".join(NAMES["text"] + NAMES["html"])
    return (
        f"it names nothing that holds the article's text (looked for {wanted}; "
        f"there is {listed or 'nothing'}). Say which with: --map text=NAME"
    )


def row_item(source: str, row: int, values: Mapping[str, str]) -> Item:
    """Make an item of the fields of a row.

    Args:
        source: the file.
        row: the row's number.
        values: field to text.
    """
    kept = {field: value for field, value in values.items() if value.strip()}
    for field, value in kept.items():
        if lone := _SURROGATE.search(value):
            what = f"U+{ord(lone[0]):04X}, half of a character that was cut in two"
            return Refused(source, row, f"row {row}: {field} holds {what}.")
    text, html = kept.pop("text", None), kept.pop("html", None)
    words = text if text is not None else html
    if words is None:
        return Refused(source, row, f"row {row}: it has no text.")
    form = Form.TEXT if text is not None else Form.HTML
    fields = {field: value.strip() for field, value in kept.items()}
    return Found(source, row, form, words=words, fields=fields)
