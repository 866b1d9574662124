"""One passage in the review room: its page, and everything a reviewer does on it.

Every act is a form, so that it works without a script; with one, the answer is the part of the
page that changed.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
)
from flask_login import current_user
from werkzeug.wrappers import Response as WerkzeugResponse

from app.errors import ConflictError
from app.extensions import get_store
from app.queries.review_queue import get_key, list_next
from app.queries.room import RoomPage, get_room, get_scheme
from app.queries.room_changes import get_changes
from app.security import requires
from app.security.access import may
from app.services import room as acts
from app.views.review import go_on
from app.views.room_drawing import draw_room
from app.views.room_form import (
    is_part,
    queue_query,
    read_decision,
    read_links,
    read_seen,
    read_sieve,
    room_url,
)
from app.views.room_parts import panel_context
from labeling import decisions as core

blueprint = Blueprint("room", __name__, url_prefix="/review/<slug>/<passage>")
Answer = str | Response | WerkzeugResponse


@blueprint.get("")
@requires("viewer")
def show(slug: str, passage: str) -> Answer:
    """The passage with all its versions, and the decisions beside it."""
    part = "panel" if request.args.get("part") == "panel" else "room"
    return render_template(f"review/{part}.html", **_context(_read(slug, passage), _group()))


@blueprint.post("/hold")
@requires("reviewer")
def hold(slug: str, passage: str) -> Answer:
    """Enter the passage, or stay in it for another while."""
    # Who else is inside, or has settled it, stands on the page itself.
    with suppress(ConflictError), get_store().transaction() as session:
        acts.hold(session, _seat(slug, passage), again="again" in request.form)
    if is_part():
        return render_template("review/held.html", page=_read(slug, passage))
    return _back(slug, passage)


@blueprint.post("/decide")
@requires("reviewer")
def decide(slug: str, passage: str) -> Answer:
    """One verdict on one group, or a span that all missed."""
    with get_store().reading() as session:
        body = read_decision(request.form, passage, get_scheme(session, slug))
    seat, seen = _seat(slug, passage), read_seen(request.form)
    small = "pick" in request.form or "reject" in request.form
    return _act(seat, lambda session: acts.take(session, seat, seen, body), small=small)


@blueprint.post("/relate")
@requires("reviewer")
def relate(slug: str, passage: str) -> Answer:
    """Which relations begin at a group."""
    links = [core.Link(one.label, one.to) for one in read_links(request.form)]
    seat, seen, group = _seat(slug, passage), read_seen(request.form), _group()
    return _act(seat, lambda session: acts.relate(session, seat, seen, group, links))


@blueprint.post("/undo")
@requires("reviewer")
def undo(slug: str, passage: str) -> Answer:
    """Take back the newest decision."""
    seat, seen = _seat(slug, passage), read_seen(request.form)
    return _act(seat, lambda session: acts.undo(session, seat, seen))


@blueprint.post("/majorities")
@requires("reviewer")
def majorities(slug: str, passage: str) -> Answer:
    """Accept every open group on which most agree, where the batch allows it."""
    seat, seen = _seat(slug, passage), read_seen(request.form)
    return _act(seat, lambda session: acts.accept_majorities(session, seat, seen))


@blueprint.post("/note")
@requires("reviewer")
def note(slug: str, passage: str) -> Answer:
    """A remark on the passage or on a group."""
    seat, text, group = _seat(slug, passage), request.form.get("text", ""), _group()
    return _act(seat, lambda session: acts.add_note(session, seat, text, group=group))


@blueprint.post("/flag")
@requires("reviewer")
def flag(slug: str, passage: str) -> Answer:
    """Mark the passage for others, or take the mark away."""
    seat, text = _seat(slug, passage), request.form.get("text", "")
    on = request.form.get("on", "1") == "1"
    return _act(seat, lambda session: acts.flag(session, seat, text, on=on))


@blueprint.post("/send-back")
@requires("reviewer")
def send_back(slug: str, passage: str) -> Answer:
    """Ask annotators again, with a reason for each group."""
    form = request.form
    reasons = [
        (name.removeprefix("reason."), value) for name, value in form.items() if "reason." in name
    ]
    try:
        with get_store().transaction() as session:
            back = acts.Back(form.getlist("to"), reasons)
            queue, seat = current_app.extensions["queue"], _seat(slug, passage)
            sent = acts.send_back(session, queue, seat, read_seen(form), back)
    except ConflictError as err:
        return _changed(slug, passage, err)
    flash(f"Sent back to {len(sent)}; the answer comes back into the queue, marked so.", "success")
    return _to(go_on(slug, passage))


@blueprint.post("/skip")
@requires("reviewer")
def skip(slug: str, passage: str) -> Answer:
    """Leave it for later, or for others; what was decided is kept."""
    with get_store().transaction() as session:
        acts.leave(session, _seat(slug, passage))
    return _to(go_on(slug, passage))


@blueprint.post("/submit")
@requires("reviewer")
def submit(slug: str, passage: str) -> Answer:
    """Settle the passage and go on with the next."""
    try:
        with get_store().transaction() as session:
            acts.submit(session, _seat(slug, passage), read_seen(request.form))
    except ConflictError as err:
        return _changed(slug, passage, err)
    return _to(go_on(slug, passage))


def _act(seat: acts.Seat, act: Callable[..., object], *, small: bool = False) -> Answer:
    """Carry an act out; answer with the page, or with the part of it that changed."""
    try:
        with get_store().transaction() as session:
            done = act(session)
    except ConflictError as err:
        return _changed(seat.slug, seat.passage, err)
    if not is_part():
        return _back(seat.slug, seat.passage)
    page = _read(seat.slug, seat.passage)
    template = "review/settled.html" if small else "review/inside.html"
    key = done if isinstance(done, str) else _group()
    return render_template(template, **_context(page, key, whole=not small))


def _changed(slug: str, passage: str, err: ConflictError) -> Response:
    """What is new, beside what this reviewer decided; nothing of either is overwritten."""
    page, seen = _read(slug, passage), read_seen(request.form)
    with get_store().reading() as session:
        changes = get_changes(session, page, seen.revisions, _me())
    template = "review/changed_part.html" if is_part() else "review/changed.html"
    context = {"page": page, "problem": err, "changes": changes, "query": _query()}
    return make_response(render_template(template, **context), 409)


def _context(page: RoomPage, key: str, *, whole: bool = True) -> dict[str, Any]:
    """What the page, or a part of it, is drawn from."""
    chosen = next((one for one in page.groups if one.key == key), None)
    return {
        "page": page,
        "drawing": draw_room(page) if whole else None,
        "query": _query(),
        "next": _following(page) if whole else None,
        "chosen": chosen,
        **panel_context(page, chosen, request.args),
    }


def _group() -> str:
    """The group that the address or the form is about."""
    picked = request.form.get("pick", "").rpartition("=")[0]
    return request.values.get("group") or request.form.get("reject") or picked


def _read(slug: str, passage: str) -> RoomPage:
    with get_store().reading() as session:
        page = get_room(session, slug, passage, reader=_me(), now=_now())
    if not may("reviewer"):
        return replace(page, refusal="Reviewers decide; your account may look.")
    return page


def _following(page: RoomPage) -> tuple[str, str] | None:
    """The passage after this one, so that it can be fetched ahead."""
    sieve = read_sieve(request.values)
    with get_store().reading() as session:
        after = get_key(session, sieve, page.batch, page.passage)
        found = list_next(session, sieve, reader=_me(), now=_now(), after=after)
    return next(iter(found), None)


def _query() -> dict[str, str]:
    return queue_query(request.values)


def _back(slug: str, passage: str) -> WerkzeugResponse:
    return redirect(room_url(slug, passage, _query(), group=_group() or None), 303)


def _to(address: str) -> Answer:
    """Go there: a script is told where, a browser is sent."""
    if not is_part():
        return redirect(address, 303)
    answer = make_response("", 204)
    answer.headers["X-Go-To"] = address
    return answer


def _seat(slug: str, passage: str) -> acts.Seat:
    return acts.Seat(slug, passage, _me(), _now())


def _me() -> str:
    return str(current_user.email)


def _now() -> datetime:
    return datetime.now(UTC)
