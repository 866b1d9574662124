"""Asking for a release, and for its files: planned as jobs, kept in the instance folder."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.errors import ConflictError
from app.models.jobs import Job
from app.models.releases import Release, ReleaseFile
from app.queries.releases import get_release
from app.queue import EXPORT, RELEASE, Queue
from app.services import audit, releases
from config import Settings
from labeling.datasets.folder import WrittenFile
from labeling.datasets.formats import format_info
from labeling.datasets.plan import ReleasePlan

_PLACE = "releases"


def request_release(
    session: Session,
    queue: Queue,
    name: str,
    plan: ReleasePlan,
    *,
    actor: str,
    notes: str,
    now: datetime,
) -> Job:
    """Begin a release and plan the job that builds it.

    Raises:
        ReleaseError: the plan makes no sense.
        NotFoundError: a batch does not exist.
        ConflictError: another release of the dataset is being built.
    """
    release = releases.plan_release(session, name, plan, actor=actor, notes=notes, now=now)
    return queue.plan(
        session,
        RELEASE,
        key=f"release:{name}:{release.number}",
        actor=actor,
        partition=f"release:{name}",
        args={"release": release.id},
    )


def request_files(
    session: Session, queue: Queue, name: str, version: str, form: str, *, actor: str
) -> Job:
    """Plan the job that writes a release in a format.

    Raises:
        NotFoundError: there is no such release.
        FormatError: there is no such format.
        ConflictError: the format cannot hold a release of offsets only.
    """
    info = format_info(form)
    release = get_release(session, name, version)
    if info.needs_text and release.manifest["plan"]["offsets_only"]:
        raise ConflictError(
            f"{info.title} cannot hold a release of offsets only.",
            remedy="Take JSON Lines or Parquet.",
        )
    audit.record(
        session, actor=actor, action="files_requested", object=f"dataset:{name}",
        detail={"version": version, "format": form},
    )  # fmt: skip
    return queue.plan(
        session,
        EXPORT,
        key=f"export:{name}:{version}:{form}",
        actor=actor,
        partition=f"export:{name}",
        args={"dataset": name, "version": version, "form": form},
        total=release.manifest["counts"]["records"],
    )


def keep_file(
    session: Session,
    release_id: int,
    form: str,
    written: WrittenFile,
    report: Sequence[Mapping[str, Any]],
    *,
    now: datetime,
) -> None:
    """Write down a file that is in its place."""
    session.get_one(Release, release_id, with_for_update=True)
    session.execute(
        delete(ReleaseFile).where(ReleaseFile.release_id == release_id, ReleaseFile.form == form)
    )
    session.add(
        ReleaseFile(
            release_id=release_id, form=form, sha256=written.sha256, bytes=written.bytes,
            report=[dict(loss) for loss in report], made_at=now,
        )
    )  # fmt: skip


def file_to_send(
    session: Session, settings: Settings, name: str, version: str, form: str, *, actor: str
) -> tuple[Path, str] | None:
    """A file that somebody takes home, and its sha256; who took it is written down.

    Returns:
        None where it has to be made first.

    Raises:
        NotFoundError: there is no such release.
        FormatError: there is no such format.
    """
    format_info(form)
    release = get_release(session, name, version)
    row = session.scalar(
        select(ReleaseFile).where(ReleaseFile.release_id == release.id, ReleaseFile.form == form)
    )
    path = path_of(settings, release.id, form)
    if row is None or not is_there(path, row.bytes):
        return None
    audit.record(
        session, actor=actor, action="files_downloaded", object=f"dataset:{name}",
        detail={"version": version, "format": form, "sha256": row.sha256},
    )  # fmt: skip
    return path, row.sha256


def path_of(settings: Settings, release_id: int, form: str) -> Path:
    """Where the file of a release in a format is."""
    return settings.instance / _PLACE / f"{release_id}-{form}.zip"


def is_there(path: Path, size: int) -> bool:
    """Whether a file is on this machine, and whole: a restore brings its row, not its bytes."""
    return path.is_file() and path.stat().st_size == size


def make_place(settings: Settings, release_id: int, form: str) -> Path:
    """The folder of the files, without what a run of the same job left behind when it was cut off.

    Returns:
        A folder within it, not there yet, to write in.
    """
    place = settings.instance / _PLACE
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    work = place / f".{release_id}-{form}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    return work
