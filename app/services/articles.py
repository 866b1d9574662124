"""Articles in: decode, cut into blocks and passages, store once."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import ConflictError
from app.models.articles import Article, ArticleVersion, Block
from app.models.passages import Passage, Placement
from app.services.suggestions import suggest_for
from labeling.errors import TextError
from labeling.text.blocks import blocks_of
from labeling.text.decode import decode_article
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
_NOT_TEXT = re.compile(r"[\x00\ud800-\udfff]")


def problem_of(fields: ArticleFields) -> str:
    """What keeps these fields from being stored; empty where nothing does."""
    for name, most in LONGEST.items():
        value = getattr(fields, name) or ""
        if len(value) > most:
            return f"{name} has {len(value):,} characters, but there is room for {most:,}."
        if _NOT_TEXT.search(value):
            return f"{name} holds a NUL or half a character: it is not plain text."
    return ""


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


@dataclass(frozen=True, slots=True)
class Imported:
    """The outcome for one article; ``new`` is False for one that was here already."""

    uid: str
    title: str
    passages: int
    new: bool


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
    return PreparedArticle(uid, source, data, sha, decoded, blocks, passages, fields)


def store_article(session: Session, prepared: PreparedArticle) -> Imported:
    """Store a prepared article, unless it is here already (by external id or content).

    Raises:
        ConflictError: the external id is known, but with another content.
    """
    known = _find_known(session, prepared)
    if known is not None:
        return Imported(known.uid, known.title, 0, new=False)
    article = _article_row(prepared)
    version = _version_row(prepared)
    article.versions.append(version)
    session.add(article)
    session.flush()
    for piece in prepared.passages:
        passage = Passage(
            uid=piece.uid,
            article_id=article.id,
            role=piece.role.value,
            text=prepared.decoded.text[piece.start : piece.end],
            text_sha=piece.text_sha,
            occurrence=piece.occurrence,
        )
        session.add(
            Placement(version_id=version.id, passage=passage, start=piece.start, end=piece.end)
        )
    session.flush()
    suggest_for(session, version.id)
    return Imported(article.uid, article.title, len(prepared.passages), new=True)


def is_known(session: Session, prepared: PreparedArticle) -> bool:
    """Whether storing this article would find it here already; nothing is written.

    Raises:
        ConflictError: it could not be stored.
    """
    return _find_known(session, prepared) is not None


def _find_known(session: Session, prepared: PreparedArticle) -> Article | None:
    article = session.scalar(select(Article).where(Article.uid == prepared.uid))
    if article is None and prepared.fields.external_id is None:
        # The same bytes may have come before under an external id.
        return session.scalar(
            select(Article)
            .join(ArticleVersion)
            .where(ArticleVersion.bytes_sha == prepared.bytes_sha)
            .limit(1)
        )
    if article is None:
        return None
    current = session.scalar(
        select(ArticleVersion.bytes_sha).where(
            ArticleVersion.article_id == article.id,
            ArticleVersion.n == article.current_version,
        )
    )
    if current != prepared.bytes_sha:
        raise another_text(prepared)
    return article


def another_text(prepared: PreparedArticle) -> ConflictError:
    """What is said of an external id that comes with another content than before."""
    return ConflictError(
        f"{prepared.source}: the external id {prepared.fields.external_id!r} is already "
        f"here ({prepared.uid}) with another text.",
        remedy="Give the corrected text an external id of its own.",
    )


def _article_row(prepared: PreparedArticle) -> Article:
    text, fields = prepared.decoded.text, prepared.fields
    return Article(
        uid=prepared.uid,
        external_id=fields.external_id,
        title=fields.title or title_of(text, prepared.blocks),
        byline=fields.byline or byline_of(text, prepared.blocks),
        outlet=fields.outlet,
        section=fields.section,
        url=fields.url,
        published_at=fields.published_at,
        language=fields.language,
        story=fields.story,
        source=prepared.source,
        imported_at=datetime.now(UTC),
    )


def _version_row(prepared: PreparedArticle) -> ArticleVersion:
    return ArticleVersion(
        n=1,
        bytes_sha=prepared.bytes_sha,
        original=prepared.data,
        encoding=prepared.decoded.encoding,
        text=prepared.decoded.text,
        fixes=list(prepared.decoded.fixes),
        blocks=[
            Block(ord=i, role=b.role.value, start=b.start, end=b.end, reason=b.reason)
            for i, b in enumerate(prepared.blocks)
        ],
    )
