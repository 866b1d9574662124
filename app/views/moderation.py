"""The moderation desk: the queue, one article, its acts, its report, and the figures."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as WerkzeugResponse

from app.extensions import get_store
from app.queries.desk import (
    AGES,
    ORDERS,
    STATES,
    DeskChoice,
    count_desk,
    list_desk,
    row_json,
)
from app.queries.desk_facets import count_found, get_facets
from app.queries.desk_figures import get_figures
from app.queries.jobs import has_active
from app.queries.moderation import get_moderation
from app.queries.policies import current_policies, reasons_of
from app.queue import DESK
from app.security import requires
from app.services import moderating
from app.services.desk import is_behind
from app.views.cursor import read_after
from app.views.desk_page import (
    ACTS,
    FIELDS,
    LOOKS,
    VERDICTS,
    VOICES,
    by_voice,
    draw,
    quotes,
    words_to_find,
)
from app.views.spreadsheet import harmless
from labeling.moderation.history import Act, Event

blueprint = Blueprint("moderation", __name__, url_prefix="/moderation")

_MOST_ROWS = 10_000


@blueprint.get("")
@requires("viewer")
def show_desk() -> str:
    """Articles that are worth a look, filtered by what the address says."""
    choice, order, now = _choice(request.args), _order(request.args), datetime.now(UTC)
    with get_store().reading() as session:
        page = list_desk(session, choice, now=now, order=order, after=read_after())
        facets = get_facets(session, choice, now=now)
        found = count_found(session, choice, facets, now=now)
        policies = current_policies(session)
        behind = not any(n for _, n in facets.state) and is_behind(session)
        under_way = behind and has_active(session, DESK)
    return render_template(
        "moderation/desk.html",
        behind=behind,
        under_way=under_way,
        page=page,
        found=found,
        facets=facets,
        choice=choice,
        order=order,
        orders=ORDERS,
        now=now,
        policies=policies,
        filtered=any(getattr(choice, name) for name in FIELDS),
        verdicts=VERDICTS,
        state_facet=[(state, LOOKS[state][2].capitalize(), n) for state, n in facets.state],
        looks=LOOKS,
        voice_facet=[(voice, VOICES.get(voice, voice), n) for voice, n in facets.voice],
        fields=FIELDS,
    )


@blueprint.get("/list.json")
@requires("viewer")
def list_json() -> Response:
    """The queue for programs, as `flask moderation list`."""
    return jsonify(articles=_rows(), total=_total())


@blueprint.get("/list.csv")
@requires("viewer")
def list_csv() -> Response:
    """The queue as rows of CSV."""
    rows = _rows()
    names = [name for name in (rows[0] if rows else {}) if name != "matches"]
    found = [[row[name] for name in names] for row in rows]
    return _csv("moderation.csv", [names, *found] if names else [])


@blueprint.post("/next")
@requires("reviewer")
def take_next() -> WerkzeugResponse:
    """Give the moderator an article: the one they have open, or the next that is free."""
    choice, order = _choice(request.form), _order(request.form)
    with get_store().transaction() as session:
        now = datetime.now(UTC)
        uid = moderating.take_next(session, choice, actor=current_user.email, now=now, order=order)
    kept = {name: value for name in FIELDS if (value := getattr(choice, name)) is not None}
    if uid is None:
        flash("Nothing that fits is free just now.", "info")
        return redirect(url_for(".show_desk", **kept), 303)
    return redirect(url_for(".show_one", uid=uid), 303)


@blueprint.get("/figures")
@requires("viewer")
def show_figures() -> str:
    """How long verdicts take, what waits longest, who decided how much."""
    with get_store().reading() as session:
        figures = get_figures(session)
    return render_template("moderation/figures.html", figures=figures, now=datetime.now(UTC))


@blueprint.get("/figures.json")
@requires("viewer")
def figures_json() -> Response:
    """The figures for programs."""
    with get_store().reading() as session:
        return jsonify(get_figures(session).as_json())


@blueprint.get("/figures.csv")
@requires("viewer")
def figures_csv() -> Response:
    """The figures of each moderator as rows of CSV."""
    with get_store().reading() as session:
        rows = get_figures(session).as_json()["moderators"]
    names = list(rows[0]) if rows else []
    found = [[row[name] for name in names] for row in rows]
    return _csv("moderation-figures.csv", [names, *found] if rows else [])


@blueprint.get("/<uid>")
@requires("viewer")
def show_one(uid: str) -> str:
    """One article with all that a verdict rests on."""
    return _page(uid, "moderation/one.html")


@blueprint.get("/<uid>/report")
@requires("viewer")
def show_report(uid: str) -> str:
    """One article to print."""
    return _page(uid, "moderation/report.html")


@blueprint.get("/<uid>/now")
@requires("viewer")
def tell_now(uid: str) -> Response:
    """What an open page asks for: whether it still shows what is known."""
    with get_store().reading() as session:
        page = get_moderation(session, uid)
    seq = page.history[-1].event.seq if page.history else 0
    return jsonify(seen=page.basis, held_by=page.holder(datetime.now(UTC)), last=seq)


@blueprint.post("/<uid>/take")
@requires("reviewer")
def take(uid: str) -> WerkzeugResponse:
    """Open this article, or keep it open for longer."""
    with get_store().transaction() as session:
        moderating.take(session, uid, actor=current_user.email, now=datetime.now(UTC))
    return redirect(url_for(".show_one", uid=uid), 303)


@blueprint.post("/<uid>/leave")
@requires("reviewer")
def leave(uid: str) -> WerkzeugResponse:
    """Let an article go without a verdict."""
    with get_store().transaction() as session:
        moderating.leave(session, uid, actor=current_user.email)
    flash("Left. It is back on the desk for whoever comes next.", "success")
    return redirect(url_for(".show_desk"), 303)


@blueprint.post("/<uid>/verdict")
@requires("reviewer")
def decide(uid: str) -> WerkzeugResponse:
    """Give a verdict."""
    said = request.form.get("verdict", "")
    wanted = moderating.verdict(current_user.email, said, reason=_reason(), note=_note())
    return _act(uid, wanted, "Decided: " + VERDICTS.get(said, said) + ".")


@blueprint.post("/<uid>/appeal")
@requires("reviewer")
def appeal(uid: str) -> WerkzeugResponse:
    """Appeal against the verdict."""
    wanted = Event(Act.APPEAL, current_user.email, reason=_reason(), note=_note())
    return _act(uid, wanted, "The appeal waits for a second person.")


@blueprint.post("/<uid>/answer")
@requires("reviewer")
def answer(uid: str) -> WerkzeugResponse:
    """Answer an appeal: `upheld`, or the verdict that holds instead."""
    said = request.form.get("answer", "")
    other = None if said == "upheld" else moderating.verdict("", said).verdict
    kind = Act.UPHELD if said == "upheld" else Act.OVERTURNED
    wanted = Event(kind, current_user.email, other, _reason(), _note())
    return _act(uid, wanted, "Upheld." if kind is Act.UPHELD else "Overturned.")


@blueprint.post("/<uid>/note")
@requires("reviewer")
def note(uid: str) -> WerkzeugResponse:
    """Leave a note."""
    return _act(uid, Event(Act.NOTE, current_user.email, note=_note()), "The note is kept.")


@blueprint.post("/<uid>/undo")
@requires("reviewer")
def undo(uid: str) -> WerkzeugResponse:
    """Take back one's newest act."""
    with get_store().transaction() as session:
        moderating.undo(session, uid, actor=current_user.email, now=datetime.now(UTC))
    flash("Taken back. Both stay in the history.", "success")
    return redirect(url_for(".show_one", uid=uid), 303)


def _act(uid: str, wanted: Event, said: str) -> WerkzeugResponse:
    seen = request.form.get("seen") or None
    with get_store().transaction() as session:
        moderating.act(session, uid, wanted, now=datetime.now(UTC), seen=seen)
    flash(said, "success")
    return redirect(url_for(".show_one", uid=uid), 303)


def _page(uid: str, template: str) -> str:
    now = datetime.now(UTC)
    with get_store().reading() as session:
        page = get_moderation(session, uid)
    holder = page.holder(now)
    me = current_user.email
    return render_template(
        template,
        page=page,
        blocks=draw(page),
        voices=by_voice(page),
        quotes=quotes(page),
        words_to_find=words_to_find,
        holder=holder,
        mine=holder == me,
        free=holder in ("", me),
        second=page.state in ("escalated", "appealed") and page.stands.by == me,
        reasons=reasons_of(page.policies),
        verdicts=VERDICTS,
        acts=ACTS,
        looks=LOOKS,
        may_undo=page.last is not None and page.last.actor == me,
        now=now,
    )


def _choice(asked: Any) -> DeskChoice:
    given = {name: asked.get(name) for name in FIELDS}
    if given["state"] not in (*STATES, "all"):
        given["state"] = None
    if given["age"] not in AGES:
        given["age"] = None
    return DeskChoice(**given)


def _order(asked: Any) -> str:
    wanted = asked.get("order", "")
    return wanted if wanted in ORDERS else ORDERS[0]


def _rows() -> list[dict[str, Any]]:
    choice, order = _choice(request.args), _order(request.args)
    with get_store().reading() as session:
        page = list_desk(session, choice, now=datetime.now(UTC), order=order, limit=_MOST_ROWS)
    return [row_json(row) for row in page.rows]


def _total() -> int:
    with get_store().reading() as session:
        return count_desk(session, _choice(request.args), now=datetime.now(UTC))


def _reason() -> str:
    """What was written, else the reason that was picked."""
    return request.form.get("reason", "").strip() or request.form.get("code", "").strip()


def _note() -> str:
    return request.form.get("note", "").strip()


def _csv(name: str, rows: Iterable[Iterable[Any]]) -> Response:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    answer = Response(out.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
