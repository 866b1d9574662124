"""Importing JSON Lines: against putting the same texts into a bare table, and ten times as many.

`intake_import` is seconds for all articles, ours beside a bare SQLite insert of each text in
transactions of the same size. `intake_memory_10x` is the peak memory of a command that imports
ten times as many articles beside the peak for the fewer: near 1 is flat.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figure import Figure

ROOT = Path(__file__).resolve().parent.parent
ARTICLES = 300
TIMES = 10
PER_TRANSACTION = 25
# Three kB of made-up words, none of them twice alike, so that nothing is a near-duplicate.
_SYLLABLES = (
    *("har", "bour", "quay", "ton", "mel", "vic", "sar", "dun", "bel", "lo"),
    *("rin", "tas", "pel", "mor", "gan", "fir", "hol", "wen", "tri", "das"),
)


def measure() -> Iterator[Figure]:
    """Import few and many articles, each into an instance of its own."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        few, many = (
            _write(place / "few.jsonl", ARTICLES),
            _write(place / "many.jsonl", ARTICLES * TIMES),
        )
        small_s, small_kb = _import(place / "small", few)
        large_s, large_kb = _import(place / "large", many)
        yield Figure("intake_import", [small_s], [_bare(place / "small.sqlite", few)])
        yield Figure("intake_import_10x", [large_s], [small_s * TIMES])
        yield Figure("intake_memory_10x", [large_kb / 1024], [small_kb / 1024], unit="MB")
        rate = ARTICLES * TIMES / large_s
        yield Figure("intake_articles_per_s", [rate], [ARTICLES / small_s], unit="1/s")


def _write(path: Path, articles: int) -> Path:
    chance = random.Random(17)
    with path.open("w", encoding="utf-8") as file:
        for n in range(articles):
            text = "\n\n".join(_paragraph(chance) for _ in range(12))
            row = {"id": f"a{n}", "title": f"{_words(chance, 6)} {n}", "text": text}
            file.write(json.dumps(row) + "\n")
    return path


def _paragraph(chance: random.Random) -> str:
    said = f"“{_words(chance, 12)},” said {_words(chance, 2).title()}."
    return f"{_words(chance, 25).capitalize()}. {said} {_words(chance, 25).capitalize()}."


def _words(chance: random.Random, n: int) -> str:
    return " ".join("".join(chance.choices(_SYLLABLES, k=3)) for _ in range(n))


def _import(instance: Path, file: Path) -> tuple[float, int]:
    """Seconds and peak kilobytes of a command that imports a file into a new instance."""
    environment = {**os.environ, "COPYDESK_INSTANCE": str(instance)}
    flask = [sys.executable, "-m", "flask"]
    quiet = {"cwd": ROOT, "env": environment, "stdout": subprocess.DEVNULL}
    subprocess.run([*flask, "db", "upgrade"], check=True, stderr=subprocess.DEVNULL, **quiet)
    begun = time.perf_counter()
    process = subprocess.Popen([*flask, "articles", "import", str(file), "--json"], **quiet)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"the import ended with {process.returncode}")
    # macOS counts bytes, Linux kilobytes.
    peak = used.ru_maxrss if sys.platform != "darwin" else used.ru_maxrss // 1024
    return seconds, peak


def _bare(store: Path, file: Path) -> float:
    begun = time.perf_counter()
    connection = sqlite3.connect(store)
    connection.execute("CREATE TABLE article (id TEXT PRIMARY KEY, text TEXT)")
    with file.open(encoding="utf-8") as lines:
        for n, line in enumerate(lines, 1):
            row = json.loads(line)
            connection.execute("INSERT INTO article VALUES (?, ?)", (row["id"], row["text"]))
            if n % PER_TRANSACTION == 0:
                connection.commit()
    connection.commit()
    connection.close()
    return time.perf_counter() - begun
