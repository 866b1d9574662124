"""Articles in: decode, cut into blocks and passages, store once."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.articles import Article, ArticleVersion
from app.services import audit
from app.services.duplicates import begin_grouping, forget_article, group_article, words_of
from app.services.suggestions import suggest_for
from app.services.versions import Content, add_version, carry_over, current_version
from config import Settings
from labeling.errors import TextError
from labeling.text.blocks import blocks_of
from labeling.text.decode import decode_article
from labeling.text.near import Sketch, sketch_of
from labeling.text.passages import article_uid, byline_of, passages_of, title_of
from labeling.types import Block as BlockValue
from labeling.types import DecodedText, PassageSlice


@dataclass(frozen=True, slots=True)
class ArticleFields:
    """What is known of an article besides its bytes."""

    outlet: str = ""
    section: str = ""
    url: str = ""
    external_id: str | None = None
    published_at: datetime | None = None
    title: str = ""
    byline: str = ""
    language: str = ""
    story: str | None = None


NEAR: float = Settings.model_fields["near_duplicate_share"].default

# In code points: what the store has room for, and for an address what browsers still take.
LONGEST = {
    "outlet": 200,
    "section": 200,
    "external_id": 500,
    "url": 2000,
    "title": 2000,
    "byline": 2000,
    "language": 16,
    "story": 200,
}
# What becomes of an article: new, a new version of one that is here, or here already.
State: TypeAlias = Literal["new", "updated", "duplicate"]
_NOT_TEXT = re.compile(r"[\x00\ud800-\udfff]")


def problem_of(fields: ArticleFields) -> str:
    """What keeps these fields from being stored; empty where nothing does."""
    for name, most in LONGEST.items():
        value = getattr(fields, name) or ""
        if len(value) > most:
            return f"{name} has {len(value):,} characters, but there is room for {most:,}."
        if not is_plain_text(value):
            return f"{name} holds a NUL or half a character: it is not plain text."
    return ""


def is_plain_text(value: str) -> bool:
    """Whether both stores can hold it: no NUL, and no half of a character."""
    return _NOT_TEXT.search(value) is None


@dataclass(frozen=True, slots=True)
class PreparedArticle:
    """An article read and cut, ready to be stored: no SQL was needed for it."""

    uid: str
    source: str
    data: bytes
    bytes_sha: str
    decoded: DecodedText
    blocks: tuple[BlockValue, ...]
    passages: tuple[PassageSlice, ...]
    fields: ArticleFields
    sketch: Sketch

    @property
    def words(self) -> str:
        """What of it is compared with other articles."""
        text = self.decoded.text
        return words_of([text[piece.start : piece.end] for piece in self.passages])


@dataclass(frozen=True, slots=True)
class Imported:
    """The outcome for one article; ``passages`` are those of the version stored now."""

    uid: str
    title: str
    passages: int
    state: State


def prepare_article(
    data: bytes, *, source: str, fields: ArticleFields, max_bytes: int
) -> PreparedArticle:
    """Decode an article and cut it; pure work, done before any transaction.

    Args:
        data: the original bytes.
        source: where they came from, for messages (a file name).
        max_bytes: a larger article is refused.

    Raises:
        TextError: the bytes cannot be used; the message names the source.
    """
    if len(data) > max_bytes:
        raise TextError(
            f"{source}: {len(data):,} bytes is more than an article may have ({max_bytes:,}).",
            remedy="Split the file, or raise COPYDESK_MAX_ARTICLE_BYTES.",
        )
    return prepare_decoded(data, decode_article(data, source=source), source=source, fields=fields)


def prepare_decoded(
    data: bytes, decoded: DecodedText, *, source: str, fields: ArticleFields
) -> PreparedArticle:
    """Cut an article that was decoded already; pure work, done before any transaction.

    Args:
        data: the original bytes, to be kept.
        decoded: its frozen text, however it was read out of them.
        source: where it came from, for messages.
        fields: what else is known of it.

    Raises:
        TextError: there is nothing in it to annotate.
    """
    blocks = blocks_of(decoded.text)
    uid = article_uid(fields.external_id, data)
    passages = passages_of(uid, decoded.text, blocks)
    if not passages:
        raise TextError(
            f"{source}: nothing but bylines and boilerplate was found, so there is nothing "
            "to annotate.",
            remedy="Check that the file holds the article's text.",
        )
    sha = hashlib.sha256(data).hexdigest()
    sketch = sketch_of(words_of([decoded.text[p.start : p.end] for p in passages]))
    return PreparedArticle(uid, source, data, sha, decoded, blocks, passages, fields, sketch)


def store_article(
    session: Session, prepared: PreparedArticle, *, actor: str = "system", near: float = NEAR
) -> Imported:
    """Store a prepared article, or the new version of one that was corrected.

    Nothing is written for one that is here already: with the same bytes in any version, so that
    importing an old file again does not undo a correction.

    Args:
        session: a transaction.
        prepared: what `prepare_article` made.
        actor: who imports.
        near: how much of the smaller of two texts must be in the other one to make them
            near-duplicates.
    """
    begin_grouping(session)
    known, state = _find_known(session, prepared)
    if known is not None and state == "duplicate":
        return Imported(known.uid, known.title, 0, state)
    article = known or _add_article(session, prepared)
    if known is not None:
        prepared = _correct(session, article, prepared, actor)
        forget_article(session, article)
    n = article.current_version + 1 if known is not None else 1
    add_version(session, article, n, _content(prepared), actor)
    group_article(session, article, prepared.sketch, prepared.words, near)
    suggest_for(session, current_version(session, article).id)
    return Imported(article.uid, article.title, len(prepared.passages), state)


def state_of(session: Session, prepared: PreparedArticle) -> State:
    """What storing this article would come to; nothing is written."""
    return _find_known(session, prepared)[1]


def _find_known(session: Session, prepared: PreparedArticle) -> tuple[Article | None, State]:
    article = session.scalar(select(Article).where(Article.uid == prepared.uid))
    if article is None and prepared.fields.external_id is None:
        # The same bytes may have come before under an external id.
        article = session.scalar(
            select(Article)
            .join(ArticleVersion)
            .where(ArticleVersion.bytes_sha == prepared.bytes_sha)
            .order_by(Article.id)
            .limit(1)
        )
    if article is None:
        return None, "new"
    held = select(ArticleVersion.id).where(
        ArticleVersion.article_id == article.id, ArticleVersion.bytes_sha == prepared.bytes_sha
    )
    known = session.scalar(held.limit(1)) is not None
    return article, "duplicate" if known else "updated"


def _correct(
    session: Session, article: Article, prepared: PreparedArticle, actor: str
) -> PreparedArticle:
    """Cut a corrected text as the one before was cut, and bring the article's fields up to date."""
    text = prepared.decoded.text
    blocks, passages = carry_over(session, article, text, prepared.blocks)
    _fill(article, prepared, blocks)
    audit.record(
        session,
        actor=actor,
        action="article_corrected",
        object=f"article:{article.uid}",
        detail={"version": article.current_version + 1, "passages": len(passages)},
    )
    return replace(prepared, blocks=blocks, passages=passages)


def _add_article(session: Session, prepared: PreparedArticle) -> Article:
    article = Article(
        uid=prepared.uid,
        external_id=prepared.fields.external_id,
        outlet="",
        section="",
        byline="",
        url="",
        language="",
        current_version=1,
        imported_at=datetime.now(UTC),
    )
    _fill(article, prepared, prepared.blocks)
    session.add(article)
    session.flush()
    return article


def _fill(article: Article, prepared: PreparedArticle, blocks: tuple[BlockValue, ...]) -> None:
    """Write what the text and the fields say; what they do not say stays as it was."""
    text, fields = prepared.decoded.text, prepared.fields
    article.title = fields.title or title_of(text, blocks)
    article.byline = fields.byline or byline_of(text, blocks) or article.byline
    for name in ("outlet", "section", "url", "published_at", "language", "story"):
        setattr(article, name, getattr(fields, name) or getattr(article, name))
    article.source = prepared.source


def _content(prepared: PreparedArticle) -> Content:
    return Content(
        data=prepared.data,
        bytes_sha=prepared.bytes_sha,
        text=prepared.decoded.text,
        encoding=prepared.decoded.encoding,
        fixes=prepared.decoded.fixes,
        blocks=prepared.blocks,
        passages=prepared.passages,
    )
