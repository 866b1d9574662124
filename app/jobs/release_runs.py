"""Releases and their files as jobs: what the commands do in their own process, for pages.

Both begin anew after a crash. A release that is ready stays as it is; files stand under their
name only when they are whole.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

from sqlalchemy import update

from app.jobs.release import build
from app.jobs.release_files import Watch, export_release
from app.jobs.runtime import CancelledJob, JobContext, now
from app.models.jobs import Job
from app.queries.releases import get_release
from app.services import release_files, releases
from labeling.datasets.archive import write_zip
from labeling.datasets.formats.base import FormatError

_STEP = 1_000


def release_dataset(ctx: JobContext) -> dict[str, Any]:
    """Build the release that was planned; cancelling it gives it up.

    Raises:
        SplitError: the split leaks; nothing of the release is left.
        ReleaseError: nothing would be in it.
        ConflictError: it was given up meanwhile.
    """
    release_id = ctx.args["release"]
    known = 0

    def tell(done: int, total: int) -> None:
        nonlocal known
        if total != known:
            known = total
            with ctx.transaction() as session:
                session.execute(update(Job).where(Job.id == ctx.job_id).values(total=total))
        told = f"{done:,} records are frozen" if done else f"{total:,} passages would be in it"
        ctx.checkpoint(done=done, message=told)

    try:
        built = build(ctx.store, release_id, ctx.transaction, tell)
    except CancelledJob:
        with ctx.transaction() as session:
            releases.fail_release(session, release_id, "Cancelled.")
        raise
    counts = built.manifest["counts"]
    return {
        "dataset": built.dataset,
        "version": built.version,
        "records": counts["records"],
        "spans": counts["spans"],
        "sha256": built.manifest["records_sha256"],
    }


def export_dataset(ctx: JobContext) -> dict[str, Any]:
    """Write a release in a format and pack it; the file is whole or not there.

    Raises:
        NotFoundError: there is no such release.
        FormatError: the format cannot hold it, or the disk is full.
    """
    name, version, form = (ctx.args[key] for key in ("dataset", "version", "form"))
    with ctx.store.reading() as session:
        release_id = get_release(session, name, version).id
    work = release_files.make_place(ctx.settings, release_id, form)
    folder, packed = work / f"{name}-{version}-{form}", work / "packed.zip"
    try:
        manifest = export_release(
            ctx.store, name, version, form, folder, spec_options={}, watch=_watched(ctx)
        )
        ctx.checkpoint(message="Packing the files")
        written = write_zip(folder, packed)
        packed.replace(release_files.path_of(ctx.settings, release_id, form))
    except OSError as err:
        raise FormatError(
            f"The files cannot be written ({err.strerror}); nothing of them stays.",
            remedy="Make room on the disk of the instance folder, then retry the job.",
        ) from err
    finally:
        shutil.rmtree(work, ignore_errors=True)
    with ctx.transaction() as session:
        release_files.keep_file(session, release_id, form, written, manifest["report"], now=now())
    return {
        "dataset": name,
        "version": version,
        "format": form,
        "records": manifest["counts"]["records"],
        "bytes": written.bytes,
        "sha256": written.sha256,
    }


def _watched(ctx: JobContext) -> Watch:
    def watch(lines: Iterator[str]) -> Iterator[str]:
        for n, line in enumerate(lines):
            if n % _STEP == 0:
                ctx.checkpoint(done=n, message="Writing the records")
            yield line

    return watch
