"""Which reader a file gets: by its name alone, since nothing else is known before it is read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import BinaryIO

from labeling.text.readers.archive import Reader, read_archive
from labeling.text.readers.csvfile import read_csv
from labeling.text.readers.found import Form, Found, Item, ReadOptions, Refused
from labeling.text.readers.jsonl import read_jsonl


def _read_single(
    file: BinaryIO, source: str, options: ReadOptions, *, form: Form
) -> Iterator[Item]:
    """Read a file that is one article."""
    limits = options.limits
    most = {Form.HTML: limits.html_bytes, Form.MARKDOWN: limits.markdown_bytes}
    at_most = min(limits.article_bytes, most.get(form, limits.article_bytes))
    # One byte more than allowed is enough to refuse a file, however large it is.
    data = file.read(at_most + 1)
    if len(data) > at_most:
        kind = "an article" if form is Form.TEXT else f"an article in {form.value}"
        size = f"{_size(file, len(data))} bytes"
        reason = f"{source}: {size} is more than {kind} may have ({at_most:,}). {limits.remedy}"
        yield Refused(source, None, reason)
        return
    yield Found(source, None, form, data, declared=options.encoding)


def _size(file: BinaryIO, read: int) -> str:
    if not file.seekable():
        return f"More than {read - 1:,}"
    return f"{file.seek(0, 2):,}"


_READERS: dict[str, Reader] = {
    ".txt": partial(_read_single, form=Form.TEXT),
    ".text": partial(_read_single, form=Form.TEXT),
    ".md": partial(_read_single, form=Form.MARKDOWN),
    ".markdown": partial(_read_single, form=Form.MARKDOWN),
    ".html": partial(_read_single, form=Form.HTML),
    ".htm": partial(_read_single, form=Form.HTML),
    ".xhtml": partial(_read_single, form=Form.HTML),
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".csv": read_csv,
    ".tsv": read_csv,
}
_ARCHIVE = ".zip"
SUFFIXES = frozenset({*_READERS, _ARCHIVE})
ONE_ARTICLE = frozenset({".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml"})


def suffix_of(name: str) -> str:
    """Return the ending that says what a file holds, in lower case."""
    return PurePosixPath(name).suffix.lower()


def read_file(file: BinaryIO, source: str, options: ReadOptions) -> Iterator[Item]:
    """Read the articles of a file, whatever kind its name says it is.

    Args:
        file: an open binary file at its beginning; seekable for an archive.
        source: its name, which goes into every message.
        options: what is known about it.
    """
    if suffix_of(source) == _ARCHIVE:
        yield from read_archive(file, source, options, _reader_of)
    elif (reader := _reader_of(source)) is not None:
        yield from reader(file, source, options)
    else:
        yield Refused(source, None, f"{source}: {unreadable()}")


def unreadable() -> str:
    """Say which files can be imported, to whoever gave another."""
    return "only " + ", ".join(sorted(SUFFIXES)) + " files can be imported."


def _reader_of(name: str) -> Reader | None:
    return _READERS.get(suffix_of(name))
