"""What people decide about an article as a whole: that it is retracted, and its story."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import ConflictError, InvalidInputError, NotFoundError
from app.models.articles import Article
from app.services import audit
from app.services.articles import is_plain_text
from app.services.releases import note_retraction

_LONGEST_REASON = 1000
_LONGEST_STORY = 200


def find_article(session: Session, uid: str) -> Article:
    """An article by uid.

    Raises:
        NotFoundError: there is none.
    """
    article = session.scalar(select(Article).where(Article.uid == uid))
    if article is None:
        raise NotFoundError(
            f"There is no article {uid}.", remedy="See all articles with: flask articles list"
        )
    return article


def retract_article(session: Session, uid: str, *, reason: str, actor: str) -> Article:
    """Take an article out of what batches and later releases are made of; nothing is deleted.

    The releases that hold it are marked: the next one of each will be without it.

    Raises:
        NotFoundError, InvalidInputError: there is no such article, or no usable reason.
        ConflictError: it is retracted already.
    """
    article = find_article(session, uid)
    reason = _line("The reason", reason, _LONGEST_REASON)
    if not reason:
        raise InvalidInputError(
            "A retraction needs a reason.", remedy="Say why, for those who read it later."
        )
    if article.retracted_at is not None:
        raise ConflictError(
            f"{uid} is retracted already: {article.retracted_reason or 'no reason was kept'}.",
            remedy="There is nothing left to do.",
        )
    article.retracted_at = datetime.now(UTC)
    article.retracted_reason = reason
    marked = note_retraction(session, uid)
    audit.record(
        session,
        actor=actor,
        action="article_retracted",
        object=f"article:{uid}",
        detail={"reason": reason, "releases": marked},
    )
    session.flush()
    return article


def set_story(session: Session, uid: str, name: str, *, actor: str) -> Article:
    """Say which story (event) an article belongs to; an empty name takes it out.

    Raises:
        NotFoundError, InvalidInputError: there is no such article, or the name cannot be kept.
    """
    article = find_article(session, uid)
    story = _line("The story", name, _LONGEST_STORY) or None
    if story != article.story:
        audit.record(
            session,
            actor=actor,
            action="article_story_set",
            object=f"article:{uid}",
            detail={"from": article.story, "to": story},
        )
        article.story = story
        session.flush()
    return article


def _line(what: str, words: str, most: int) -> str:
    words = " ".join(words.split())
    if len(words) > most:
        raise InvalidInputError(
            f"{what} has {len(words):,} characters, but there is room for {most:,}.",
            remedy="Say it shorter.",
        )
    if not is_plain_text(words):
        raise InvalidInputError(
            f"{what} holds a NUL or half a character: it is not plain text.",
            remedy="Type it anew.",
        )
    return words
