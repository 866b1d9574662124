"""Numbers in addresses, kept within what a row's id can be."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.routing import IntegerConverter, ValidationError

from app.extensions import LARGEST_ID


class RowId(IntegerConverter):
    """An id in a path; a number that no row can have leads nowhere (404)."""

    def to_python(self, value: str) -> int:
        """The number, unless it is too large: the store could not even look for it."""
        digits = value.lstrip("0")
        if len(digits) > len(str(LARGEST_ID)) or int(digits or 0) > LARGEST_ID:
            raise ValidationError
        return int(digits or 0)


def init_app(app: Flask) -> None:
    """Bound every ``<int:…>`` of the routes that are added after this."""
    app.url_map.converters["int"] = RowId


def read_after() -> int | None:
    """Where the page before ended, by ``?after=``; what cannot be such a number is ignored."""
    after = request.args.get("after", type=int)
    return after if after is not None and 0 <= after <= LARGEST_ID else None
