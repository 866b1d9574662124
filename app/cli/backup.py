"""`flask backup`: the whole store as a folder that can be checked and restored; keys apart."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from app.cli.actors import as_option
from app.cli.output import Answer, answers
from app.cli.terms import take_all_in
from app.errors import InvalidInputError, SetupError
from app.extensions import Store, get_store
from app.keys import DATA_KEY_FILE, SECRET_KEY_FILE, data_key_mark
from app.services import audit, backups
from app.services.audit_check import forget_head
from config import DATABASE_FILE, Settings
from labeling.datasets.folder import MANIFEST, FolderWriter, hash_file, read_manifest

FORMAT = "copydesk-backup/1"
group = AppGroup("backup", help="The whole store as a folder, to check and to restore.")
FOLDER = click.Path(file_okay=False, path_type=Path)


@group.command()
@click.argument("folder", type=FOLDER)
@click.option(
    "--keys", type=FOLDER, help="Also copy the keys, into this other folder; keep it elsewhere."
)
@answers
def create(folder: Path, keys: Path | None) -> Answer:
    """Write everything but the keys into FOLDER. Safe while Copydesk is running."""
    settings: Settings = current_app.extensions["settings"]
    store = get_store()
    with _still(store, settings) as session, FolderWriter(folder) as writer:
        counts = {}
        for table in backups.tables():
            counts[table.name] = -1
            with writer.open(_file(table.name)) as file:
                for line in backups.iter_lines(session, table):
                    file.write(line.encode("utf-8") + b"\n")
                    counts[table.name] += 1
        manifest = {
            "format": FORMAT,
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "revision": _revision(session),
            "data_key": data_key_mark(settings),
            "tables": counts,
        }
        writer.seal(manifest)
    folder.chmod(0o700)
    if keys is not None:
        _copy_keys(settings, keys)
    rows = sum(counts.values())
    data = {"folder": str(folder.resolve()), "tables": len(counts), "rows": rows}
    lines = [f"{rows} rows of {len(counts)} tables in {folder}."]
    lines += [] if keys else ["The keys are not in it: back them up too, with --keys FOLDER."]
    return Answer(data, "\n".join(lines))


@group.command()
@click.argument("folder", type=click.Path(path_type=Path))
@answers
def verify(folder: Path) -> Answer:
    """Hash and count every file of a backup. Needs no database."""
    manifest = _manifest(folder)
    problems = _problems(folder, manifest)
    rows = sum(manifest["tables"].values())
    data = {"ok": not problems, "rows": rows, "problems": problems}
    lines = [f"{'ok' if not problems else 'NOT as its manifest says'}: {rows} rows"]
    lines += [f"  {one['path']}: {one['message']}" for one in problems]
    return Answer(data, "\n".join(lines), 1 if problems else 0)


@group.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Replace what this instance holds.")
@as_option
@answers
def restore(folder: Path, replace: bool, actor: str) -> Answer:
    """Put a backup into this instance, which has to be fresh and of the same version.

    Nothing is pushed again that Label Studio has already: what may have been sent since the
    backup is looked for first.
    """
    manifest = _manifest(folder)
    settings: Settings = current_app.extensions["settings"]
    problems = _problems(folder, manifest)
    if problems:
        first = problems[0]
        raise InvalidInputError(
            f"The backup is damaged: {first['path']}: {first['message']}",
            remedy="See all of it: flask backup verify " + str(folder),
        )
    if manifest["data_key"] != data_key_mark(settings):
        raise SetupError(
            "The backup was made with another data key; connections could not be used.",
            remedy=f"Put the {DATA_KEY_FILE} that belongs to it into the instance folder first.",
        )
    with get_store().transaction() as session:
        _check_revision(session, manifest)
        if not replace:
            backups.check_empty(session)
        backups.clear(session)
        for table in backups.tables():
            with (folder / _file(table.name)).open(encoding="utf-8") as file:
                backups.take_in(session, table, file)
        settled = backups.settle_down(session)
        detail = {"made": manifest["created_at"], **settled}
        audit.record(session, actor=actor, action="backup_restored", object="store", detail=detail)
    forget_head(settings)
    take_all_in(get_store())
    rows = sum(manifest["tables"].values())
    data = {"rows": rows, "made": manifest["created_at"], "in_doubt": settled}
    lines = [f"{rows} rows of {manifest['created_at']} restored."]
    if settled["chunks"]:
        lines.append(f"{settled['chunks']} import calls are in doubt: flask batches push NAME")
    lines.append("Read every batch anew: flask sync --full")
    return Answer(data, "\n".join(lines))


@contextmanager
def _still(store: Store, settings: Settings) -> Iterator[Session]:
    """The store as of one moment, without holding anybody up."""
    if not store.is_sqlite:
        connection = store.engine.connect().execution_options(isolation_level="REPEATABLE READ")
        with connection, Session(connection) as session:
            yield session
        return
    with tempfile.TemporaryDirectory(dir=settings.instance) as place:
        copy = Path(place) / DATABASE_FILE
        source = sqlite3.connect(settings.instance / DATABASE_FILE, timeout=30)
        target = sqlite3.connect(copy)
        try:
            source.backup(target)
        finally:
            source.close()
            target.close()
        engine = create_engine(f"sqlite:///{copy}")
        with Session(engine) as session:
            yield session
        engine.dispose()


def _revision(session: Session) -> str:
    return str(session.scalar(text("SELECT version_num FROM alembic_version")))


def _check_revision(session: Session, manifest: dict[str, Any]) -> None:
    here = _revision(session)
    if here != manifest["revision"]:
        raise SetupError(
            f"The backup is of version {manifest['revision']}, this instance of {here}.",
            remedy="Restore it with the Copydesk that made it, then: flask db upgrade",
        )


def _manifest(folder: Path) -> dict[str, Any]:
    manifest = read_manifest(folder)
    if manifest.get("format") != FORMAT:
        raise InvalidInputError(
            f"{folder} is not a backup.", remedy="Give the folder that flask backup create made."
        )
    return manifest


def _problems(folder: Path, manifest: dict[str, Any]) -> list[dict[str, str]]:
    problems = []
    for entry in manifest["files"]:
        path = folder / entry["path"]
        if not path.is_file():
            problems.append({"path": entry["path"], "message": "The file is not there."})
        elif hash_file(path).sha256 != entry["sha256"]:
            problems.append({"path": entry["path"], "message": "Its sha256 is another one."})
    named = {entry["path"] for entry in manifest["files"]}
    problems += [
        {"path": MANIFEST, "message": f"It does not name {table}."}
        for table in manifest["tables"]
        if _file(table) not in named
    ]
    return problems


def _file(table: str) -> str:
    return f"tables/{table}.jsonl"


def _copy_keys(settings: Settings, keys: Path) -> None:
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in (DATA_KEY_FILE, SECRET_KEY_FILE):
        source = settings.instance / name
        if source.is_file():
            shutil.copyfile(source, keys / name)
            (keys / name).chmod(0o600)
