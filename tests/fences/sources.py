"""Our own files, as the fences read them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from config import ROOT

CODE = (
    "app",
    "labeling",
    "local",
    "migrations",
    "seeds",
    "config.py",
    "wsgi.py",
    "gunicorn.conf.py",
)


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file of the repository, those too that are not added yet, but none ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(p for name in done.stdout.split("\0") if name and (p := ROOT / name).is_file())


def python_files(*places: str) -> Iterator[Path]:
    """Our Python files within these folders (or these files)."""
    for path in tracked_files():
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in places:
            yield path


def tree(path: Path) -> ast.Module:
    """A Python file, parsed."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def name(path: Path) -> str:
    """A file's name within the repository."""
    return path.relative_to(ROOT).as_posix()
