"""The formats a dataset can be written in: one registry that pages, commands and docs read.

Each format is a module with ``write`` and ``read``; it, and the library it may need, is loaded
only when it is used.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from labeling.datasets.formats.base import Format, FormatError, Losses, Sink, Spec, WholeFormat


@dataclass(frozen=True, slots=True)
class FormatInfo:
    """What people choose by.

    Args:
        name: exactly what stands after ``--format``.
        title: for a list of choices.
        holds: what it keeps and what it cannot, in one sentence.
        module: where it is written and read.
        whole: everything of the canonical record is in it, so it can be verified to the byte.
        needs_text: it cannot express a release of offsets only.
    """

    name: str
    title: str
    holds: str
    module: str
    whole: bool = False
    needs_text: bool = True


FORMATS = {
    info.name: info
    for info in (
        FormatInfo(
            "jsonl",
            "JSON Lines",
            "Everything; the canonical form that others are made from.",
            "jsonl",
            whole=True,
            needs_text=False,
        ),
        FormatInfo(
            "parquet",
            "Parquet",
            "Everything, with the features that Hugging Face datasets reads.",
            "parquet",
            whole=True,
            needs_text=False,
        ),
        FormatInfo(
            "csv",
            "CSV",
            "One row a span for spreadsheets; relations and choices in files of their own.",
            "spreadsheet",
            needs_text=False,
        ),
        FormatInfo(
            "conll",
            "CoNLL (IOB2 or BILOU)",
            "One file a layer, labels on whole tokens; no overlaps within a layer, no relations.",
            "conll",
        ),
        FormatInfo(
            "docbin",
            "spaCy DocBin",
            "Span groups on whole tokens, overlaps included; needs spaCy.",
            "docbin",
        ),
        FormatInfo("brat", "brat", "Spans, relations and attributes; no choices.", "brat"),
        FormatInfo(
            "label-studio",
            "Label Studio JSON",
            "Tasks with the gold as annotation, ready to import.",
            "label_studio",
        ),
        FormatInfo(
            "prodigy", "Prodigy", "Spans and relations on tokens; no attributes.", "prodigy"
        ),
        FormatInfo("doccano", "doccano", "Spans and relations; no attributes.", "doccano"),
        FormatInfo(
            "w3c",
            "W3C Web Annotation",
            "Spans, relations, choices and attributes as JSON-LD.",
            "w3c",
            needs_text=False,
        ),
    )
}


def format_info(name: str) -> FormatInfo:
    """A format by name.

    Raises:
        FormatError: there is none of this name.
    """
    if name not in FORMATS:
        raise FormatError(
            f"There is no format {name!r}.", remedy="Use one of: " + ", ".join(FORMATS)
        )
    return FORMATS[name]


def load_format(name: str) -> Format:
    """The writer and reader of a format.

    Raises:
        FormatError: there is none of this name.
    """
    module = import_module(f"labeling.datasets.formats.{format_info(name).module}")
    return cast("Format", module)


def load_whole(name: str) -> WholeFormat:
    """The same of a format that keeps everything (``whole``)."""
    return cast("WholeFormat", load_format(name))


def write_lines(name: str, lines: Iterable[str], sink: Sink, spec: Spec) -> Losses:
    """Write canonical lines in a format; those that keep everything never take them apart."""
    if format_info(name).whole:
        return load_whole(name).write_lines(lines, sink)
    return load_format(name).write((json.loads(line) for line in lines), sink, spec)
