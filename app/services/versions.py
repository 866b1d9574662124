"""Versions of an article: the first, and those that supersede it when it was corrected.

A version's text is frozen. A passage belongs to the article and stands in those versions that
place it; its uid is made from its words, so one that a correction leaves alone keeps its row,
and with it its tasks and all work on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.articles import Article, ArticleVersion, Block
from app.models.passages import Passage, Placement
from app.models.tasks import Task
from app.services.term_index import note_passages
from labeling.text.byhand import BOUNDS, GIVEN, Layout, carry_bounds, carry_roles
from labeling.text.cuts import Cut
from labeling.text.passages import name_cuts
from labeling.types import Block as BlockValue
from labeling.types import PassageSlice, Role

# So many ids in one question: both stores take more, but not without end.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Content:
    """What a version is made of."""

    data: bytes
    bytes_sha: str
    text: str
    encoding: str
    fixes: tuple[str, ...]
    blocks: tuple[BlockValue, ...]
    passages: tuple[PassageSlice, ...]


def add_version(session: Session, article: Article, n: int, content: Content, actor: str) -> None:
    """Add a version with its blocks and passages, and put it in force."""
    version = ArticleVersion(
        article_id=article.id,
        n=n,
        bytes_sha=content.bytes_sha,
        original=content.data,
        encoding=content.encoding,
        text=content.text,
        fixes=list(content.fixes),
        made_at=datetime.now(UTC),
        actor=actor,
        blocks=block_rows(content.blocks),
    )
    session.add(version)
    article.current_version = n
    session.flush()
    place_passages(session, article, version, content.passages)


def block_rows(blocks: tuple[BlockValue, ...]) -> list[Block]:
    """The rows of blocks, in order."""
    return [
        Block(
            ord=n,
            role=block.role.value,
            start=block.start,
            end=block.end,
            reason=block.reason,
            by_hand=block.reason == GIVEN,
        )
        for n, block in enumerate(blocks)
    ]


def place_passages(
    session: Session, article: Article, version: ArticleVersion, slices: tuple[PassageSlice, ...]
) -> None:
    """Place passages in a version; those that the article has already keep their rows."""
    known = _passages_by_uid(session, article, [piece.uid for piece in slices])
    new: list[Passage] = []
    for piece in slices:
        passage = known.get(piece.uid)
        if passage is None:
            passage = Passage(
                uid=piece.uid,
                article_id=article.id,
                text=version.text[piece.start : piece.end],
                text_sha=piece.text_sha,
                occurrence=piece.occurrence,
            )
            new.append(passage)
        passage.role = piece.role.value
        session.add(
            Placement(
                version_id=version.id,
                passage=passage,
                start=piece.start,
                end=piece.end,
                reason=piece.reason,
                by_hand=piece.reason == BOUNDS,
            )
        )
    session.flush()
    note_passages(session, [passage.id for passage in new])


def current_version(session: Session, article: Article) -> ArticleVersion:
    """The version of an article that is in force."""
    return session.scalars(
        select(ArticleVersion).where(
            ArticleVersion.article_id == article.id, ArticleVersion.n == article.current_version
        )
    ).one()


def layout_of(session: Session, version: ArticleVersion) -> Layout:
    """How a version is cut, as the core sees it."""
    rows = session.execute(
        select(Passage.role, Placement.start, Placement.end, Placement.reason)
        .join(Passage, Passage.id == Placement.passage_id)
        .where(Placement.version_id == version.id)
        .order_by(Placement.start)
    )
    blocks = tuple(BlockValue(Role(b.role), b.start, b.end, b.reason) for b in version.blocks)
    return Layout(
        blocks, tuple(Cut(row.start, row.end, Role(row.role), row.reason) for row in rows)
    )


def carry_over(
    session: Session, article: Article, text: str, blocks: tuple[BlockValue, ...]
) -> tuple[tuple[BlockValue, ...], tuple[PassageSlice, ...]]:
    """Cut a corrected text: what was done by hand, and what was dealt, stays where it can."""
    version = current_version(session, article)
    before = layout_of(session, version)
    blocks = carry_roles(version.text, before.blocks, text, blocks)
    dealt = _dealt_starts(session, version)
    keep = [cut for cut in before.cuts if cut.reason == BOUNDS or cut.start in dealt]
    layout = carry_bounds(version.text, keep, text, blocks)
    return layout.blocks, name_cuts(article.uid, text, layout.cuts)


def _dealt_starts(session: Session, version: ArticleVersion) -> set[int]:
    """Where the passages of a version stand that some batch has dealt."""
    return set(
        session.scalars(
            select(Placement.start)
            .where(Placement.version_id == version.id)
            .where(select(Task.id).where(Task.passage_id == Placement.passage_id).exists())
        )
    )


def _passages_by_uid(session: Session, article: Article, uids: list[str]) -> dict[str, Passage]:
    found: dict[str, Passage] = {}
    for at in range(0, len(uids), _AT_ONCE):
        rows = session.scalars(
            select(Passage).where(
                Passage.article_id == article.id, Passage.uid.in_(uids[at : at + _AT_ONCE])
            )
        )
        found.update((passage.uid, passage) for passage in rows)
    return found
