"""All places of a term as a file, read a page at a time while it is sent."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from flask import Response

from app.extensions import Store
from app.queries.term_contexts import Context, find_contexts
from app.views.spreadsheet import harmless
from app.views.terms_page import Asked

_AT_ONCE = 500
_COLUMNS = (
    *("article", "passage", "start", "end", "left", "match", "right", "voice", "state"),
    *("outlet", "published", "form", "labels", "by", "settled", "accepted", "rejected"),
)


def as_csv(store: Store, asked: Asked) -> Response:
    """One row a place; texts that a spreadsheet would take for a formula are made texts again."""

    def lines() -> Iterator[str]:
        yield _line(_COLUMNS)
        for one in _contexts(store, asked):
            told = context_data(one)
            yield _line([_cell(told[name]) for name in _COLUMNS])

    return _file(lines(), "text/csv", "term.csv")


def as_json(store: Store, asked: Asked) -> Response:
    """The answer of ``terms show``, with more about each place."""

    def parts() -> Iterator[str]:
        total = 0
        yield f'{{"term": {json.dumps(asked.term)}, "forms": {json.dumps(asked.forms)}'
        yield ', "occurrences": ['
        for one in _contexts(store, asked):
            yield ("," if total else "") + "\n" + json.dumps(context_data(one), ensure_ascii=False)
            total += 1
        yield f'], "total": {total}}}\n'

    return _file(parts(), "application/json", "term.json")


def context_data(one: Context) -> dict[str, Any]:
    """A place as JSON."""
    found, told = one.found, one.told
    return {
        "article": one.article,
        "passage": one.passage,
        "start": found.start,
        "end": found.end,
        "left": found.left,
        "match": found.match,
        "right": found.right,
        "voice": told.voice,
        "state": told.state,
        "outlet": one.outlet,
        "published": one.published_at.isoformat() if one.published_at else None,
        "form": one.form,
        "labels": list(told.labels),
        "by": list(told.by),
        "settled": told.settled or None,
        "accepted": list(told.accepted),
        "rejected": list(told.rejected),
    }


def _contexts(store: Store, asked: Asked) -> Iterator[Context]:
    after: int | None = 0
    while after is not None:
        with store.reading() as session:
            page = find_contexts(session, asked.forms, asked.choice, after=after, limit=_AT_ONCE)
        yield from page.rows
        after = page.next


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        value = "; ".join(value)
    return harmless(value)


def _line(cells: Any) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue()


def _file(parts: Iterator[str], mimetype: str, name: str) -> Response:
    answer = Response(parts, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
