"""Where passages stand: in the version in force, or in the last one that had them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from app.models.articles import ArticleVersion
from app.models.passages import Passage, Placement


def is_newest_placement() -> ColumnElement[bool]:
    """For a query that joins Passage, Placement and ArticleVersion: one placement a passage.

    A passage that a correction took away has no placement in the version in force; its work
    stays, and so does the place where it last stood.
    """
    placed, version = aliased(Placement), aliased(ArticleVersion)
    newest = (
        select(func.max(version.n))
        .join(placed, placed.version_id == version.id)
        .where(placed.passage_id == Passage.id)
        .correlate(Passage)
        .scalar_subquery()
    )
    return ArticleVersion.n == newest
