"""The passages of a batch as they stand, without a release: one file of JSON Lines."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from app.cli.output import Answer
from app.errors import InvalidInputError
from app.extensions import get_store
from app.queries.records import iter_records
from labeling.datasets.records import to_json_line


def export_batch(batch: str, out: Path) -> Answer:
    """Write the passages of a batch with everybody's annotations. Annotators are pseudonyms."""
    # A first look, so that an unknown batch leaves no folder behind.
    records = iter_records(get_store(), batch)
    first = next(records, None)
    path = out / f"{batch}.jsonl"
    lines, annotated, spans = 0, 0, 0
    digest = hashlib.sha256()
    with _whole_file(path) as file:
        record = first
        while record is not None:
            line = (to_json_line(record) + "\n").encode("utf-8")
            file.write(line)
            digest.update(line)
            lines += 1
            annotated += bool(record["annotations"])
            spans += sum(len(a["spans"]) for a in record["annotations"])
            record = next(records, None)
    data = {
        "batch": batch,
        "format": "jsonl",
        "release": None,
        "files": [str(path)],
        "records": lines,
        "annotated": annotated,
        "spans": spans,
        "sha256": digest.hexdigest(),
    }
    text = f"{lines} passages ({annotated} annotated, {spans} spans) in {path}\n"
    text += "This is the batch as it stands, not a release: it cannot be rebuilt or verified."
    return Answer(data, text)


@contextlib.contextmanager
def _whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name only when it is complete and on the disk."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as err:
        raise InvalidInputError(
            f"{path.parent} cannot be written to ({err.strerror}).", remedy="Choose another --out."
        ) from err
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
