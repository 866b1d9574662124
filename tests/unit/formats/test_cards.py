"""The card tells what is known and says "not recorded" of the rest; archives are always alike."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from labeling.datasets.archive import write_zip
from labeling.datasets.card import write_card
from labeling.datasets.figures import Figures
from labeling.datasets.folder import FolderWriter
from labeling.datasets.formats import load_whole
from labeling.datasets.formats.base import FormatError
from labeling.datasets.logical import LogicalHash
from labeling.datasets.plan import ReleasePlan
from labeling.datasets.records import to_json_line
from tests.unit.formats.records import bare_record, rich_record

FIGURE = {"value": 0.5, "ci95": [0.25, 0.75], "n": 40}
NONE = {"value": None, "reason": "too few", "n": 3}


def manifest(**more: Any) -> dict[str, Any]:
    logical = LogicalHash()
    for record in (bare_record("p-a", "dev"), rich_record("p-b")):
        logical.add(record)
    return {
        "dataset": "news", "version": "1.0.0", "licence": None, "notes": "", "articles": 2,
        "counts": logical.counts(), "plan": ReleasePlan(("demo",)).as_json(), "moved": [],
        "passages": {"in": 2, "out": 2, "dropped": {}}, "form": "csv", "report": [],
        "schemes": [{"batch": "demo", "scheme": "news", "version": 3}],
        "records_sha256": logical.hexdigest(), **more,
    }  # fmt: skip


def test_a_card_of_an_older_release_guesses_nothing() -> None:
    card = write_card(manifest())
    for said in (
        "Spans by label and by voice: not recorded",
        "- Annotators: not recorded",
        "Whether annotators worked apart: not recorded",
        "Effect of suggestions on agreement: not recorded",
        "Agreement between annotators: not recorded",
    ):
        assert said in card


def test_a_card_tells_labels_voices_people_blindness_and_suggestions() -> None:
    figures = Figures()
    for record in (bare_record("p-a", "dev"), rich_record("p-b")):
        figures.add(record)
    card = write_card(
        manifest(
            figures=figures.as_json(),
            blindness={"demo": {"mode": "servers", "flagged": 2}},
            effect_of_suggestions={"demo": {"entity": FIGURE, "quote": NONE}},
        )
    )
    for said in (
        "| entity | PERSON | 1 | 1 train |",
        "| loaded | LOADED_TERM | 1 quoted |",
        "- Annotators: 2",
        "1 added, 1 chosen, 1 majority, 1 single, 1 unanimous",
        "- demo: each annotator on a server of their own; 2 answers bear signs",
        "- demo, entity: agreement with suggestions less without: 0.500, 0.250–0.750, 40",
        "- demo, quote: agreement with suggestions less without: —, too few, 3",
    ):
        assert said in card, card


def test_figures_of_nothing_are_empty() -> None:
    figures = Figures()
    record = bare_record()
    record["gold"] = None
    figures.add(record)
    told = figures.as_json()
    assert (told["labels"], told["voices"], told["annotators"]) == ([], [], 0)
    assert told["states"] == {"annotated": 1}
    card = write_card(manifest(figures=told))
    assert "Gold spans, how settled: not recorded" in card
    assert "Whose words" not in card


def test_a_span_of_which_it_is_not_known_how_it_was_settled_is_counted_all_the_same() -> None:
    figures = Figures()
    record = rich_record("p-a")
    for span in record["gold"]["spans"]:
        span["settled"] = None
    figures.add(record)
    told = figures.as_json()
    assert told["labels"]
    assert told["settled"] == {}


def test_an_archive_of_the_same_folder_is_the_same_whenever_it_is_packed(tmp_path: Path) -> None:
    folder = tmp_path / "news-1.0.0"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "train.parquet").write_bytes(b"PAR1" * 100)
    (folder / "README.md").write_text("# News\n")
    one = write_zip(folder, tmp_path / "one.zip")
    os.utime(folder / "README.md", (0, 1_000_000_000))
    other = write_zip(folder, tmp_path / "other.zip")
    assert (one.sha256, one.bytes) == (other.sha256, other.bytes)
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        kinds = {info.filename: info.compress_type for info in archive.infolist()}
    assert kinds == {
        "news-1.0.0/README.md": zipfile.ZIP_DEFLATED,
        "news-1.0.0/data/train.parquet": zipfile.ZIP_STORED,
    }


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ("{", "train.jsonl, line 2: not JSON"),
        ("[]", "train.jsonl, line 2: not a record"),
        (to_json_line({**rich_record(), "mood": 1}), "train.jsonl, lines 1 to 2: not a record"),
    ],
)
def test_a_line_that_is_no_record_is_named(tmp_path: Path, second: str, said: str) -> None:
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / "train.jsonl"
    path.write_text(to_json_line(rich_record()) + "\n" + second + "\n", "utf-8")
    with pytest.raises(FormatError, match=said):
        list(load_whole("jsonl").read_lines(tmp_path))


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "all.jsonl").write_bytes(b'{"passage": "\xff"}\n')
    with pytest.raises(FormatError, match=r"all\.jsonl, line 1"):
        list(load_whole("jsonl").read_lines(tmp_path))


def test_a_folder_that_cannot_be_put_in_its_place_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_words: object) -> None:
        raise OSError(28, "No space left on device")

    def write() -> None:
        with FolderWriter(tmp_path / "out") as folder:
            with folder.open("a.txt") as file:
                file.write(b"a")
            monkeypatch.setattr(Path, "rename", full)

    with pytest.raises(FormatError, match="No space left"):
        write()
    assert list(tmp_path.iterdir()) == []
