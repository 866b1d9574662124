"""The sha256 of a dataset's records, however they are written down.

It is made of the canonical lines, split by split and by uid within each, so that it can be
taken in one pass over the files as well as over the database.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from labeling.datasets.formats.base import SPLITS, Record, gold_of, split_of
from labeling.datasets.records import to_json_line


class LogicalHash:
    """Takes records in the order of their uids (within each split) and counts them.

    ``in_order`` turns False when a record comes out of turn or twice.
    """

    def __init__(self) -> None:
        self._hashes = {split: hashlib.sha256() for split in SPLITS}
        self._last: dict[str, str] = {}
        self.in_order = True
        self.records = 0
        self.spans = 0
        self.relations = 0
        self.splits: Counter[str] = Counter()

    def add(self, record: Record) -> None:
        """Take one record."""
        self.add_line(record, to_json_line(dict(record)).encode("utf-8"))

    def add_line(self, record: Record, line: bytes) -> None:
        """Take one record whose canonical line is known already."""
        gold = gold_of(record)
        self.add_facts(
            split_of(record), record["passage"]["uid"], line,
            spans=len(gold["spans"]), relations=len(gold["relations"]),
        )  # fmt: skip

    def add_facts(self, split: str, uid: str, line: bytes, *, spans: int, relations: int) -> None:
        """Take one record of which all that counts is known already."""
        if uid <= self._last.get(split, ""):
            self.in_order = False
        self._last[split] = uid
        self._hashes[split].update(line + b"\n")
        self.records += 1
        self.spans += spans
        self.relations += relations
        self.splits[split] += 1

    def hexdigest(self) -> str:
        """The sha256 of all records so far."""
        whole = hashlib.sha256()
        for split in SPLITS:
            whole.update(self._hashes[split].digest())
        return whole.hexdigest()

    def counts(self) -> dict[str, Any]:
        """Records, gold spans, relations, and records a split; splits without any left out."""
        return {
            "records": self.records,
            "spans": self.spans,
            "relations": self.relations,
            "splits": {split: self.splits[split] for split in SPLITS if self.splits[split]},
        }
