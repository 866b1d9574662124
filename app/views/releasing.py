"""A new release in the dashboard: asked for in a form, counted, then built by a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.errors import AppError, InvalidInputError
from app.extensions import get_store
from app.queries.datasets import list_choices, list_dataset_names
from app.queries.releasing import iter_candidates, newest_rows, read_scope
from app.queue import Queue
from app.security import requires
from app.services.release_files import request_release
from app.services.releases import Survey, check_release, last_plan
from app.views.dealing import read_date, read_number
from labeling.datasets.card import REASONS
from labeling.datasets.plan import STATES, ReleasePlan
from labeling.datasets.splits import METHODS, SplitPlan
from labeling.errors import LabelingError

blueprint = Blueprint("releasing", __name__, url_prefix="/new-release")

# So many passages are counted before the page answers; what is more is counted by the command.
MOST_COUNTED = 20_000
STATE_WORDS = {
    "reviewed": "Settled by a reviewer",
    "annotated": "Answered, too: what all who answered agree on is the gold",
    "any": "Everything that was dealt",
}
METHOD_WORDS = {
    "hash": "By chance, story by story; stable as the data grows",
    "stratified": "By chance, with each section in balance",
    "outlet": "Each outlet as a whole",
    "time": "Oldest in train, newest in test",
    "none": "Not split",
}


@dataclass(frozen=True, slots=True)
class Counted:
    """What would be in a release. ``whole``: all passages were looked at."""

    seen: int
    kept: int
    articles: int
    dropped: Mapping[str, int]
    labels: int
    whole: bool
    command: str


@blueprint.get("")
@requires("admin")
def show_form() -> str:
    """The form, as the last release of ``?dataset=`` was asked for."""
    name = request.args.get("dataset", "")
    with get_store().reading() as session:
        last = last_plan(session, name) if name else None
    given = MultiDict(request.args) if last is None else _given(name, last)
    return _page(given)


@blueprint.post("")
@requires("admin")
def submit_form() -> Response | tuple[str, int] | str:
    """Count what would be in it, or have it built: two buttons of one form."""
    given = MultiDict(request.form)
    name = given.get("name", "").strip()
    try:
        plan = read_form(given)
        if "build" not in given:
            return _page(given, counted=_count(name, plan))
        queue: Queue = current_app.extensions["queue"]
        with get_store().transaction() as session:
            job = request_release(
                session,
                queue,
                name,
                plan,
                actor=current_user.email,
                notes=given.get("notes", "").strip(),
                now=datetime.now(UTC),
            )
    except (AppError, LabelingError) as err:
        return _page(given, problem=err), 422
    flash(f"A release of {name} is being built. What comes later is not in it.", "success")
    return redirect(url_for("jobs.show_job", job_id=job.id), 303)


def read_form(given: MultiDict[str, str]) -> ReleasePlan:
    """What the form asks for.

    Raises:
        InvalidInputError: a field cannot be read.
    """
    shares = tuple(read_number(given, part, int, 0) for part in ("train", "dev", "test"))
    for field in ("since", "until"):
        read_date(given.get(field, ""))
    if given.get("state", "reviewed") not in STATES or given.get("method", "hash") not in METHODS:
        raise InvalidInputError("This choice is not known.", remedy="Load the page again.")
    return ReleasePlan(
        batches=tuple(given.getlist("batch")),
        state=given.get("state", "reviewed"),
        labels=_words(given.get("labels", "")),
        languages=_words(given.get("languages", "")),
        since=given.get("since", "").strip(),
        until=given.get("until", "").strip(),
        offsets_only="offsets_only" in given,
        names="names" in given,
        licence=given.get("licence", "").strip(),
        split=SplitPlan(
            given.get("method", "hash"),
            (shares[0], shares[1], shares[2]),
            read_number(given, "seed", int, 0),
        ),
    )


def _count(name: str, plan: ReleasePlan) -> Counted:
    store = get_store()
    with store.reading() as session:
        check_release(session, name, plan)
        scope = read_scope(session, plan, newest_rows(session))
    survey, whole = Survey(), True
    for page in iter_candidates(store, scope):
        survey.take(page)
        if survey.seen >= MOST_COUNTED:
            whole = False
            break
    words = " ".join(f"--batch {slug}" for slug in plan.batches)
    return Counted(
        seen=survey.seen,
        kept=survey.kept,
        articles=len(survey.articles),
        dropped=dict(survey.dropped.most_common()),
        labels=len(plan.labels),
        whole=whole,
        command=f"flask datasets release {name} {words} --state {plan.state} --preview",
    )


def _given(name: str, plan: ReleasePlan) -> MultiDict[str, str]:
    """The form as it was filled in for the last release."""
    split = plan.split
    given: MultiDict[str, str] = MultiDict(
        {
            "name": name,
            "state": plan.state,
            "labels": ", ".join(plan.labels),
            "languages": ", ".join(plan.languages),
            "since": plan.since,
            "until": plan.until,
            "licence": plan.licence,
            "method": split.method,
            "seed": str(split.seed),
            **dict(zip(("train", "dev", "test"), map(str, split.shares), strict=True)),
        }
    )
    given.setlist("batch", list(plan.batches))
    for flag in ("offsets_only", "names"):
        if getattr(plan, flag):
            given[flag] = "1"
    return given


def _page(given: MultiDict[str, str], **shown: Any) -> str:
    with get_store().reading() as session:
        batches = list_choices(session)
        names = list_dataset_names(session)
    return render_template(
        "datasets/new.html",
        given=given,
        chosen=given.getlist("batch"),
        batches=batches,
        names=names,
        states=[(one, STATE_WORDS[one]) for one in STATES],
        methods=[(one, METHOD_WORDS[one]) for one in METHODS],
        reasons=REASONS,
        **shown,
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
