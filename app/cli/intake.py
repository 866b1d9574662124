"""Reading article files for the import command: one bad file never stops the rest."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from sqlalchemy.orm import Session

from app.cli.output import shown
from app.errors import ConflictError, InvalidInputError
from app.extensions import CLASH, UNUSABLE_VALUES, Store
from app.services.articles import (
    ArticleFields,
    Imported,
    PreparedArticle,
    prepare_article,
    problem_of,
    store_article,
)
from config import Settings
from labeling.errors import TextError

SUFFIXES = frozenset({".txt"})
INDEX_COLUMNS = frozenset({"file", "outlet", "section", "external_id", "url", "published_at"})
# Articles stored in one transaction: few enough that nobody waits long for the write lock.
PER_TRANSACTION = 25


@dataclass(frozen=True, slots=True)
class Source:
    """A file to import. ``row`` is its line in the index, where there is one."""

    path: Path
    fields: ArticleFields
    row: int | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file that was set aside, and why."""

    source: str
    row: int | None
    reason: str


@dataclass
class Intake:
    """Imports sources and remembers what became of each."""

    store: Store
    settings: Settings
    imported: list[Imported] = field(default_factory=list)
    duplicates: list[Imported] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    def take(self, sources: list[Source]) -> None:
        """Import all that can be; set the rest aside with its reason."""
        ready: list[tuple[Source, PreparedArticle]] = []
        for source in _with_progress(sources):
            prepared = self._prepare(source)
            if prepared is not None:
                ready.append((source, prepared))
            if len(ready) >= PER_TRANSACTION:
                self._store(ready)
                ready = []
        self._store(ready)

    def _prepare(self, source: Source) -> PreparedArticle | None:
        if source.problem:
            self._reject(source, source.problem)
            return None
        try:
            data = _read(source.path, self.settings.max_article_bytes)
            return prepare_article(
                data,
                source=shown(str(source.path)),
                fields=source.fields,
                max_bytes=self.settings.max_article_bytes,
            )
        except TextError as err:
            self._reject(source, f"{err.message} {err.remedy}".strip())
        except OSError as err:
            self._reject(source, f"{source.path}: cannot be read ({err.strerror}).")
        return None

    def _store(self, ready: list[tuple[Source, PreparedArticle]]) -> None:
        if not ready:
            return
        ends: dict[int, Imported | str] = {}
        # In one order for all, so that two imports of the same files wait for each other
        # instead of each for the other's.
        order = sorted(range(len(ready)), key=lambda i: ready[i][1].uid)
        with self.store.transaction() as session:
            for i in order:
                ends[i] = _store_one(session, ready[i][1])
        for i, (source, _) in enumerate(ready):
            end = ends[i]
            if isinstance(end, str):
                self._reject(source, end)
            else:
                (self.imported if end.new else self.duplicates).append(end)

    def _reject(self, source: Source, reason: str) -> None:
        self.rejected.append(Rejected(shown(str(source.path)), source.row, shown(reason)))


def _store_one(session: Session, prepared: PreparedArticle) -> Imported | str:
    """Store an article within its group, or say why not: a bad one shall not lose the others."""
    for _ in range(2):
        try:
            with session.begin_nested():
                return store_article(session, prepared)
        except ConflictError as err:
            return f"{err.message} {err.remedy}".strip()
        except CLASH:
            # Another import was faster with the same article: now it is found.
            continue
        except UNUSABLE_VALUES as err:
            reason = str(getattr(err, "orig", err)).strip().partition("\n")[0]
            return f"{prepared.source}: it cannot be stored ({reason})."
    return f"{prepared.source}: it is being imported elsewhere at this moment. Import it again."


def walk(path: Path, fields: ArticleFields) -> Iterator[Source]:
    """A file, or the files of a folder in a stable order; hidden ones and links are left out."""
    if not path.is_dir():
        yield _source(path, fields)
        return
    for found in sorted(path.rglob("*")):
        inside = found.relative_to(path)
        if any(part.startswith(".") for part in inside.parts) or found.is_symlink():
            continue
        if found.is_file():
            yield _source(found, fields)


def read_index(index: Path) -> list[Source]:
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


def _rows(index: Path, reader: csv.DictReader[str], lines: list[str]) -> Iterator[Source]:
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
            yield Source(index, ArticleFields(), n, problem)
            if lost:
                return
            continue
        if row is None:
            return
        yield _indexed(index, n, row)


def _indexed(index: Path, n: int, row: dict[str, str]) -> Source:
    name = (row.get("file") or "").strip()
    path = _beside(index, name)
    if path is None:
        return Source(
            index, ArticleFields(), n, f"row {n}: {name[:200]!r} is not a file beside the index."
        )
    published, problem = None, ""
    if value := (row.get("published_at") or "").strip():
        try:
            published = datetime.fromisoformat(value)
            published = (
                published.astimezone(UTC) if published.tzinfo else published.replace(tzinfo=UTC)
            )
        except (ValueError, OverflowError):
            problem = f"row {n}: {value[:200]!r} is not a date (write 2026-11-01)."
    if not path.is_file():
        problem = f"row {n}: there is no file {name!r} beside the index."
    fields = ArticleFields(
        outlet=row.get("outlet") or "",
        section=row.get("section") or "",
        url=row.get("url") or "",
        external_id=row.get("external_id") or None,
        published_at=published,
    )
    if not problem and (wrong := problem_of(fields)):
        problem = f"row {n}: {wrong}"
    return Source(path, fields, n, problem)


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


def _source(path: Path, fields: ArticleFields) -> Source:
    if path.suffix.lower() in SUFFIXES:
        return Source(path, fields)
    return Source(path, fields, problem=f"{path}: only .txt files can be imported so far.")


def _read(path: Path, max_bytes: int) -> bytes:
    # One byte more than allowed is enough to refuse a file, however large it is.
    with path.open("rb") as file:
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        size = path.stat().st_size
        raise TextError(
            f"{path}: {size:,} bytes is more than an article may have ({max_bytes:,}).",
            remedy="Split the file, or raise COPYDESK_MAX_ARTICLE_BYTES.",
        )
    return data


def _with_progress(sources: list[Source]) -> Iterable[Source]:
    if len(sources) < PER_TRANSACTION or not sys.stderr.isatty():
        return sources
    from rich.console import Console
    from rich.progress import track

    return track(sources, description="Importing", console=Console(stderr=True))
