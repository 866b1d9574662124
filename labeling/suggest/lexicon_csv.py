"""Term banks as CSV files: read with the row of every fault, written so that they read back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from labeling.suggest.lexicon_terms import Term, TermError, make_term

# The columns of a file, and the fields of a term they fill.
COLUMNS = {
    "id": "key",
    "surface": "surface",
    "variants": "variants",
    "pos": "part",
    "case": "case",
    "type": "type",
    "topic": "topic",
    "leans": "leans",
    "about": "about",
    "neutral_alternatives": "alternatives",
    "note": "note",
    "mirror_of": "mirror_of",
    "status": "status",
}
REQUIRED = ("surface", "topic")
_LISTS = frozenset({"variants", "neutral_alternatives"})
MOST_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that was set aside: its number in the file (the header is row 1), and why."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class TermFile:
    """What a file holds: its good terms, and the rows that were set aside.

    ``columns`` are the fields that the file speaks of; it leaves the others as they are.
    """

    terms: tuple[Term, ...]
    faults: tuple[RowFault, ...]
    columns: frozenset[str]


def read_terms(data: bytes, *, source: str) -> TermFile:
    """Read a term bank from a CSV file; one bad row never stops the others.

    Args:
        data: the file, in UTF-8.
        source: its name, for messages.

    Raises:
        TermError: the file as a whole cannot be read, or its header is not what it must be.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise TermError(f"{source}: the file is not UTF-8.", remedy="Save it as UTF-8.") from err
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    header = _header(reader, source)
    terms: dict[str, Term] = {}
    faults: list[RowFault] = []
    for row, found in _rows(reader, header):
        if isinstance(found, str):
            faults.append(RowFault(row, found))
        elif found.key in terms:
            faults.append(RowFault(row, f"row {row}: the id {found.key!r} stands above already."))
        else:
            terms[found.key] = found
    fields = frozenset(COLUMNS[name] for name in header) | {"key"}
    return TermFile(tuple(terms.values()), tuple(faults), fields)


def write_terms(terms: Iterable[Term]) -> str:
    """Write a term bank as CSV; ``read_terms`` reads the same terms back."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for term in terms:
        row = {column: getattr(term, field) for column, field in COLUMNS.items()}
        writer.writerow({**row, **{name: "; ".join(row[name]) for name in _LISTS}})
    return out.getvalue()


def _header(reader: csv.DictReader[str], source: str) -> tuple[str, ...]:
    try:
        names = tuple(reader.fieldnames or ())
    except csv.Error as err:
        raise TermError(f"{source}: row 1 cannot be read: {err}.", remedy="Mend row 1.") from err
    unknown = [name for name in names if name not in COLUMNS]
    missing = [name for name in REQUIRED if name not in names]
    if unknown or missing or len(set(names)) != len(names):
        what = (
            f"has no column {', '.join(missing)}"
            if missing
            else f"names {', '.join(repr(name[:40]) for name in unknown[:5]) or 'a column twice'}"
        )
        raise TermError(
            f"{source}: row 1 {what}.", remedy="It may name: " + ", ".join(COLUMNS) + "."
        )
    return names


def _rows(reader: csv.DictReader[str], header: tuple[str, ...]) -> Iterator[tuple[int, Term | str]]:
    for row in range(2, MOST_ROWS + 2):
        try:
            cells = next(reader, None)
        except csv.Error as err:
            # Within quotes that are still open nobody knows where the next row begins.
            yield row, f"row {row}: it cannot be read: {err}. No row after it was read."
            return
        if cells is None:
            return
        yield row, _term_of(row, cells, header)
    yield MOST_ROWS + 2, f"row {MOST_ROWS + 2}: a term bank has room for {MOST_ROWS:,} terms."


def _term_of(row: int, cells: dict[str, str | None], header: tuple[str, ...]) -> Term | str:
    if None in cells or any(cells[name] is None for name in header):
        return f"row {row}: it has more or fewer cells than the header names columns."
    values: dict[str, object] = {}
    for name in header:
        cell = (cells[name] or "").strip()
        parts = tuple(part for one in cell.split(";") if (part := one.strip()))
        values[COLUMNS[name]] = parts if name in _LISTS else cell
    try:
        return make_term(values)
    except TermError as err:
        return f"row {row}: {err.message}"
