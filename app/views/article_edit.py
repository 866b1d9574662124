"""The forms by which people correct one block of an article: its role and its passages' bounds."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from flask import Blueprint, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as WerkzeugResponse

from app.errors import InvalidInputError
from app.extensions import get_store
from app.queries.articles import ArticleBlock, ArticlePage, ArticlePassage
from app.security import requires
from app.services.article_edits import change_role, merge_passages, split_passage
from labeling.text.cuts import sentence_starts
from labeling.types import Role

blueprint = Blueprint("article_edit", __name__, url_prefix="/articles/<uid>")

ROLES = tuple(role.value for role in Role)
_MOST_PLACES = 60
_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Place:
    """Where a passage can be split: before which character, and the words that begin there."""

    at: int
    words: str


@dataclass(frozen=True, slots=True)
class EditablePassage:
    """A passage with what can be done to it. ``batch`` is one that has dealt it, if any has."""

    number: int
    start: int
    length: int
    batch: str
    joins_next: bool
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class EditPanel:
    """The block that is being edited, and its passages."""

    block: ArticleBlock
    passages: tuple[EditablePassage, ...]


def panel_of(article: ArticlePage) -> EditPanel | None:
    """The block that the address asks to edit; None where it asks for none."""
    start = _number(request.args.get("edit", ""))
    block = next((one for one in article.blocks if one.start == start), None)
    if block is None or article.kind != "imported":
        return None
    below = {above.uid: under for above, under in pairwise(article.passages)}
    return EditPanel(
        block,
        tuple(
            _editable(article, number, passage, below.get(passage.uid))
            for number, passage in enumerate(article.passages, start=1)
            if passage.start < block.end and block.start < passage.end
        ),
    )


def _editable(
    article: ArticlePage, number: int, passage: ArticlePassage, below: ArticlePassage | None
) -> EditablePassage:
    text = article.text[passage.start : passage.end]
    joins = (
        below is not None
        and below.role == passage.role
        and not article.text[passage.end : below.start].strip()
    )
    return EditablePassage(
        number=number,
        start=passage.start,
        length=len(text),
        batch=next(iter(passage.batches), ""),
        joins_next=joins,
        places=tuple(Place(at, text[at : at + 40]) for at in sentence_starts(text)[:_MOST_PLACES]),
    )


@blueprint.post("/edit")
@requires("reviewer")
def edit(uid: str) -> WerkzeugResponse:
    """Change a role, merge a passage with the next one, or split it."""
    kind, actor = request.form.get("edit", ""), current_user.email
    start, version = _asked("start"), _asked("version")
    with get_store().transaction() as session:
        if kind == "role":
            role = request.form.get("role", "")
            change_role(session, uid, start=start, role=role, version=version, actor=actor)
        elif kind == "merge":
            merge_passages(session, uid, start=start, version=version, actor=actor)
        elif kind == "split":
            # A number that was typed goes before the place that was chosen.
            at = _asked("at") if request.form.get("at") else _asked("before")
            split_passage(session, uid, start=start, at=at, version=version, actor=actor)
        else:
            raise InvalidInputError(
                f"{kind!r} is no edit.", remedy="Choose one of those on the article's page."
            )
    flash("Changed. Suggestions were made anew where they depend on it.", "success")
    return redirect(url_for("articles.show_article", uid=uid, edit=start) + "#edit", 303)


def _asked(name: str) -> int:
    number = _number(request.form.get(name, ""))
    if number is None:
        raise InvalidInputError(
            f"{name} is not a number of characters.", remedy="Use the forms of the article's page."
        )
    return number


def _number(words: str) -> int | None:
    return int(words) if words.isascii() and words.isdigit() and len(words) <= _DIGITS else None
