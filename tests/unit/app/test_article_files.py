"""Files on disk as a stream of articles, and uploads on their way to disk."""

from __future__ import annotations

import io

import pytest

from app.cli import intake
from app.services import staging
from app.services.article_files import FileToRead, read_files, size_of, walk
from config import Settings
from labeling.text.readers import ReadOptions


def test_a_file_that_vanishes_is_refused_and_the_others_are_read(tmp_path):
    (tmp_path / "a.txt").write_text("Words.")
    files = [FileToRead(tmp_path / "gone.txt"), *walk(tmp_path)]
    gone, found = read_files(files, ReadOptions(), lambda _: None)
    assert "cannot be read (No such file or directory)" in gone.reason
    assert found.data == b"Words."


def test_a_link_within_the_folder_is_passed_over_and_one_out_of_it_is_a_problem(tmp_path):
    inside = tmp_path / "in"
    (inside / "deep").mkdir(parents=True)
    (inside / "deep" / "a.txt").write_text("Words.")
    (inside / "link.txt").symlink_to(inside / "deep" / "a.txt")
    (inside / "out").symlink_to(tmp_path)
    deep, out = walk(inside)
    assert (deep.path.name, deep.problem) == ("a.txt", "")
    assert "leads out of the folder" in out.problem


def test_progress_counts_what_is_read_up_to_the_size_of_the_files(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"x" * 70_000)
    (tmp_path / "b.jsonl").write_bytes(b'{"text": "a"}\n' * 10_000)
    (tmp_path / "c.png").write_bytes(b"x" * 500)
    files = [*walk(tmp_path), FileToRead(tmp_path / "gone.txt")]
    read: list[int] = []
    list(read_files(files, ReadOptions(), read.append))
    assert sum(read) == size_of(files) == 210_000


def test_whoever_watches_is_shown_how_far_it_is(monkeypatch):
    shown = io.StringIO()
    shown.isatty = lambda: True
    monkeypatch.setattr("sys.stderr", shown)
    with intake.progress_of(100_000) as progress:
        progress(100_000)
    assert "Importing" in shown.getvalue()


def test_an_upload_that_breaks_off_leaves_nothing_behind(tmp_path):
    class Broken(io.BytesIO):
        def read(self, *_):
            raise ConnectionError

    settings = Settings(instance=tmp_path)
    with pytest.raises(ConnectionError):
        staging.stage(settings, [("a.txt", io.BytesIO(b"x")), ("b.txt", Broken())])
    assert list((tmp_path / "uploads").iterdir()) == []


@pytest.mark.parametrize("folder", ["..", "", "/", "a" * 31, "A" * 32])
def test_nothing_but_a_folder_of_ours_is_ever_removed(tmp_path, folder):
    (tmp_path / "uploads" / ("A" * 32)).mkdir(parents=True)
    staging.remove(Settings(instance=tmp_path), folder)
    assert (tmp_path / "uploads" / ("A" * 32)).is_dir()
    assert staging.left_over(Settings(instance=tmp_path / "none")) == []
