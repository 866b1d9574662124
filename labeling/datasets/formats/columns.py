"""Canonical lines to Arrow columns and back, many at a time.

Reading and writing JSON record by record is what takes most of the time of a release. Here a
few thousand lines go through Arrow's own JSON reader at once, and come back column by column.
A line that comes back is the line that went in, to the byte.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING, Any, TypeVar

from labeling.datasets.formats.base import Facts, FormatError
from labeling.datasets.formats.parquet_schema import COLUMNS, arrow_schema, arrow_type

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")
AT_ONCE = 2_000
# Of a passage's columns these two stand on top in a table, where Hugging Face looks for them.
_ON_TOP = {"uid": "id", "text": "text"}
_PLAIN = [name for name in COLUMNS if name not in ("id", "text", "passage")]


_SPLIT = ',"split":'
_ATTRS = '"attrs":{"'
# An object of attributes with no brace within; a span's `end` always follows its attributes.
_SIMPLE = re.compile(r'"attrs":(\{"[^{}]*\})(?=,"end":[0-9])')


def chunks(lines: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """Lines in lists of so many."""
    chunk: list[T] = []
    for line in lines:
        chunk.append(line)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def split_of_line(line: str) -> str:
    """The part a canonical line belongs to, as files name it, without taking the line apart.

    Its keys are in order: after ``split`` there is only ``state``, and a quotation mark within
    a text has a backslash before it.
    """
    split, found, _ = line[line.rfind(_SPLIT) + len(_SPLIT) :].partition(',"state":')
    told = json.loads(split) if found else None
    return "all" if told is None else str(told)


def table_of(lines: Sequence[str]) -> pa.Table:
    """Canonical lines as a table of the Parquet schema.

    Raises:
        FormatError: a line is not a record.
    """
    import pyarrow as pa
    from pyarrow import json as reader

    data = "\n".join(map(_attrs_as_text, lines)).encode("utf-8")
    try:
        table = reader.read_json(
            pa.BufferReader(data),
            read_options=reader.ReadOptions(use_threads=False, block_size=len(data) + 1),
            parse_options=reader.ParseOptions(
                explicit_schema=_json_schema(), unexpected_field_behavior="error"
            ),
        )
    except pa.ArrowException as err:
        raise FormatError(f"not a record ({err}).") from err
    if table.num_rows != len(lines):
        raise FormatError(f"{table.num_rows} records were read of {len(lines)} lines.")
    passage = table.column("passage").combine_chunks()
    columns = {name: table.column(name) for name in _PLAIN}
    columns |= {top: passage.field(name) for name, top in _ON_TOP.items()}
    inner = COLUMNS["passage"]
    columns["passage"] = pa.StructArray.from_arrays(
        [passage.field(name) for name in inner], fields=list(arrow_type(inner))
    )
    schema = arrow_schema()
    return pa.table([columns[name] for name in schema.names], schema=schema)


def lines_of(batch: pa.RecordBatch) -> list[str]:
    """The rows of a table's batch as canonical lines."""
    columns = {name: batch.column(name) for name in batch.schema.names}
    passage = {name: columns["passage"].field(name) for name in COLUMNS["passage"]}
    passage |= {name: columns[top] for name, top in _ON_TOP.items()}
    parts = {name: _encoded(columns[name], name) for name in _PLAIN}
    parts["passage"] = _objects({name: _encoded(one, name) for name, one in passage.items()})
    return _objects(parts)


def facts_of(table: pa.Table | pa.RecordBatch) -> list[Facts]:
    """What is counted of each row."""
    import pyarrow.compute as pc

    article, gold = (_whole(table.column(name)) for name in ("article", "gold"))
    lengths = (
        pc.fill_null(pc.list_value_length(pc.struct_field(gold, name)), 0).to_pylist()
        for name in ("spans", "relations")
    )
    told = (pc.struct_field(article, name).to_pylist() for name in ("uid", "story", "cluster"))
    uids, splits = (_whole(table.column(name)).to_pylist() for name in ("id", "split"))
    return [Facts(*row) for row in zip(uids, splits, *told, *lengths, strict=True)]


def _whole(column: Any) -> Any:
    """A table's column in one piece; a batch's is in one piece already."""
    return column.combine_chunks() if hasattr(column, "combine_chunks") else column


def _json_schema() -> pa.Schema:
    """The columns as they stand in a line, before two of a passage's are put on top."""
    import pyarrow as pa

    passage = {**COLUMNS["passage"], "uid": "string", "text": "large_string"}
    kinds = {**{name: COLUMNS[name] for name in _PLAIN}, "passage": passage}
    return pa.schema([pa.field(name, arrow_type(kind)) for name, kind in kinds.items()])


def _attrs_as_text(line: str) -> str:
    """A line whose attributes, which may have any names, are texts of JSON instead of objects."""
    many = line.count(_ATTRS)
    told, found = _SIMPLE.subn(_as_text, line) if many else (line, 0)
    if found == many:
        return told.replace('"attrs":{}', '"attrs":"{}"')
    first, *rest = line.split('"attrs":{')
    parts = [first]
    for part in rest:
        end = _end_of_object(part)
        parts += ['"attrs":', quoted("{" + part[:end]), part[end:]]
    return "".join(parts)


def _as_text(match: re.Match[str]) -> str:
    return '"attrs":' + quoted(match.group(1))


def _end_of_object(text: str) -> int:
    """Where an object ends whose opening brace stands just before the text."""
    depth, at, inside = 1, 0, False
    while depth:
        if at >= len(text):
            raise FormatError("not a record (an object does not end).")
        sign = text[at]
        if inside:
            at += sign == "\\"
            inside = sign != '"'
        elif sign == '"':
            inside = True
        else:
            depth += (sign == "{") - (sign == "}")
        at += 1
    return at


def _encoded(array: pa.Array, name: str) -> list[str]:
    """The JSON of each value of a column."""
    import pyarrow.types as kinds

    if kinds.is_struct(array.type):
        children = {f.name: _encoded(array.field(f.name), f.name) for f in array.type}
        return _or_null(_objects(children), array)
    if kinds.is_list(array.type):
        return _lists(array, name)
    values = array.to_pylist()
    if name == "attrs":
        return ["null" if value is None else value for value in values]
    write: Any = (
        quoted if kinds.is_string(array.type) or kinds.is_large_string(array.type) else repr
    )
    return ["null" if value is None else write(value) for value in values]


def _objects(children: dict[str, list[str]]) -> list[str]:
    names = sorted(children)
    template = "{" + ",".join(f"{quoted(name)}:%s" for name in names) + "}"
    return list(map(template.__mod__, zip(*(children[name] for name in names), strict=True)))


def _lists(array: pa.Array, name: str) -> list[str]:
    inner = _encoded(array.flatten(), name)
    found, at = [], 0
    for length in array.value_lengths().to_pylist():
        if length is None:
            found.append("null")
        else:
            found.append("[" + ",".join(inner[at : at + length]) + "]")
            at += length
    return found


def _or_null(encoded: list[str], array: pa.Array) -> list[str]:
    if not array.null_count:
        return encoded
    there = array.is_valid().to_pylist()
    return [one if known else "null" for one, known in zip(encoded, there, strict=True)]
