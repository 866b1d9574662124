"""A new batch in the dashboard: asked for in a form, looked at, then made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.errors import AppError, InvalidInputError
from app.extensions import LARGEST_ID, get_store
from app.queries.connections import list_connections
from app.queries.deals import view_deal
from app.queries.people import list_annotators
from app.queries.schemes import list_schemes
from app.security import requires
from app.services.batches import BatchPlan, check_name, create_batch
from app.services.dealing import figures_json, lane_names, plan_deal
from labeling.errors import LabelingError

blueprint = Blueprint("dealing", __name__, url_prefix="/new-batch")

Number = TypeVar("Number", int, float)
_LIST = re.compile(r"[\s,;]+")


@blueprint.get("")
@requires("admin")
def show_form() -> str:
    """The form, as it is for most batches."""
    return _page(dict(request.args))


@blueprint.post("")
@requires("admin")
def submit_form() -> Response | tuple[str, int] | str:
    """Show the deal that was asked for, or make it: two buttons of one form."""
    given = dict(request.form)
    try:
        plan = read_plan(given, actor=current_user.email)
        if "create" not in given:
            return _preview(given, plan)
        with get_store().transaction() as session:
            create_batch(session, plan, actor=current_user.email)
    except (AppError, LabelingError) as err:
        return _page(given, problem=err), 422
    flash(f"Batch {plan.slug} is dealt. Nothing is sent before you press Push.", "success")
    return redirect(url_for("batches.show_batch", slug=plan.slug), 303)


def read_plan(given: Mapping[str, str], *, actor: str) -> BatchPlan:
    """What the form asks for.

    Raises:
        InvalidInputError: a field cannot be read.
    """
    return BatchPlan(
        slug=given.get("name", "").strip(),
        scheme=given.get("scheme", ""),
        annotators=tuple(_words(given, "annotators")),
        overlap=read_number(given, "overlap", int, 1),
        deal=given.get("deal") or None,
        seed=read_number(given, "seed", int, 0),
        articles=tuple(
            line.strip() for line in given.get("articles", "").splitlines() if line.strip()
        ),
        connection=given.get("connection") or None,
        doubled=read_number(given, "double", float, 0.0) or None,
        control=read_number(given, "control", float, 0.0),
        quotas={email: _whole(n, email) for email, n in _pairs(given, "quotas").items()},
        lanes=_pairs(given, "lanes"),
        owner=given.get("owner", "").strip() or actor,
        due=read_date(given.get("due", "")),
        note=given.get("note", ""),
    )


def _preview(given: dict[str, str], plan: BatchPlan) -> str:
    with get_store().reading() as session:
        check_name(session, plan.slug)
        planned = plan_deal(session, plan)
    deal = view_deal(figures_json(planned.figures), lane_names(planned))
    return _page(
        given, deal=deal, plan=plan, articles=planned.articles, passages=len(planned.chosen)
    )


def _page(given: dict[str, str], **shown: object) -> str:
    with get_store().reading() as session:
        schemes = [(one["scheme"], one["scheme"]) for one in list_schemes(session)["schemes"]]
        connections = [(one.name, one.name) for one in list_connections(session)]
        people = list_annotators(session)
    return render_template(
        "batches/new.html",
        given=given,
        schemes=schemes,
        connections=connections,
        people=people,
        **shown,
    )


def _words(given: Mapping[str, str], name: str) -> list[str]:
    return [word for word in _LIST.split(given.get(name, "")) if word]


def _pairs(given: Mapping[str, str], name: str) -> dict[str, str]:
    """Lines, or words, of the form ``EMAIL=VALUE``."""
    found = {}
    for word in _words(given, name):
        email, sign, value = word.rpartition("=")
        if not sign or not email or not value:
            raise InvalidInputError(
                f"{word!r} is not of the form EMAIL=VALUE.",
                remedy="Write one on each line, such as ada@example.org=40.",
            )
        found[email] = value
    return found


def read_number(
    given: Mapping[str, str], name: str, kind: type[Number], otherwise: Number
) -> Number:
    """A number out of a form.

    Raises:
        InvalidInputError: it is none, or too large.
    """
    text = given.get(name, "").strip()
    try:
        number = kind(text) if text else otherwise
    except ValueError:
        number = kind("nan") if kind is float else kind(LARGEST_ID + 1)
    if not -LARGEST_ID <= number <= LARGEST_ID:
        raise InvalidInputError(
            f"{text!r} is not a number for {name}.", remedy="Write digits only."
        )
    return number


def _whole(text: str, email: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise InvalidInputError(
            f"{text!r} is no number of tasks for {email}.", remedy="Write it as EMAIL=40."
        )
    return int(text)


def read_date(text: str) -> date | None:
    """A date as a browser sends it; None for an empty field.

    Raises:
        InvalidInputError: it is none.
    """
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInputError(
            f"{text!r} is not a date.", remedy="Write it as 2026-12-31."
        ) from None
