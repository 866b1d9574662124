"""Verify a dataset's folder from itself alone: no database, no network.

Every file is hashed, read again with its format's own reader and counted; where the format
keeps everything, the sha256 of the records is taken anew.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labeling.datasets.folder import MANIFEST, hash_file, read_manifest
from labeling.datasets.formats import format_info, load_format, load_whole
from labeling.datasets.formats.base import FormatError, Item
from labeling.datasets.logical import LogicalHash
from labeling.datasets.splits import find_leaks

SPAN_LOSSES = frozenset({"blank_span", "no_token", "overlap", "layer"})
"""The losses by which a format holds fewer spans than there are."""

_MOST_PROBLEMS = 100


@dataclass(slots=True)
class Verification:
    """What was found. ``problems`` have a kind, a path where there is one, and a message."""

    records: int = 0
    spans: int = 0
    problems: list[dict[str, str]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the folder is what its manifest says."""
        return not self.problems

    def add(self, kind: str, message: str, path: str = "") -> None:
        """Note a problem; beyond a hundred only the first are told."""
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append({"kind": kind, "path": path, "message": message})


def verify_folder(folder: Path) -> Verification:
    """Hold a folder against its manifest.

    Args:
        folder: where a dataset was exported to.

    Returns:
        What was counted, and every difference found, the first one first.

    Raises:
        FormatError: there is no manifest, or it cannot be read.
    """
    manifest = read_manifest(folder)
    found = Verification()
    _check_files(folder, manifest, found)
    try:
        if format_info(str(manifest.get("form"))).whole:
            _check_records(folder, manifest, found)
        else:
            _check_items(folder, manifest, found)
    except FormatError as err:
        found.add("unreadable", err.message)
    return found


def _check_files(folder: Path, manifest: dict[str, Any], found: Verification) -> None:
    named = {}
    for entry in manifest["files"]:
        path = folder / str(entry["path"])
        named[str(entry["path"])] = path
        if not path.is_file():
            found.add("missing", "The file is not there.", entry["path"])
            continue
        real = hash_file(path)
        if real.bytes != entry["bytes"]:
            message = f"{real.bytes} bytes instead of {entry['bytes']}."
            found.add("changed", message, entry["path"])
        elif real.sha256 != entry["sha256"]:
            found.add("changed", "Its sha256 is not the manifest's.", entry["path"])
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in named and name != MANIFEST:
            found.add("extra", "The manifest does not name this file.", name)


def _check_records(folder: Path, manifest: dict[str, Any], found: Verification) -> None:
    logical = LogicalHash()
    # One an article: passages of an article differ in nothing that could leak.
    keys = set()
    for line, facts in load_whole(manifest["form"]).read_lines(folder):
        logical.add_facts(
            facts.split or "all", facts.uid, line.encode("utf-8"),
            spans=facts.spans, relations=facts.relations,
        )  # fmt: skip
        keys.add((facts.article, facts.story, facts.cluster, facts.split))
    found.records, found.spans = logical.records, logical.spans
    if logical.counts() != manifest["counts"]:
        message = f"{logical.counts()} were read, the manifest says {manifest['counts']}."
        found.add("counts", message)
    if not logical.in_order:
        found.add("order", "The records are not in the order of their uids, or one is twice there.")
    if logical.hexdigest() != manifest["records_sha256"]:
        found.add("records", "The sha256 of the records is not the manifest's.")
    for shared, one, other in find_leaks(sorted(keys, key=str)):
        found.add("leak", f"{shared} is in two splits: {one} and {other}.")


def _check_items(folder: Path, manifest: dict[str, Any], found: Verification) -> None:
    splits: Counter[str] = Counter()
    for item in load_format(manifest["form"]).read(folder):
        _check_item(item, found)
        found.records += 1
        found.spans += len(item.spans)
        splits[item.split or "all"] += 1
    counts = manifest["counts"]
    lost = sum(loss["count"] for loss in manifest["report"] if loss["kind"] in SPAN_LOSSES)
    if dict(splits) != counts["splits"]:
        found.add("counts", f"{dict(splits)} were read, the manifest says {counts['splits']}.")
    if found.spans + lost != counts["spans"]:
        message = (
            f"{found.spans} spans were read and {lost} are reported lost, of {counts['spans']}."
        )
        found.add("counts", message)


def _check_item(item: Item, found: Verification) -> None:
    if item.text is None:
        return
    for span in item.spans:
        if not 0 <= span["start"] < span["end"] <= len(item.text):
            place = f"{span['start']}–{span['end']}"
            found.add("offsets", f"{item.id}: a span at {place} of {len(item.text)} characters.")
