"""`flask doctor`: looks at every part and says what to do where one ails."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from app.cli.output import Answer, answers
from app.errors import SetupError
from app.extensions import WAL_SAFE_FROM, Store, get_store, journal_mode
from app.keys import DATA_KEY_FILE, SECRET_KEY_FILE, TokenVault, secret_key
from app.queries import health
from app.queries.connections import list_connections
from app.queue import ENGINE_SCHEMA, ENGINE_TABLES
from app.services import audit_check
from config import ROOT, Settings
from labeling.errors import LabelingError

OK, WARN, FAIL = "ok", "warn", "fail"
UPGRADE = "Run: flask db upgrade"
_HEARTBEAT_OLD = timedelta(seconds=60)
_LINES_READ = 1_000
_PARTS = (
    "flask", "flask-security-too", "sqlalchemy", "alembic", "dbos", "label-studio-sdk", "gunicorn"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, how it is, and what to do."""

    name: str
    state: str
    detail: str
    remedy: str = ""


@click.command()
@with_appcontext
@answers
def doctor() -> Answer:
    """Look at every part, and say what to do where one ails. Exit 1 when something fails."""
    checks = list(_examine(current_app.extensions["settings"], get_store()))
    failed = any(check.state == FAIL for check in checks)
    lines = []
    for check in checks:
        lines.append(f"{check.state:<5}{check.name}: {check.detail}")
        if check.remedy:
            lines.append(f"     → {check.remedy}")
    data = {"ok": not failed, "checks": [asdict(check) for check in checks]}
    return Answer(data, "\n".join(lines), exit_code=1 if failed else 0)


def _examine(settings: Settings, store: Store) -> Iterator[Check]:
    yield _folder(settings)
    yield from _keys(settings)
    yield _disk(settings)
    yield _versions()
    try:
        facts = health.read_store_facts(store, engine_schema=ENGINE_SCHEMA)
    except SQLAlchemyError as err:
        reason = str(getattr(err, "orig", err)).strip().splitlines()[0]
        yield Check("store", FAIL, f"It cannot be reached: {reason}", _store_remedy(settings))
        return
    yield _store(facts)
    migrations = _migrations(facts)
    yield migrations
    yield _engine(facts)
    if migrations.state == OK:
        yield _worker(health.read_heartbeat(store))
        yield _admin(store)
        yield from _connections(settings, store)
        yield _task_locks(store)
        yield _audit(settings, store)


def _folder(settings: Settings) -> Check:
    path = settings.instance
    if not path.is_dir():
        return Check("instance", FAIL, f"The folder {path} does not exist.", UPGRADE)
    return _closed(path, "instance") or Check("instance", OK, str(path))


def _keys(settings: Settings) -> Iterator[Check]:
    given = {"secret": settings.secret_key, "data": settings.data_key}
    for kind, file in (("secret", SECRET_KEY_FILE), ("data", DATA_KEY_FILE)):
        name, path = f"{kind} key", settings.instance / file
        if given[kind] is not None:
            yield Check(name, OK, "Given by the environment.")
        elif not path.is_file():
            yield Check(name, FAIL, f"{path} does not exist.", UPGRADE)
        else:
            yield _closed(path, name) or _usable(name, kind, settings)


def _closed(path: Path, name: str) -> Check | None:
    """A warning when others than the owner may look into a file or folder."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & 0o077:
        return None
    return Check(
        name, WARN, f"{path} is open to other users (mode {mode:04o}).", f"Run: chmod go= {path}"
    )


def _usable(name: str, kind: str, settings: Settings) -> Check:
    bad = "Put the right file back, from where keys are kept apart from backups."
    try:
        if kind == "data":
            TokenVault(settings)
        elif len(secret_key(settings) or "") < 32:
            return Check(name, FAIL, "It is too short to be safe.", bad)
    except (ValueError, OSError, SetupError) as err:
        return Check(name, FAIL, f"It cannot be used: {err}", bad)
    return Check(name, OK, "There, and readable by its owner alone.")


def _disk(settings: Settings) -> Check:
    place = next(p for p in (settings.instance, *settings.instance.parents) if p.exists())
    usage = shutil.disk_usage(place)
    share = usage.free / usage.total
    detail = f"{usage.free / 1e9:.1f} GB free ({share:.0%})"
    if usage.free < 200e6:
        return Check("disk", FAIL, detail, f"Make room on the disk of {place}.")
    if share < 0.1 and usage.free < 5e9:
        return Check("disk", WARN, detail, f"Make room on the disk of {place}.")
    return Check("disk", OK, detail)


def _versions() -> Check:
    found = {name: metadata.version(name) for name in _PARTS}
    detail = ", ".join(f"{name} {version}" for name, version in found.items())
    pinned = _pinned(ROOT / "requirements.txt")
    other = [name for name, version in found.items() if pinned.get(name, version) != version]
    if other:
        return Check(
            "versions", WARN, f"Not as pinned: {', '.join(other)} ({detail})", "Run: make setup"
        )
    return Check("versions", OK, detail)


def _pinned(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    pins = (line.split(" ", 1)[0].partition("==") for line in lines if "==" in line)
    return {name.lower(): version for name, _, version in pins}


def _store_remedy(settings: Settings) -> str:
    if settings.is_sqlite:
        return UPGRADE
    return "Start the PostgreSQL server, or correct COPYDESK_DATABASE_URL."


def _store(facts: health.StoreFacts) -> Check:
    detail = f"{facts.kind} {facts.version}"
    if not facts.journal_mode:
        major = int(facts.version.split(".")[0])
        old = Check("store", FAIL, detail, "Use PostgreSQL 15 or newer.")
        return Check("store", OK, detail) if major >= 15 else old
    detail += f", journal mode {facts.journal_mode}"
    if facts.journal_mode.upper() == journal_mode():
        return Check("store", OK, detail)
    safe = ".".join(str(part) for part in WAL_SAFE_FROM)
    return Check(
        "store",
        FAIL,
        f"{detail}, but {journal_mode()} is the safe one for this version (WAL from {safe} on).",
        "Stop every process of this instance, then start them again.",
    )


def _migrations(facts: health.StoreFacts) -> Check:
    from alembic.script import ScriptDirectory

    head = ScriptDirectory(str(ROOT / "migrations")).get_current_head()
    if facts.revision == head:
        return Check("migrations", OK, f"At {head}, the newest.")
    at = f"At {facts.revision or 'nothing'}, but the newest is {head}."
    return Check("migrations", FAIL, at, UPGRADE)


def _engine(facts: health.StoreFacts) -> Check:
    missing = ", ".join(sorted(ENGINE_TABLES - facts.engine_tables))
    if missing:
        return Check("job engine", FAIL, f"Tables are missing: {missing}", UPGRADE)
    return Check("job engine", OK, "Its tables are there.")


def _worker(seen_at: datetime | None) -> Check:
    start = "Start one: flask worker"
    if seen_at is None:
        return Check("worker", WARN, "None has run yet: pushes and syncs wait.", start)
    age = datetime.now(UTC) - seen_at
    if age > _HEARTBEAT_OLD:
        last = f"The last sign of life was {int(age.total_seconds())} s ago: pushes and syncs wait."
        return Check("worker", WARN, last, start)
    return Check("worker", OK, f"Alive {int(age.total_seconds())} s ago.")


def _admin(store: Store) -> Check:
    if health.has_admin(store):
        return Check("admin", OK, "There is one.")
    make = "Make one: flask users create EMAIL --role admin"
    return Check("admin", WARN, "Nobody can administer the dashboard.", make)


def _connections(settings: Settings, store: Store) -> Iterator[Check]:
    from app.jobs.gateways import open_gateway, sdk_gateway

    factory = sdk_gateway(settings)
    with store.reading() as session:
        rows = list_connections(session)
    for row in rows:
        name = f"connection {row.name}"
        try:
            with store.reading() as session:
                gateway = open_gateway(session, settings, factory, row.id)
            found = gateway.check()
        except (LabelingError, SetupError) as err:
            yield Check(name, FAIL, err.message, err.remedy)
        else:
            yield Check(name, OK, f"Label Studio {found.version} as {found.user_email}")


def _audit(settings: Settings, store: Store) -> Check:
    """Only the newest lines, and where the log stood at the last check; verify reads them all."""
    found = audit_check.read_chain(store, newest=_LINES_READ)
    audit_check.hold_against(found, store, audit_check.read_head(settings))
    if found.ok:
        return Check("audit log", OK, f"Its newest {found.rows} lines are as they were written.")
    first = found.problems[0]["message"]
    return Check("audit log", FAIL, first, "See all of it: flask audit verify")


def _task_locks(store: Store) -> Check:
    """Label Studio cannot be asked for this setting, so all that can be done is to say it."""
    if not health.has_open_shared_lane(store):
        return Check("task locks", OK, "They hold nobody up: no open batch has a shared lane.")
    return Check(
        "task locks",
        WARN,
        "Label Studio keeps a task for whoever opened it, for a day unless told otherwise, and "
        "those who share a lane wait for it.",
        "Start Label Studio with TASK_LOCK_TTL=3600 (make run does so).",
    )
