"""The pinned requirements agree with each other."""

from pathlib import Path

from local.requirements import NAMES, disagreements, pins


def _files(root: Path, **texts: str) -> Path:
    for name in NAMES:
        (root / f"{name}.in").write_text("# nothing\n")
        (root / f"{name}.txt").write_text("")
    for name, text in texts.items():
        stem, _, ending = name.rpartition("_")
        (root / f"{stem.replace('_', '-')}.{ending}").write_text(text)
    return root


def test_our_own_files_agree() -> None:
    assert disagreements() == []


def test_a_version_that_differs_between_the_two_sets_is_told(tmp_path: Path) -> None:
    root = _files(tmp_path, requirements_txt="a==1\n", requirements_test_txt="a==2\n")
    assert disagreements(root) == [
        "requirements-test.txt has a 2, requirements.txt has 1: run `make lock`"
    ]


def test_a_direct_dependency_that_was_never_pinned_is_told(tmp_path: Path) -> None:
    root = _files(tmp_path, requirements_in="Some.Thing>=2\n-r other.in\n")
    assert disagreements(root) == [
        "requirements.txt does not pin some-thing of requirements.in: run `make lock`"
    ]


def test_a_host_in_a_pinned_file_is_told(tmp_path: Path) -> None:
    root = _files(tmp_path, requirements_uv_txt="--index-url https://mirror.example.org\n")
    assert disagreements(root) == ["requirements-uv.txt names a host: write it with `make lock`"]


def test_a_package_pinned_twice_by_markers_keeps_both_versions(tmp_path: Path) -> None:
    file = tmp_path / "r.txt"
    file.write_text(
        "a==2 ; python_version < '3.12' \\\n    --hash=x\na==3 ; python_version > '3'\n"
    )
    assert pins(file) == {"a": "2 / 3"}
