"""Roles and bounds of passages, corrected by hand before they are dealt.

An edit works on the version in force and in place: the text stays, blocks and placements move
(docs/adr/0013). A passage that some batch has dealt is immutable, so an edit that would take
one away is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.errors import ConflictError, InvalidInputError
from app.models.articles import Article, ArticleVersion, Block
from app.models.batches import Batch, Lane
from app.models.passages import Passage, Placement
from app.models.tasks import Task
from app.services import audit
from app.services.curation import find_article
from app.services.suggestions import suggest_for
from app.services.versions import block_rows, current_version, layout_of, place_passages
from labeling.text.byhand import Layout, merge_with_next, set_role, split_at
from labeling.text.passages import byline_of, name_cuts, title_of
from labeling.types import PassageSlice, Role


def change_role(
    session: Session, uid: str, *, start: int, role: str, version: int, actor: str
) -> None:
    """Give the block that begins at ``start`` another role.

    Args:
        session: a transaction.
        uid: the article.
        start: where the block begins.
        role: its role from now on.
        version: the version that whoever asks has seen.
        actor: who asks.

    Raises:
        NotFoundError, InvalidInputError: there is no such article, block or role.
        ConflictError: the article was corrected meanwhile, or the passage has been dealt.
    """
    if role not in {known.value for known in Role}:
        raise InvalidInputError(
            f"{role!r} is no role.", remedy="Choose one of: " + ", ".join(known for known in Role)
        )

    def edit(text: str, layout: Layout) -> Layout:
        index = _index_of(start, [block.start for block in layout.blocks], "block")
        return set_role(text, layout, index, Role(role))

    _edit(session, uid, version, edit, actor, {"block": start, "role": role})


def merge_passages(session: Session, uid: str, *, start: int, version: int, actor: str) -> None:
    """Make one passage of the one that begins at ``start`` and the next one.

    Raises:
        NotFoundError, InvalidInputError, EditError: there is none, or they cannot be one.
        ConflictError: as for `change_role`.
    """

    def edit(text: str, layout: Layout) -> Layout:
        index = _index_of(start, [cut.start for cut in layout.cuts], "passage")
        return merge_with_next(text, layout, index)

    _edit(session, uid, version, edit, actor, {"merged": start})


def split_passage(
    session: Session, uid: str, *, start: int, at: int, version: int, actor: str
) -> None:
    """Make two passages of the one that begins at ``start``, before its character ``at``.

    Raises:
        NotFoundError, InvalidInputError, EditError: there is none, or no two parts.
        ConflictError: as for `change_role`.
    """

    def edit(text: str, layout: Layout) -> Layout:
        index = _index_of(start, [cut.start for cut in layout.cuts], "passage")
        return split_at(text, layout, index, at)

    _edit(session, uid, version, edit, actor, {"split": start, "at": at})


def _index_of(start: int, starts: list[int], what: str) -> int:
    if start not in starts:
        raise InvalidInputError(
            f"No {what} begins at character {start:,}.",
            remedy="Somebody may have moved it meanwhile: look at the article again.",
        )
    return starts.index(start)


def _edit(
    session: Session,
    uid: str,
    seen: int,
    edit: Callable[[str, Layout], Layout],
    actor: str,
    detail: dict[str, Any],
) -> None:
    article = find_article(session, uid)
    if article.kind != "imported" or article.current_version != seen:
        raise ConflictError(
            f"The article is not as you saw it: version {article.current_version} is in force.",
            remedy="Look at it again, then repeat the edit.",
        )
    version = current_version(session, article)
    before = layout_of(session, version)
    after = edit(version.text, before)
    slices = name_cuts(article.uid, version.text, after.cuts)
    _check_free(session, version, slices)
    _replace(session, article, version, after, slices)
    audit.record(
        session,
        actor=actor,
        action="article_edited",
        object=f"article:{uid}",
        detail={**detail, "version": seen, "before": _bounds(before), "after": _bounds(after)},
    )
    suggest_for(session, version.id)


def _check_free(
    session: Session, version: ArticleVersion, slices: tuple[PassageSlice, ...]
) -> None:
    """Refuse an edit that takes away a passage with tasks."""
    stays = {piece.uid for piece in slices}
    dealt = session.execute(
        select(Passage.uid, func.min(Batch.slug))
        .join(Placement, Placement.passage_id == Passage.id)
        .join(Task, Task.passage_id == Passage.id)
        .join(Lane, Lane.id == Task.lane_id)
        .join(Batch, Batch.id == Lane.batch_id)
        .where(Placement.version_id == version.id)
        .group_by(Passage.uid)
    )
    for uid, slug in dealt:
        if uid not in stays:
            raise ConflictError(
                f"This would change a passage that is dealt in batch {slug}; a dealt passage "
                "stays as it is.",
                remedy="Import a corrected file under the article's external id: what was dealt "
                "stays, and later batches take the new passages.",
            )


def _replace(
    session: Session,
    article: Article,
    version: ArticleVersion,
    layout: Layout,
    slices: tuple[PassageSlice, ...],
) -> None:
    session.execute(delete(Placement).where(Placement.version_id == version.id))
    session.execute(delete(Block).where(Block.version_id == version.id))
    session.expire(version, ["blocks"])
    for block in block_rows(layout.blocks):
        block.version_id = version.id
        session.add(block)
    place_passages(session, article, version, slices)
    _forget_loose_passages(session, article)
    article.title = title_of(version.text, layout.blocks) or article.title
    article.byline = byline_of(version.text, layout.blocks) or article.byline
    session.flush()


def _forget_loose_passages(session: Session, article: Article) -> None:
    """Delete passages that no version has and no batch was ever dealt."""
    placed = select(Placement.passage_id).where(Placement.passage_id == Passage.id).exists()
    dealt = select(Task.id).where(Task.passage_id == Passage.id).exists()
    session.execute(
        delete(Passage)
        .where(Passage.article_id == article.id, ~placed, ~dealt)
        .execution_options(synchronize_session=False)
    )


def _bounds(layout: Layout) -> list[list[Any]]:
    return [[cut.start, cut.end, cut.role.value] for cut in layout.cuts]
