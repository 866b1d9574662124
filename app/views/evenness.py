"""Even-handedness: how often terms are labeled, by what they lean to and by what outlets state."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user
from werkzeug.wrappers import Response as WerkzeugResponse

from app.errors import InvalidInputError
from app.extensions import get_store
from app.queries.evenness import Counted, list_outlets, newest_count
from app.security import requires
from app.services.evenness import OUTLET_LEANS, request_count, state_lean
from app.views.spreadsheet import harmless
from labeling.evenness import EVERYBODY, REVIEWERS

blueprint = Blueprint("evenness", __name__, url_prefix="/terms")

TITLES = {
    "leans": ("By who tends to use the term", "From the term bank's column leans."),
    "about": ("By whom or what it is said of", "From the term bank's column about."),
    "outlet_lean": ("By what the outlet states", "Filled in by an admin, never guessed."),
    "leans_by_outlet": ("Both together", "The term's lean in outlets that state one."),
    "voice": ("By voice", "In the outlet's own voice, quoted, paraphrased, or in a headline."),
}


@dataclass(frozen=True, slots=True)
class Group:
    """One value: all annotators and what was decided, then each annotator, then passages."""

    value: str
    rows: list[dict[str, Any]]
    people: list[dict[str, Any]]
    passages: list[dict[str, Any]]


@blueprint.get("/evenness")
@requires("viewer")
def show_evenness() -> str | Response:
    """The newest count, as a page or as a file."""
    with get_store().reading() as session:
        counted = newest_count(session)
    wanted = request.args.get("format")
    if wanted == "json":
        return jsonify(counted_data(counted))
    if wanted == "csv":
        return _as_csv(counted)
    groups = {} if counted is None else _groups(counted)
    return render_template("terms/evenness.html", counted=counted, groups=groups, titles=TITLES)


@blueprint.post("/evenness")
@requires("reviewer")
def count_anew() -> WerkzeugResponse:
    """Have a job count everything anew."""
    with get_store().transaction() as session:
        job = request_count(session, current_app.extensions["queue"], actor=current_user.email)
    return redirect(url_for("jobs.show_job", job_id=job.id), 303)


@blueprint.get("/outlets")
@requires("viewer")
def show_outlets() -> str:
    """What outlets state about themselves."""
    with get_store().reading() as session:
        outlets = list_outlets(session)
    return render_template("terms/outlets.html", outlets=outlets, leans=OUTLET_LEANS)


@blueprint.post("/outlets")
@requires("admin")
def fill_in_outlet() -> WerkzeugResponse:
    """Keep what one outlet states."""
    form = request.form
    try:
        with get_store().transaction() as session:
            state_lean(
                session,
                form.get("name", ""),
                form.get("lean") or None,
                source=form.get("source", ""),
                actor=current_user.email,
            )
    except InvalidInputError as err:
        flash(f"{err.message} {err.remedy}", "error")
    else:
        flash("Kept. It shows in the next count.", "success")
    return redirect(url_for(".show_outlets"), 303)


def counted_data(counted: Counted | None) -> dict[str, Any]:
    """A count as its files carry it."""
    if counted is None:
        return {"rates": None, "made_at": None}
    return {**counted.report, "made_at": counted.made_at.isoformat()}


def _groups(counted: Counted) -> dict[str, list[Group]]:
    return {name: _by_value(rows) for name, rows in counted.report["rates"].items()}


def _by_value(rows: Sequence[dict[str, Any]]) -> list[Group]:
    values = dict.fromkeys(row["value"] for row in rows)
    return [_group(value, [row for row in rows if row["value"] == value]) for value in values]


def _group(value: str, rows: Sequence[dict[str, Any]]) -> Group:
    ordered = sorted(rows, key=_order)
    together = [row for row in ordered if row["who"] in (EVERYBODY, REVIEWERS)]
    people = [row for row in ordered if row not in together]
    return Group(value, together, people, together[0]["passages"])


def _order(row: dict[str, Any]) -> tuple[int, str]:
    return {EVERYBODY: 0, REVIEWERS: 1}.get(row["who"], 2), row["who"]


def _as_csv(counted: Counted | None) -> Response:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("by", "value", "who", "labeled", "n", "rate", "low", "high", "reason"))
    for name, rows in (counted.report["rates"] if counted else {}).items():
        for row in rows:
            rate = row["rate"]
            low, high = rate["ci95"] or (None, None)
            told = (rate["n"], rate["value"], low, high, rate.get("reason", ""))
            writer.writerow(
                [name, harmless(row["value"]), harmless(row["who"]), row["labeled"], *told]
            )
    answer = Response(out.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="evenness.csv"'
    return answer
