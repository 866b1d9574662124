"""A folder with an article of every kind, and more than fifty files broken in as many ways."""

from __future__ import annotations

import io
import json
import stat
import struct
import zipfile
from pathlib import Path

BODY = (
    "The quay was dry for years, and nobody in the town believed that it would ever open again.\n\n"
    "“We are glad,” said Omar Teague, who had waited longer than most."
)
PAGE = (
    "<html><head><title>Harbour reopens</title></head><body><article>"
    + "".join(f"<p>Paragraph {n} of it says what the town said that day.</p>" for n in range(5))
    + "</article></body></html>"
)


def zipped(files: dict[str, bytes], **attributes: int) -> bytes:
    """An archive whose entries have these attributes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            for attribute, value in attributes.items():
                setattr(entry, attribute, value)
            archive.writestr(entry, data)
    return out.getvalue()


def good() -> dict[str, bytes]:
    """Files of every kind: nine articles, two of which are there twice."""
    rows = [{"id": f"row-{n}", "title": f"Row {n}", "text": f"{BODY} Row {n}."} for n in (1, 2)]
    return {
        "good-plain.txt": f"Plain title\n\n{BODY}".encode(),
        "good-plain-twin.txt": f"Plain title\n\n{BODY}".encode(),
        "good-marked.md": f"# Marked *title*\n\n{BODY}".encode(),
        "good-page.html": PAGE.encode(),
        "good-rows.jsonl": "".join(json.dumps(row) + "\n" for row in [*rows, rows[0]]).encode(),
        "good-table.csv": f'text;outlet\n"{BODY} In a cell.";Gull\n'.encode("utf-16"),
        "good-latin.txt": f"Café title\n\n{BODY}".encode("cp1252"),
        "good-some.zip": zipped({
            "a.txt": f"Zipped title\n\n{BODY}".encode(),
            "b/c.jsonl": json.dumps({"text": f"{BODY} Zipped row."}).encode(),
        }),
    }  # fmt: skip


def broken() -> dict[str, bytes]:
    """More than fifty files of which nothing can be taken."""
    files = {**_broken_singles(), **_broken_many()}
    assert len(files) >= 50
    return files


def _broken_singles() -> dict[str, bytes]:
    return {
        "empty.txt": b"",
        "blank.txt": b" \n\t\r\n",
        "invisible.txt": "\u200b\u200d\ufeff".encode(),
        "nul.txt": BODY.encode() + b"\0",
        "binary.txt": bytes(range(256)) * 20,
        "control.txt": BODY.encode() + b"\x07",
        "surrogate.txt": BODY.encode() + b"\xed\xa0\x80",
        "damaged.txt": BODY.encode() + "é".encode() * 9 + b"\xc3 x",
        "utf16-without-mark.txt": BODY.encode("utf-16-le"),
        "utf16-odd.txt": b"\xff\xfe" + BODY.encode("utf-16-le") + b"\x00",
        "utf32.txt": BODY.encode("utf-32"),
        "pdf.txt": b"%PDF-1.7 and so on",
        "word.txt": b"PK\x03\x04 and so on",
        "rich.txt": b"{\\rtf1 words}",
        "picture.txt": b"\x89PNG\r\n\x1a\n",
        "page.txt": PAGE.encode(),
        "cp1252-hole.txt": b"Caf\xe9 \x81 words",
        "picture.png": b"\x89PNG\r\n\x1a\n",
        "paper.pdf": b"%PDF-1.7",
        "no-ending": BODY.encode(),
        "sheet.xlsx": b"PK\x03\x04",
        "empty.md": b"",
        "marks-only.md": b"***\n\n---\n\n<!-- nothing -->\n",
        "empty.html": b"",
        "script.html": b"<html><body><script>" + b"var a = 1;" * 999 + b"</script></body></html>",
        "bare.html": b"<html><body></body></html>",
        "nested.html": b"<html><body>" + b"<div>" * 20_000,
        "laughs.html": _laughs(),
        "nul.html": PAGE.replace("Paragraph 3", "Para\0graph").encode(),
        "pdf.html": b"%PDF-1.7",
    }


def _broken_many() -> dict[str, bytes]:
    encrypted = bytearray(zipped({"a.txt": b"words"}))
    encrypted[encrypted.index(b"PK\x01\x02") + 8] |= 1
    return {
        "brace.jsonl": b"{\n",
        "list.jsonl": b"[1, 2]\n",
        "no-text.jsonl": b'{"words": "a"}\n',
        "twice.jsonl": b'{"text": "a", "text": "b"}\n',
        "nan.jsonl": b'{"text": NaN}\n',
        "deep.jsonl": b'{"text":' + b"[" * 100_000 + b"\n",
        "half.jsonl": b'{"text": "half \\ud83d"}\n',
        "date.jsonl": json.dumps({"text": BODY, "date": "someday"}).encode(),
        "outlet.jsonl": json.dumps({"text": BODY, "outlet": "o" * 201}).encode(),
        "no-header.csv": b"One article,Gull\nAnother,Gull\n",
        "columns.csv": b",".join(b"c%d" % n for n in range(1000)) + b"\n1\n",
        "quote.csv": b'text\n"never closed\nand more\n',
        "cells.csv": b"text,outlet\na,b,c\n",
        "empty-cell.csv": b"text,outlet\n,Gull\n",
        "not.zip": b"no archive at all",
        "cut.zip": zipped({"a.txt": BODY.encode()})[:-20],
        "bomb.zip": zipped({"bomb.jsonl": b'{"text": "' + b"a" * 3_000_000}),
        "slip.zip": zipped({"../../out.txt": BODY.encode()}),
        "link.zip": zipped({"a.txt": b"/etc/passwd"}, external_attr=(stat.S_IFLNK | 0o777) << 16),
        "nested.zip": zipped({"inner.zip": zipped({"a.txt": BODY.encode()})}),
        "encrypted.zip": bytes(encrypted),
        "many.zip": _claims_many(),
    }


def _laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return (
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{entities}]>'
        "<html><body><p>&l9;</p></body></html>"
    ).encode()


def _claims_many() -> bytes:
    """An archive that says its list has ten million entries."""
    data = zipped({"a.txt": b"x"})
    at = data.rindex(b"PK\x05\x06")
    large = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 10**7, 10**7, 10**9, 0)
    return data[:at] + large + struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1) + data[at:]


def make_folder(folder: Path) -> Path:
    """Write them all."""
    for name, data in {**good(), **broken()}.items():
        (folder / name).write_bytes(data)
    return folder
