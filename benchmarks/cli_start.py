"""A command's start against importing the three libraries that no start can do without."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figure import Figure

ROOT = Path(__file__).resolve().parent.parent
RUNS = 11
OURS = [sys.executable, "-m", "flask", "db", "--help"]
THEIRS = [sys.executable, "-c", "import flask, sqlalchemy.orm, flask_security"]


def measure() -> Iterator[Figure]:
    """Time both in turn; the first pair only warms the disk's cache."""
    _timed(OURS), _timed(THEIRS)
    pairs = [(_timed(OURS), _timed(THEIRS)) for _ in range(RUNS)]
    yield Figure("cli_start", [ours for ours, _ in pairs], [theirs for _, theirs in pairs])


def _timed(command: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun
