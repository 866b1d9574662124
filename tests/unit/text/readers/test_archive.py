"""ZIP archives: read entry by entry, believed in nothing."""

from __future__ import annotations

import io
import stat
import struct
import zipfile

import pytest

from tests.unit.text.readers.reading import found, limits, reasons, zipped

TEXT = "Harbour reopens\n\nThe quay was dry for years."


def test_files_of_all_kinds_are_found_in_the_order_of_their_names():
    data = zipped({
        "b/two.md": b"# Two\n\nText.",
        "a.txt": TEXT.encode(),
        "c.jsonl": b'{"text": "One."}\n{"text": "Two."}\n',
        "d.csv": b"text\nOne.\n",
        "b/": b"",
        ".hidden/x.txt": b"no",
        "__MACOSX/a.txt": b"no",
    })  # fmt: skip
    assert [(one.source, one.row) for one in found("in.zip", data)] == [
        ("in.zip/a.txt", None), ("in.zip/b/two.md", None), ("in.zip/c.jsonl", 1),
        ("in.zip/c.jsonl", 2), ("in.zip/d.csv", 2),
    ]  # fmt: skip


def with_entry(name, data=b"x", **attributes):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo(name)
        for attribute, value in attributes.items():
            setattr(info, attribute, value)
        archive.writestr(info, data)
        archive.writestr("good.txt", TEXT)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (with_entry("../out.txt"), "leads out of the archive"),
        (with_entry("a/../../out.txt"), "leads out of the archive"),
        (with_entry("/etc/out.txt"), "leads out of the archive"),
        (with_entry("C:/out.txt"), "leads out of the archive"),
        (with_entry("a\\out.txt"), "leads out of the archive"),
        (with_entry("link.txt", external_attr=(stat.S_IFLNK | 0o777) << 16), "a link"),
        (with_entry("pipe.txt", external_attr=(stat.S_IFIFO | 0o777) << 16), "a link or a device"),
        (with_entry("inner.zip"), "an archive within an archive"),
        (with_entry("inner.tar.gz"), "an archive within an archive"),
        (with_entry("photo.jpg"), "cannot be imported"),
        (with_entry("x.txt", compress_type=zipfile.ZIP_LZMA), "packed in a way that is not read"),
    ],
    ids=range(11),
)
def test_an_entry_that_is_no_plain_file_is_refused_and_the_others_are_read(data, said):
    ((row, reason),) = reasons("in.zip", data)
    assert row is None
    assert said in reason
    assert reason.startswith("in.zip/")


def test_an_encrypted_entry_is_refused():
    data = bytearray(zipped({"a.txt": TEXT.encode()}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in reasons("in.zip", bytes(data))[0][1]


@pytest.mark.parametrize(
    "data",
    [
        b"", b"no archive", b"PK\x03\x04 only begins", zipped({"a.txt": b"x"})[:-30],
        b"PK\x05\x06", struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 50, 9, 0),
    ],
    ids=["empty", "text", "begins", "cut", "mark", "list-elsewhere"],
)  # fmt: skip
def test_what_is_no_archive_is_refused(data):
    ((_, reason),) = reasons("in.zip", data)
    assert "cannot be read as a ZIP archive" in reason


def test_a_damaged_entry_is_refused_and_the_others_are_read():
    data = bytearray(zipped({"a.txt": TEXT.encode() * 20, "b.txt": TEXT.encode()}))
    at = data.index(b"PK\x01\x02")
    data[data.index(b"a.txt") + 9] ^= 0xFF
    assert at
    ((_, reason),) = reasons("in.zip", bytes(data))
    assert reason.startswith("in.zip/a.txt: the archive is damaged here")


def test_a_bomb_is_given_up_at_its_ratio():
    data = zipped({"a.jsonl": b'{"x": "' + b"a" * 3_000_000, "b.txt": TEXT.encode()})
    ((_, reason),) = reasons("in.zip", data)
    assert "more than 100 times its size" in reason


def test_an_archive_that_unpacks_to_too_much_is_given_up_and_says_where():
    row = b'{"text": "Some words."}\n'
    data = zipped({"a.jsonl": row * 10, "b.jsonl": row * 5000, "c.txt": b"x"}, zipfile.ZIP_STORED)
    refused = [reason for _, reason in reasons("in.zip", data, limits=limits(archive_bytes=70_000))]
    assert refused == [
        "in.zip/b.jsonl: the archive unpacks to more than is read of one archive.",
        "in.zip: no entry after b.jsonl was read.",
    ]


def test_an_archive_of_too_many_entries_is_refused_before_its_list_is_read():
    data = zipped({f"{n}.txt": b"x" for n in range(12)})
    for kept in (limits(entries=10), limits(directory_bytes=100)):
        ((_, reason),) = reasons("in.zip", data, limits=kept)
        assert "more entries than are read" in reason


def test_a_large_archive_is_counted_by_its_large_record():
    data = zipped({"a.txt": b"x"})
    at = data.rindex(b"PK\x05\x06")
    large = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 10**7, 10**7, 10**9, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1)
    ((_, reason),) = reasons("in.zip", data[:at] + large + locator + data[at:])
    assert "more entries than are read" in reason


def test_a_size_that_is_a_lie_is_not_believed():
    data = bytearray(zipped({"a.txt": TEXT.encode()}, zipfile.ZIP_STORED))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<L", 1_000_000_000)
    (one,) = found("in.zip", bytes(data))
    assert one.data == TEXT.encode()
