"""A release from SQLite: built, written in every format, verified; beside the SDK's converter.

Each measurement runs in a process of its own, so that its peak of memory is its own. A record
has five gold spans and the five of each of two annotators. ``ours`` and ``theirs`` are seconds
of one core for the same records, or megabytes; where there is no other tool for it, ``theirs``
is what the target leaves for it (20,000 records a second), and for memory the same at a tenth
of the size. ``COPYDESK_BENCH_FORMATS=jsonl,parquet`` measures only these, for a great size.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import structlog

from app.extensions import Store
from benchmarks.figure import Figure
from config import DATABASE_FILE, ROOT, Settings, bench_passages
from tests.instances import SqliteTemplate
from tests.integration.review.room import Room, region

TARGET = 20_000
ALL = (
    "jsonl", "parquet", "csv", "conll", "docbin", "brat", "label-studio", "prodigy", "doccano",
    "w3c",
)  # fmt: skip
# What the SDK's converter makes of an export, too, and how it calls it. (Its JSON is the file
# it was given, copied.)
FORMS = tuple(os.environ.get("COPYDESK_BENCH_FORMATS", ",".join(ALL)).split(","))
THEIRS = {
    form: name for form, name in {"conll": "CONLL2003", "csv": "CSV"}.items() if form in FORMS
}
PER_ARTICLE = 9
BASE = 1_000_000


def measure() -> Iterator[Figure]:
    """A tenth of the size first, to see that memory stays flat; then the whole."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    size = bench_passages(100_000)
    with tempfile.TemporaryDirectory() as place:
        small = _run(Path(place) / "small", max(size // 10, 1))
        large = _run(Path(place) / "large", size)
    for name, one in large.items():
        theirs = one.get("theirs", size / TARGET)
        yield Figure(f"release_{name}_{size}", [one["s"]], [theirs], unit="s of one core")
        yield Figure(f"release_{name}_{size}_peak", [one["mb"]], [small[name]["mb"]], unit="MB")
        if "theirs_mb" in one:
            yield Figure(f"release_{name}_{size}_peak_sdk", [one["mb"]], [one["theirs_mb"]], "MB")


def _run(place: Path, size: int) -> dict[str, dict[str, float]]:
    template = SqliteTemplate.make(place / "template")
    with template.copy(place / "instance") as settings:
        _fill(settings, size)
        found = {"build": _child("build", settings.instance)}
        for form in FORMS:
            out = place / form
            found[form] = _child("write", settings.instance, form, out)
            if form in THEIRS:
                continue
            found[f"{form}_verify"] = _child("verify", settings.instance, form, out)
        for form in THEIRS:
            found[f"{form}_verify"] = _child("verify", settings.instance, form, place / form)
            sdk = _child("convert", settings.instance, form, place / "label-studio")
            found[form] |= {"theirs": sdk["s"], "theirs_mb": sdk["mb"]}
        found["rebuild"] = _child("rebuild", settings.instance, "jsonl", place / "again")
        return found


def _child(act: str, *words: object) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.release", act, *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{act} {words}: {done.stderr[-2000:]}")
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    print(f"{act} {words[1:2]}: {told}", file=sys.stderr)
    return told


def _fill(settings: Settings, size: int) -> None:
    """One passage as two annotators and a reviewer left it, copied within SQLite."""
    store = Store(settings.sqlalchemy_url)
    room = Room(settings, store)
    regions = [region(f"r{n}", ("PERSON", "ORG")[n % 2], 9 * n, 9 * n + 7) for n in range(5)]
    for lane in (0, 1):
        room.say(lane, 0, *regions)
    room.call("submit", room.sync(0))
    room.line.queue.close()
    store.dispose()
    connection = sqlite3.connect(settings.instance / DATABASE_FILE)
    passage = connection.execute("SELECT passage_id FROM gold").fetchone()[0]
    _copy_all(connection, passage, size)
    connection.commit()
    connection.close()


def _parts(passage: int, size: int) -> list[tuple[str, str, str, dict[str, str]]]:
    """Table, the numbers it is copied for, which of its rows, and what differs in each copy."""
    new, article = f"{BASE} + i * 100 + ", f"{BASE} + (i / {PER_ARTICLE}) * 100 + "
    every = f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {size - 1})"
    first = f"{every}, m(i) AS (SELECT i FROM n WHERE i % {PER_ARTICLE} = 0)"
    tasks = f"SELECT id FROM task WHERE passage_id = {passage}"
    annotations = f"SELECT id FROM annotation WHERE task_id IN ({tasks})"
    revisions = f"SELECT id FROM revision WHERE annotation_id IN ({annotations})"
    golds = f"SELECT id FROM gold WHERE passage_id = {passage}"
    return [
        ("article", first, "id < 100", {
            "id": f"{article}id", "uid": "printf('a-%012d', i)", "external_id": "NULL",
            "cluster": "NULL", "bytes_sha": "printf('%064d', i)",
        }),
        ("article_version", first, "id < 100", {
            "id": f"{article}id", "article_id": f"{article}article_id",
            "bytes_sha": "printf('%064d', i)",
        }),
        ("passage", every, f"id = {passage}", {
            "id": f"{new}id", "uid": "printf('p-%012d', i)", "article_id": f"{article}article_id",
            "text_sha": "printf('%064d', i)",
        }),
        ("placement", every, f"passage_id = {passage}", {
            "version_id": f"{article}version_id", "passage_id": f"{new}passage_id",
        }),
        ("task", every, f"passage_id = {passage}", {
            "id": f"{new}id", "uid": "printf('t-%012d-%d', i, id)",
            "passage_id": f"{new}passage_id", "ordinal": f"{new}ordinal", "ls_task_id": "NULL",
        }),
        ("annotation", every, f"id IN ({annotations})", {
            "id": f"{new}id", "task_id": f"{new}task_id", "ls_id": f"{new}ls_id",
        }),
        ("revision", every, f"id IN ({revisions})", {
            "id": f"{new}id", "annotation_id": f"{new}annotation_id",
        }),
        ("span", every, f"revision_id IN ({revisions})", {"revision_id": f"{new}revision_id"}),
        ("review", every, f"passage_id = {passage}", {
            "id": f"{new}id", "passage_id": f"{new}passage_id",
        }),
        ("gold", every, f"passage_id = {passage}", {
            "id": f"{new}id", "passage_id": f"{new}passage_id", "review_id": f"{new}review_id",
        }),
        ("gold_span", every, f"gold_id IN ({golds})", {
            "gold_id": f"{new}gold_id", "passage_id": f"{new}passage_id",
        }),
    ]  # fmt: skip


def _copy_all(connection: sqlite3.Connection, passage: int, size: int) -> None:
    for table, numbers, where, changed in _parts(passage, size):
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        values = ", ".join(changed.get(name, f'"{name}"') for name in columns)
        names = ", ".join(f'"{name}"' for name in columns)
        source = "m" if "m(i)" in numbers else "n"
        connection.execute(
            f"{numbers} INSERT INTO {table} ({names}) SELECT {values} "
            f"FROM {table}, {source} WHERE {where}"
        )


def _act(act: str, instance: str, *words: str) -> None:
    settings = Settings(instance=Path(instance))
    store = Store(settings.sqlalchemy_url)
    work = _work(act, store, *words)
    begun, clock = time.process_time(), time.perf_counter()
    work()
    spent, waited = time.process_time() - begun, time.perf_counter() - clock
    print(json.dumps({"s": round(spent, 3), "wall": round(waited, 3), "mb": _peak()}))


def _peak() -> float:
    """The most memory this process held. The usual call would tell its parent's as well."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith("VmHWM"))
    return round(int(kilobytes) / 1024, 1)


def _work(act: str, store: Store, *words: str) -> Callable[[], Any]:
    """What is timed: what has to be loaded for it is loaded before."""
    import pyarrow.compute
    import pyarrow.json
    import pyarrow.parquet  # noqa: F401

    from app.jobs.release import build
    from app.jobs.release_files import export_release, rebuild
    from labeling.datasets.verify import verify_folder

    if act == "build":
        begun = _planned(store)
        return lambda: build(store, begun)
    form, out = words[0], Path(words[1])
    _warm(form)
    if act == "write":
        return lambda: export_release(store, "news", "1.0.0", form, out, spec_options={})
    if act == "rebuild":
        return lambda: rebuild(store, "news", "1.0.0", out)
    if act == "convert":
        return _converter(THEIRS[form], out)
    return lambda: _sound(verify_folder(out))


def _warm(form: str) -> None:
    """Write and verify one record, so that no library is loaded while the clock runs."""
    from labeling.datasets.folder import FolderWriter
    from labeling.datasets.formats import load_format
    from tests.unit.formats.records import SPEC, rich_record

    module = load_format(form)
    with tempfile.TemporaryDirectory() as place:
        with FolderWriter(Path(place) / "one") as folder:
            module.write([rich_record()], folder, SPEC)
            folder.seal({})
        read: Any = getattr(module, "read_lines", module.read)
        assert len(list(read(Path(place) / "one"))) == 1


def _planned(store: Store) -> int:
    from datetime import UTC, datetime

    from app.services.releases import plan_release
    from labeling.datasets.plan import ReleasePlan

    with store.transaction() as session:
        plan = ReleasePlan(("first",))
        now = datetime.now(UTC)
        return plan_release(session, "news", plan, actor="system", notes="", now=now).id


def _sound(found: Any) -> None:
    if not found.ok:
        raise RuntimeError(str(found.problems[:3]))


def _converter(form: str, folder: Path) -> Callable[[], Any]:
    """The SDK's own converter on our Label Studio export: the same tasks, the same spans."""
    from label_studio_sdk.converter import Converter

    from tests.line import CONFIG

    converter = Converter(CONFIG, None)
    given = folder.parent / "given"
    given.mkdir(exist_ok=True)
    for path in sorted((folder / "data").glob("*.json")):
        # An export of the server numbers its tasks and answers; ours, for an import, does not.
        tasks = json.loads(path.read_bytes())
        for n, task in enumerate(tasks, start=1):
            task["id"] = n
            for answer in task["annotations"]:
                answer |= {"id": n, "completed_by": 1, "lead_time": 1.0}
        (given / path.name).write_text(json.dumps(tasks, ensure_ascii=False), encoding="utf-8")
    files = sorted(given.glob("*.json"))

    def run() -> None:
        for path in files:
            out = folder.parent / f"sdk-{form}" / path.stem
            out.mkdir(parents=True)
            converter.convert(str(path), str(out), form, is_dir=False)

    return run


if __name__ == "__main__":
    _act(*sys.argv[1:])
