"""CSV: one article a row, under a header that names the columns.

The bytes are cut into cells before they are decoded (commas, quotes and line ends are the same
in every encoding that is not two bytes wide, and those are turned into UTF-8 first), so that
one cell in a wrong encoding costs one row and not the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from labeling.errors import TextError
from labeling.text.decode import decode_bytes
from labeling.text.readers.found import NAMES, Item, ReadOptions, Refused
from labeling.text.readers.lines import as_utf8, lines_of
from labeling.text.readers.rows import no_words, places_of, row_item

_DELIMITERS = (b",", b";", b"\t", b"|")
_LONGEST_HEADER = 1 << 16
_END = b"\r\n"


class _BrokenError(Exception):
    """A row that cannot be cut into cells. ``lost``: nor can any after it."""

    def __init__(self, reason: str, *, lost: bool) -> None:
        super().__init__(reason)
        self.lost = lost


@dataclass(slots=True)
class _Cells:
    """Cuts the rows of a CSV, each bounded; ``next`` gives None at the end of the file."""

    file: BinaryIO
    most: int
    columns: int
    delimiter: bytes = b","
    _lines: Iterator[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self._lines = self._whole_lines()

    def _whole_lines(self) -> Iterator[bytes]:
        for line in lines_of(self.file, self.most):
            # What is too long is given one byte longer than allowed, and refused by whoever asks.
            yield line.data if line.whole else line.data + b"\0"

    def header(self) -> list[bytes]:
        """Cut the first row by whichever delimiter cuts it best."""
        line = next(self._lines, b"")
        if len(line) > _LONGEST_HEADER:
            raise _BrokenError("it is too long to be a header.", lost=True)
        self.delimiter = max(_DELIMITERS, key=lambda mark: _marks(line, mark))
        return self._cut(line, _LONGEST_HEADER)

    def next(self) -> list[bytes] | None:
        """Cut the next row that is not blank."""
        for line in self._lines:
            if line.strip(_END):
                return self._cut(line, self.columns)
        return None

    def _cut(self, line: bytes, most_cells: int) -> list[bytes]:
        if len(line) > self.most:
            lost = line.count(b'"') % 2 == 1
            raise _BrokenError(f"it is longer than an article may be ({self.most:,}).", lost=lost)
        cells: list[bytes] = []
        at = 0
        while True:
            if line.startswith(b'"', at):
                cell, line, at = self._quoted(line, at + 1)
            else:
                cell = b""
            end = line.find(self.delimiter, at)
            if end < 0:
                cells.append(cell + line[at:].rstrip(_END))
                return cells
            cells.append(cell + line[at:end])
            at = end + 1
            if len(cells) >= most_cells:
                lost = line.count(b'"', at) % 2 == 1
                raise _BrokenError(f"it has more than {most_cells:,} cells.", lost=lost)

    def _quoted(self, line: bytes, at: int) -> tuple[bytes, bytes, int]:
        """Read to the mark that ends a quoted cell, over as many lines as it takes.

        Returns:
            The cell, the line it ended in, and where in it.
        """
        cell = bytearray()
        while True:
            end = line.find(b'"', at)
            cell += line[at:] if end < 0 else line[at:end]
            if len(cell) > self.most:
                raise _BrokenError("a quote is opened in it that is not closed.", lost=True)
            if end < 0:
                more = next(self._lines, None)
                if more is None:
                    raise _BrokenError("a quote is opened in it that is not closed.", lost=True)
                line, at = more, 0
            elif line.startswith(b'"', end + 1):
                cell += b'"'
                at = end + 2
            else:
                return bytes(cell), line, end + 1


def read_csv(file: BinaryIO, source: str, options: ReadOptions) -> Iterator[Item]:
    """Read the articles of a CSV; a row that cannot be used is refused by its number.

    Commas, semicolons, tabs and bars part cells. Row 1 is the header.
    """
    row = 1
    try:
        for row, cells in _rows(file, source, options):
            yield cells if isinstance(cells, Refused) else _item(cells, source, row, options)
    except UnicodeDecodeError as err:
        reason = f"row {row + 1}: it is not {err.encoding}. No row after it was read."
        yield Refused(source, row + 1, reason)


@dataclass(frozen=True, slots=True)
class _Row:
    places: dict[str, int]
    columns: int
    cells: list[bytes]


def _rows(
    file: BinaryIO, source: str, options: ReadOptions
) -> Iterator[tuple[int, _Row | Refused]]:
    reader = _Cells(
        as_utf8(file, options.encoding), options.limits.article_bytes, options.limits.columns
    )
    try:
        header = [_decoded(cell, "row 1") for cell in reader.header()]
        places = _columns(header, options)
    except (_BrokenError, TextError) as err:
        yield 1, Refused(source, 1, f"row 1: {err}")
        return
    row = 1
    while True:
        row += 1
        try:
            cells = reader.next()
        except _BrokenError as err:
            lost = " No row after it was read." if err.lost else ""
            yield row, Refused(source, row, f"row {row}: {err}{lost}")
            if err.lost:
                return
            continue
        if cells is None:
            return
        yield row, _Row(places, len(header), cells)


def _columns(header: Sequence[str], options: ReadOptions) -> dict[str, int]:
    """Field to the number of its column.

    Raises:
        _BrokenError: the header cannot be used.
    """
    if len(header) > options.limits.columns:
        most = options.limits.columns
        raise _BrokenError(f"it names {len(header):,} columns, more than {most}.", lost=True)
    named = [name.strip().casefold() for name in header]
    places = places_of(header, options.columns)
    if "text" not in places and "html" not in places:
        raise _BrokenError(no_words(header), lost=True)
    for name in places.values():
        if named.count(name.strip().casefold()) > 1:
            raise _BrokenError(f"it names the column {name.strip()!r} twice.", lost=True)
    return {field: named.index(name.strip().casefold()) for field, name in places.items()}


def _item(row: _Row, source: str, number: int, options: ReadOptions) -> Item:
    if len(row.cells) > row.columns:
        reason = f"it has {len(row.cells):,} cells, but the header names {row.columns} columns."
        return Refused(source, number, f"row {number}: {reason}")
    size = sum(map(len, row.cells))
    if size > options.limits.article_bytes:
        most = options.limits.article_bytes
        return Refused(source, number, f"row {number}: it is longer than allowed ({most:,}).")
    try:
        values = {
            field: _decoded(row.cells[at], f"row {number}: {field}")
            for field, at in row.places.items()
            if at < len(row.cells)
        }
    except TextError as err:
        return Refused(source, number, err.message)
    return row_item(source, number, values)


def _decoded(cell: bytes, where: str) -> str:
    return decode_bytes(cell, source=where)[0]


def _marks(line: bytes, mark: bytes) -> tuple[bool, int]:
    """How well a delimiter cuts a header: whether a known name comes out, and how many cells."""
    cells = [cell.strip(b' "\r\n').lower() for cell in line.split(mark)]
    known = {name.encode() for names in NAMES.values() for name in names}
    return any(cell in known for cell in cells), len(cells)
