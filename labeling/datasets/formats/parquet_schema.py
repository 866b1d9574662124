"""The columns of our Parquet files, said once, for Arrow and for Hugging Face alike."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

# A text is a type, a dict a struct, a list of one a list.
_SPAN = {
    "id": "string",
    "layer": "string",
    "label": "string",
    "start": "int32",
    "end": "int32",
    "text": "string",
    "attrs": "string",
    "voice": "string",
    "origin": "string",
}
_RELATION = {"from": "string", "to": "string", "label": "string"}
_CHOICE = {"layer": "string", "values": ["string"]}
COLUMNS: dict[str, Any] = {
    "id": "string",
    "text": "large_string",
    "split": "string",
    "state": "string",
    "batch": "string",
    "scheme": {"name": "string", "version": "int32"},
    "article": {
        "uid": "string",
        "title": "string",
        "outlet": "string",
        "section": "string",
        "byline": "string",
        "published_at": "string",
        "url": "string",
        "language": "string",
        "story": "string",
        "cluster": "string",
    },
    "passage": {"start": "int32", "end": "int32", "role": "string", "text_sha": "string"},
    "gold": {
        "spans": [{**_SPAN, "settled": "string"}],
        "relations": [_RELATION],
        "choices": [{**_CHOICE, "settled": "string"}],
    },
    "annotations": [
        {
            "annotator": "string",
            "revision": "int32",
            "round": "int32",
            "state": "string",
            "lead_time": "float64",
            "spans": [_SPAN],
            "relations": [_RELATION],
            "choices": [_CHOICE],
            "set_aside": "int32",
        }
    ],
    "format": "string",
}


def arrow_schema() -> pa.Schema:
    """The Arrow schema, with the features that Hugging Face ``datasets`` reads from it."""
    import pyarrow as pa

    features = {"info": {"features": {name: _feature(kind) for name, kind in COLUMNS.items()}}}
    fields = [pa.field(name, arrow_type(kind)) for name, kind in COLUMNS.items()]
    return pa.schema(fields, metadata={"huggingface": json.dumps(features)})


def arrow_type(kind: Any) -> pa.DataType:
    """The Arrow type of a kind of ``COLUMNS``."""
    import pyarrow as pa

    if isinstance(kind, dict):
        return pa.struct([pa.field(name, arrow_type(inner)) for name, inner in kind.items()])
    if isinstance(kind, list):
        return pa.list_(arrow_type(kind[0]))
    types = {
        "string": pa.string(),
        "large_string": pa.large_string(),
        "int32": pa.int32(),
        "float64": pa.float64(),
    }
    return types[kind]


def _feature(kind: Any) -> dict[str, Any]:
    if isinstance(kind, dict):
        return {name: _feature(inner) for name, inner in kind.items()}
    if isinstance(kind, list):
        return {"feature": _feature(kind[0]), "_type": "List"}
    return {"dtype": kind, "_type": "Value"}
