"""What the import command adds to the intake: an index of files, progress, and the answer."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from app.cli.output import Answer, shown
from app.errors import InvalidInputError
from app.services.article_fields import read_date
from app.services.article_files import FileToRead
from app.services.articles import ArticleFields, problem_of
from app.services.intake import Outcome

INDEX_COLUMNS = frozenset(
    {
        *("file", "outlet", "section", "external_id", "url", "published_at"),
        *("title", "byline", "language", "story"),
    }
)
# Listed one by one in the answer; beyond that only counted, so that memory stays flat.
MOST_LISTED = 10_000
_SOME_BYTES = 1 << 16


def read_index(index: Path) -> list[FileToRead]:
    """The files that a CSV names, with the fields it gives them.

    Raises:
        InvalidInputError: the header is not what it must be.
    """
    try:
        text = index.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as err:
        raise InvalidInputError(
            f"{index}: the index is not UTF-8.", remedy="Save it as UTF-8."
        ) from err
    lines = list(io.StringIO(text, newline=""))
    reader = csv.DictReader(lines)
    try:
        columns = set(reader.fieldnames or ())
    except csv.Error as err:
        raise InvalidInputError(
            f"{index}: row 1 cannot be read: {err}.", remedy="Mend the first row."
        ) from err
    if "file" not in columns or not columns <= INDEX_COLUMNS:
        raise InvalidInputError(
            f"{index}: row 1 must name the columns: file (required), "
            + ", ".join(sorted(INDEX_COLUMNS - {"file"})),
            remedy="Mend the first row.",
        )
    return list(_rows(index, reader, lines))


def _rows(index: Path, reader: csv.DictReader[str], lines: list[str]) -> Iterator[FileToRead]:
    for n in count(2):
        begun = reader.reader.line_num
        try:
            row = next(reader, None)
        except csv.Error as err:
            problem = f"row {n}: it cannot be read: {err}."
            # Within quotes that are still open nobody knows where the next row begins.
            lost = "".join(lines[begun : reader.reader.line_num]).count('"') % 2
            if lost:
                problem += " No row after it was read."
            yield FileToRead(index, row=n, problem=problem)
            if lost:
                return
            continue
        if row is None:
            return
        yield _indexed(index, n, row)


def _indexed(index: Path, n: int, row: dict[str, str]) -> FileToRead:
    name = (row.get("file") or "").strip()
    path = _beside(index, name)
    if path is None:
        problem = f"row {n}: {name[:200]!r} is not a file beside the index."
        return FileToRead(index, row=n, problem=problem)
    given = {column: row.get(column) or "" for column in INDEX_COLUMNS - {"file", "published_at"}}
    problem = problem_of(ArticleFields(**given))  # type: ignore[arg-type]
    given["date"] = (row.get("published_at") or "").strip()
    if not path.is_file():
        problem = f"there is no file {name!r} beside the index."
    elif given["date"]:
        try:
            read_date(given["date"])
        except InvalidInputError as err:
            problem = err.message
    return FileToRead(
        path,
        fields={name: value for name, value in given.items() if value},
        row=n,
        problem=f"row {n}: {problem}" if problem else "",
    )


def _beside(index: Path, name: str) -> Path | None:
    """The file of this name in the index's folder; None where there can be none."""
    path = index.parent / name
    try:
        inside = bool(name) and index.parent.resolve() in path.resolve().parents
        # Asked here, because a name that is too long is an error and not just absent.
        path.is_file()
    except (ValueError, OSError, RuntimeError):
        return None
    return path if inside else None


@dataclass
class Report:
    """What became of every article so far, for the answer of the command."""

    expected: str
    imported: int = 0
    updated: int = 0
    duplicates: int = 0
    rejected: int = 0
    languages: dict[str, int] = field(default_factory=dict)
    listed: dict[str, list[Outcome]] = field(default_factory=dict)

    def add(self, outcomes: list[Outcome]) -> None:
        """Count these, and keep the first ones to list them."""
        for one in outcomes:
            self.imported += one.state == "new"
            self.updated += one.state == "updated"
            self.duplicates += one.state == "duplicate"
            self.rejected += one.state == "rejected"
            if one.state == "new" and one.language not in {"", self.expected}:
                self.languages[one.language] = self.languages.get(one.language, 0) + 1
            kept = self.listed.setdefault(one.state, [])
            if len(kept) < MOST_LISTED:
                kept.append(one)

    def answer(self, *, dry_run: bool, strict: bool) -> Answer:
        """The answer of the command."""
        new, known = self.listed.get("new", []), self.listed.get("duplicate", [])
        rejected, updated = self.listed.get("rejected", []), self.listed.get("updated", [])
        data: dict[str, Any] = {
            "imported": self.imported,
            "updated": self.updated,
            "duplicates": self.duplicates,
            "rejected": [{"source": r.source, "row": r.row, "reason": r.reason} for r in rejected],
            "articles": [{"uid": a.uid, "title": a.title, "passages": a.passages} for a in new],
            "updated_articles": [{"uid": a.uid, "title": a.title} for a in updated],
            "duplicate_articles": [{"uid": a.uid, "title": a.title} for a in known],
            "other_languages": dict(sorted(self.languages.items())),
            "not_listed": self._not_listed(),
            "dry_run": dry_run,
        }
        return Answer(data, self._text(dry_run=dry_run), 3 if strict and self.rejected else 0)

    def _not_listed(self) -> int:
        counted = self.imported + self.updated + self.duplicates + self.rejected
        return counted - sum(map(len, self.listed.values()))

    def _text(self, *, dry_run: bool) -> str:
        would = "would be " if dry_run else ""
        here = f"{self.duplicates:,} already here, {self.rejected:,} rejected."
        lines = [f"{self.imported:,} {would}imported, {here}"]
        if self.updated:
            lines.append(f"{self.updated:,} {would}taken as corrected versions.")
        new = self.listed.get("new", [])
        lines += [f"  {a.uid}  {a.passages:>3} passages  {a.title}" for a in new]
        lines += [f"  rejected: {r.reason}" for r in self.listed.get("rejected", [])]
        if self.languages:
            told = ", ".join(f"{code} {n:,}" for code, n in sorted(self.languages.items()))
            lines.append(f"Not in the expected language ({self.expected}): {told}. Worth a look.")
        if left := self._not_listed():
            lines.append(f"  … and {left:,} more, not listed.")
        return shown("\n".join(lines))


@contextmanager
def progress_of(total: int) -> Iterator[Callable[[int], None]]:
    """Show on stderr how far reading is and how long it will take, where somebody watches.

    Args:
        total: how many bytes there are to read.
    """
    if total < _SOME_BYTES or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        *(TextColumn("{task.description}"), BarColumn(), DownloadColumn()),
        *(TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn()),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("Importing", total=total)
        yield lambda read: progress.update(task, advance=read)
