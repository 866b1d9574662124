"""A dataset's folder appears whole or not at all, and tells when somebody changed it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from labeling.datasets.folder import MANIFEST, FolderWriter, read_manifest
from labeling.datasets.formats import FORMATS, load_format
from labeling.datasets.formats.base import FormatError
from labeling.datasets.logical import LogicalHash
from labeling.datasets.records import without_text
from labeling.datasets.verify import verify_folder
from tests.unit.formats.records import SPEC, bare_record, rich_record

RECORDS = [bare_record("p-1", "dev"), rich_record("p-2", "train"), bare_record("p-3", "dev")]


def export(name: str, target: Path, records: list[dict[str, Any]] = RECORDS) -> dict[str, Any]:
    """Write records as a sealed folder."""
    logical = LogicalHash()

    def counted():
        for record in records:
            logical.add(record)
            yield record

    with FolderWriter(target) as folder:
        losses = load_format(name).write(counted(), folder, SPEC)
        return folder.seal(
            {
                "form": name,
                "counts": logical.counts(),
                "records_sha256": logical.hexdigest(),
                "report": losses.report(),
            }
        )


def kinds(folder: Path) -> list[str]:
    return [problem["kind"] for problem in verify_folder(folder).problems]


@pytest.mark.parametrize("name", FORMATS)
def test_a_fresh_folder_verifies(name: str, tmp_path: Path) -> None:
    export(name, tmp_path / "out")
    found = verify_folder(tmp_path / "out")
    assert found.problems == []
    assert found.ok
    assert found.records == 3
    assert found.spans == (4 if name == "conll" else 5)


@pytest.mark.parametrize("name", FORMATS)
def test_a_flipped_byte_is_found_and_its_file_named(name: str, tmp_path: Path) -> None:
    manifest = export(name, tmp_path / "out")
    entry = max(manifest["files"], key=lambda entry: entry["bytes"])
    path = tmp_path / "out" / entry["path"]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    problem = verify_folder(tmp_path / "out").problems[0]
    assert (problem["kind"], problem["path"]) == ("changed", entry["path"])


def test_missing_longer_and_extra_files_are_found(tmp_path: Path) -> None:
    manifest = export("brat", tmp_path / "out")
    texts = [entry["path"] for entry in manifest["files"] if entry["path"].endswith(".ann")]
    (tmp_path / "out" / texts[0]).unlink()
    with (tmp_path / "out" / texts[1]).open("ab") as file:
        file.write(b"\n")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    assert kinds(tmp_path / "out") == ["missing", "changed", "extra", "counts"]


def test_a_manifest_that_tells_other_records_is_found_out(tmp_path: Path) -> None:
    export("jsonl", tmp_path / "out")
    path = tmp_path / "out" / MANIFEST
    manifest = json.loads(path.read_bytes())
    manifest["records_sha256"] = "0" * 64
    manifest["counts"]["spans"] = 99
    path.write_text(json.dumps(manifest))
    assert kinds(tmp_path / "out") == ["counts", "records"]


def test_a_span_count_that_the_losses_do_not_explain_is_found(tmp_path: Path) -> None:
    export("conll", tmp_path / "out")
    path = tmp_path / "out" / MANIFEST
    manifest = json.loads(path.read_bytes())
    manifest["report"] = []
    path.write_text(json.dumps(manifest))
    assert kinds(tmp_path / "out") == ["counts"]


def test_a_leak_in_the_files_is_named(tmp_path: Path) -> None:
    leaky = [bare_record("p-1", "dev"), bare_record("p-2", "train")]
    export("jsonl", tmp_path / "out", leaky)
    (problem,) = verify_folder(tmp_path / "out").problems
    assert problem["kind"] == "leak"
    assert "a-2 (dev) and a-2 (train)" in problem["message"]


def test_records_out_of_order_or_twice_are_found(tmp_path: Path) -> None:
    twice = [bare_record("p-1", "dev"), bare_record("p-1", "dev")]
    export("parquet", tmp_path / "out", twice)
    assert kinds(tmp_path / "out") == ["order"]


def test_a_span_outside_its_text_is_found(tmp_path: Path) -> None:
    record = rich_record("p-1", "train")
    record["gold"]["spans"][0]["end"] = 999
    export("doccano", tmp_path / "out", [record])
    assert kinds(tmp_path / "out") == ["offsets"]


@pytest.mark.parametrize("name", ["jsonl", "csv", "w3c"])
def test_a_folder_of_offsets_only_verifies(name: str, tmp_path: Path) -> None:
    export(name, tmp_path / "out", [without_text(record) for record in RECORDS])
    assert verify_folder(tmp_path / "out").problems == []


def test_many_problems_are_cut_off(tmp_path: Path) -> None:
    export("jsonl", tmp_path / "out")
    for n in range(130):
        (tmp_path / "out" / f"{n}.txt").write_text("")
    assert len(kinds(tmp_path / "out")) == 100


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "holds no"),
        ("{", "cannot be read"),
        ("[]", "not the manifest"),
        ("{}", "not the man"),
    ],
)
def test_a_folder_without_a_manifest_is_refused(
    content: str | None, said: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / MANIFEST).write_text(content)
    with pytest.raises(FormatError, match=said):
        read_manifest(tmp_path)


def test_a_form_that_is_not_known_is_a_problem_of_the_folder(tmp_path: Path) -> None:
    export("jsonl", tmp_path / "out")
    path = tmp_path / "out" / MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "form": "xml"}))
    assert kinds(tmp_path / "out") == ["unreadable"]


def test_the_same_records_have_one_sha_in_every_format(tmp_path: Path) -> None:
    shas = {export(name, tmp_path / name)["records_sha256"] for name in FORMATS}
    assert len(shas) == 1


def write_half(target: Path, failure: Exception | None = None) -> None:
    with FolderWriter(target) as folder:
        with folder.open("data/one.txt") as file:
            file.write(b"half")
        if failure is not None:
            raise failure


def test_an_error_while_writing_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        write_half(tmp_path / "out", RuntimeError())
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FormatError, match=r"No space left on device.*nothing of it stays"):
        write_half(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_killed_process_leaves_nothing_under_the_name(tmp_path: Path) -> None:
    pid = os.fork()
    if pid == 0:
        with FolderWriter(tmp_path / "out") as folder, folder.open("one.txt") as file:
            file.write(b"half")
            file.flush()
            os.kill(os.getpid(), 9)
    os.waitpid(pid, 0)
    assert not (tmp_path / "out").exists()
    export("jsonl", tmp_path / "out")
    assert verify_folder(tmp_path / "out").ok


def test_an_empty_folder_is_taken_and_a_full_one_is_not(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    export("jsonl", tmp_path / "out")
    with pytest.raises(FormatError, match="not empty"):
        export("jsonl", tmp_path / "out")
    assert verify_folder(tmp_path / "out").ok


def test_a_place_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FormatError, match="cannot be written"):
        export("jsonl", tmp_path / "file" / "out")
