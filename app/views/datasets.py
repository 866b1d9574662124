"""Datasets: their releases, one release in full, its records, its files, what changed."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_login import current_user
from werkzeug.wrappers import Response as WerkzeugResponse

from app.errors import NotPermittedError
from app.extensions import get_store
from app.queries.datasets import (
    FileRow,
    ReleasePage,
    get_release_page,
    get_side,
    list_dataset_rows,
    list_records,
)
from app.queries.jobs import JobRow, get_export_jobs
from app.queries.release_diff import Side, diff_sides
from app.queue import Queue
from app.security import requires
from app.security.access import may
from app.services import release_files
from app.views.cursor import read_after
from app.views.dataset_drawing import draw_record
from app.views.polling import answer_poll
from labeling.datasets.card import MODES, REASONS, write_card
from labeling.datasets.formats import FORMATS

blueprint = Blueprint("datasets", __name__, url_prefix="/datasets")

# Two releases with more records than this together are compared by a command, not by a page.
MOST_COMPARED = 400_000
CHANGES_SHOWN = 200
FIGURE_WORDS = {
    "f1_exact": "F1, exact",
    "f1_iou50": "F1, overlap of half",
    "alpha_token": "Alpha, by token",
    "percent": "Same answer",
    "alpha_nominal": "Alpha",
}
SPLITS = ("train", "dev", "test", "all")


@blueprint.get("")
@requires("viewer")
def show_datasets() -> str:
    """Every dataset with its releases."""
    with get_store().reading() as session:
        rows = list_dataset_rows(session)
    return render_template("datasets/list.html", datasets=rows)


@blueprint.get("/<dataset>/<version>")
@requires("viewer")
def show_release(dataset: str, version: str) -> str:
    """One release: what is in it, how good it is, and its files."""
    with get_store().reading() as session:
        page = get_release_page(session, dataset, version)
        jobs = get_export_jobs(session, dataset, version)
        sample = list_records(session, page.id, limit=3)
    return render_template(
        "datasets/one.html",
        page=page,
        manifest=page.manifest,
        splits=[one for one in SPLITS if one in page.manifest["counts"]["splits"]],
        card=card_of(page),
        files=_offers(page, jobs),
        job=_active(jobs),
        sample=[draw_record(one.record) for one in sample.rows],
        reasons=REASONS,
        modes=MODES,
        figure_words=FIGURE_WORDS,
    )


@blueprint.get("/<dataset>/<version>/files")
@requires("viewer")
def show_files(dataset: str, version: str) -> Response:
    """The part of a release's page that moves: its files, while one is being made."""
    with get_store().reading() as session:
        page = get_release_page(session, dataset, version)
        jobs = get_export_jobs(session, dataset, version)
    job = _active(jobs) or _newest(jobs)
    return answer_poll("datasets/files.html", job, page=page, files=_offers(page, jobs))


@blueprint.get("/<dataset>/<version>/records")
@requires("viewer")
def show_records(dataset: str, version: str) -> str:
    """The records of a release, with the spans drawn in the text."""
    with get_store().reading() as session:
        page = get_release_page(session, dataset, version)
        records = list_records(session, page.id, after=read_after())
    drawn = [draw_record(one.record) for one in records.rows]
    return render_template("datasets/records.html", page=page, records=records, drawn=drawn)


@blueprint.get("/<dataset>/<version>/diff")
@requires("viewer")
def show_diff(dataset: str, version: str) -> str | WerkzeugResponse:
    """What changed from ``?from=`` to this release."""
    with get_store().reading() as session:
        page = get_release_page(session, dataset, version)
        other = request.args.get("from", "") or page.before
        if other is None:
            return redirect(url_for(".show_release", dataset=dataset, version=version))
        before = get_side(session, dataset, other)
    command = f"flask datasets diff {dataset} {before.version} {version}"
    together = page.row.records + int(before.manifest["counts"]["records"])
    found: dict[str, Any] | None = None
    if together <= MOST_COMPARED:
        after = Side(page.id, page.version, page.manifest)
        found = diff_sides(get_store(), dataset, before, after)
    return render_template(
        "datasets/diff.html", page=page, before=before, found=found, command_line=command,
        together=together, shown=CHANGES_SHOWN,
    )  # fmt: skip


@blueprint.post("/<dataset>/<version>/files/<form>")
@requires("viewer")
def make_files(dataset: str, version: str, form: str) -> WerkzeugResponse:
    """Have a release written in a format; it is offered on the page when it is there."""
    queue: Queue = current_app.extensions["queue"]
    _check_names(dataset, version)
    with get_store().transaction() as session:
        release_files.request_files(
            session, queue, dataset, version, form, actor=current_user.email
        )
    flash(f"{FORMATS[form].title} is being written. It is offered here when it is whole.", "info")
    return redirect(_to_files(dataset, version), 303)


@blueprint.post("/<dataset>/<version>/download/<form>")
@requires("viewer")
def download(dataset: str, version: str, form: str) -> WerkzeugResponse:
    """Send a file that was made; who took what home is written down."""
    _check_names(dataset, version)
    with get_store().transaction() as session:
        found = release_files.file_to_send(
            session, current_app.extensions["settings"], dataset, version, form,
            actor=current_user.email,
        )  # fmt: skip
    if found is None:
        flash("This file is not here any more. Have it written again.", "warn")
        return redirect(_to_files(dataset, version), 303)
    path, sha256 = found
    name = f"{dataset}-{version}-{form}.zip"
    answer = send_file(
        path, mimetype="application/zip", as_attachment=True, download_name=name, conditional=False
    )
    answer.headers["X-Checksum-Sha256"] = sha256
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def card_of(page: ReleasePage) -> str:
    """The card as the JSON Lines export has it."""
    return write_card({**page.manifest, "form": "jsonl", "report": []})


def _check_names(dataset: str, version: str) -> None:
    """Annotators' names leave with admins alone."""
    with get_store().reading() as session:
        page = get_release_page(session, dataset, version)
    if page.manifest["plan"]["names"] and not may("admin"):
        raise NotPermittedError(
            "This release names its annotators, so only admins take it home.",
            remedy="Ask an admin for a release with pseudonyms.",
        )


def _offers(page: ReleasePage, jobs: dict[str, JobRow]) -> list[dict[str, Any]]:
    """A row for each format: what it holds, whether it is there, and the job that makes it."""
    settings = current_app.extensions["settings"]
    bare = page.manifest["plan"]["offsets_only"]
    rows = []
    for info in FORMATS.values():
        file: FileRow | None = page.files.get(info.name)
        if file is not None:
            path = release_files.path_of(settings, page.id, info.name)
            file = file if release_files.is_there(path, file.bytes) else None
        job = jobs.get(info.name)
        rows.append(
            {
                "info": info,
                "file": file,
                "job": job if job is not None and (job.active or job.may_retry) else None,
                "fits": not (bare and info.needs_text),
            }
        )
    return rows


def _active(jobs: dict[str, JobRow]) -> JobRow | None:
    return next((job for job in jobs.values() if job.active), None)


def _newest(jobs: dict[str, JobRow]) -> JobRow | None:
    return max(jobs.values(), key=lambda job: job.id, default=None)


def _to_files(dataset: str, version: str) -> str:
    return url_for(".show_release", dataset=dataset, version=version) + "#files"
