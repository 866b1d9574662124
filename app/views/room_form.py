"""What the forms of the review room say, read into what the services take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from app.errors import InvalidInputError
from app.extensions import LARGEST_ID
from app.queries.review_queue import ORDERS, SHOWN, Sieve
from app.services.decision_files import DecisionBody, LinkBody, SpanBody
from app.services.room import Seen
from labeling.types import Attribute, Scheme

QUEUE_FIELDS = ("show", "batch", "kind", "label", "annotator", "sample", "order")
Form = MultiDict[str, str]


def read_sieve(given: MultiDict[str, str]) -> Sieve:
    """The queue that an address (or a form that carries one) names; what is odd is left out."""
    show, order = given.get("show", ""), given.get("order", "")
    sample = given.get("sample", type=float)
    if sample is not None and not 0 < sample <= 100:
        sample = None
    return Sieve(
        show=show if show in SHOWN else "ready",
        batch=given.get("batch") or None,
        kind=given.get("kind") or None,
        label=given.get("label") or None,
        annotator=given.get("annotator") or None,
        sample=sample,
        order=next((one for one in ORDERS if one == order), "disagreement"),
    )


def queue_query(given: MultiDict[str, str]) -> dict[str, str]:
    """The part of an address that names the queue."""
    return {name: given[name] for name in QUEUE_FIELDS if given.get(name)}


def room_url(slug: str, passage: str, query: Mapping[str, str], **more: Any) -> str:
    """The address of a passage's page within a queue."""
    return url_for("room.show", slug=slug, passage=passage, **dict[str, Any](query), **more)


def read_seen(form: Form) -> Seen:
    """Which revisions, and which gold, the page showed that a form was on."""
    numbers = [int(word) for word in form.get("seen", "").split() if word.isdigit()]
    base = form.get("base", 0, type=int)
    return Seen(tuple(n for n in numbers if n <= LARGEST_ID), base)


def read_decision(form: Form, passage: str, scheme: Scheme) -> DecisionBody:
    """One verdict: a picked version, a rejection, an edit, or a span that all missed.

    Raises:
        InvalidInputError: the form names nothing to do, or no place.
    """
    if "pick" in form:
        group, _, letter = form["pick"].rpartition("=")
        return DecisionBody(passage=passage, group=group, verdict="accept", version=letter)
    if "reject" in form:
        return DecisionBody(
            passage=passage,
            group=form["reject"],
            layer=form.get("layer", ""),
            verdict="reject",
            reason=_reason(form),
        )
    verdict = form.get("verdict", "")
    if verdict not in ("edit", "add"):
        raise InvalidInputError("The form says nothing to do.", remedy="Load the page again.")
    # Not `label`: that is the queue's, which every form of the room carries.
    label, layer, group = form.get("span-label", ""), form.get("layer", ""), form.get("group", "")
    if verdict == "add":
        # One list offers the labels of all layers: each names its layer first.
        (layer, _, label), group = label.partition("/"), ""
    body = DecisionBody(
        passage=passage,
        verdict="edit" if verdict == "edit" else "add",
        group=group,
        layer=layer,
        reason=_reason(form),
    )
    if form.getlist("values"):
        return body.model_copy(update={"values": form.getlist("values")})
    asked = next((one.attributes for one in scheme.layers if one.name == layer), ())
    return body.model_copy(update={"span": _span(form, label, asked)})


def read_links(form: Form) -> list[LinkBody]:
    """The relations of a form: each row a label and the group it leads to; empty rows count not."""
    rows = zip(form.getlist("link-label"), form.getlist("link-to"), strict=False)
    return [LinkBody(label=label, to=to) for label, to in rows if to]


def _reason(form: Form) -> str:
    """The reason that was chosen, with what was written beside it."""
    parts = [form.get("reason", "").strip(), form.get("words", "").strip()]
    return ": ".join(filter(None, parts))


def _span(form: Form, label: str, asked: Sequence[Attribute]) -> SpanBody:
    start, end = form.get("start", type=int), form.get("end", type=int)
    if start is None or end is None:
        raise InvalidInputError(
            "A span begins and ends at a character.", remedy="Select it in the text, or type both."
        )
    attrs = {one.name: _answer(form, one) for one in asked}
    said = {name: value for name, value in attrs.items() if value not in (None, "", [])}
    return SpanBody(label=label, start=start, end=end, attrs=said)


def _answer(form: Form, attribute: Attribute) -> Any:
    given = [value.strip() for value in form.getlist(f"attr.{attribute.name}") if value.strip()]
    if attribute.kind in ("rating", "number"):
        return next((_number(value) for value in given), None)
    return given if attribute.multiple else next(iter(given), None)


def _number(text: str) -> float | int:
    try:
        return int(text) if text.lstrip("-").isdigit() else float(text)
    except ValueError:
        raise InvalidInputError(f"{text!r} is not a number.") from None


def is_part() -> bool:
    """Whether a script asks, which puts the answer into the page that is open."""
    return request.headers.get("HX-Request") == "true"
