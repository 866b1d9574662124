"""Near-duplicates for people: an article's cluster, and the articles that have one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.articles import Article

# A page names so many; the number of all is told beside them.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Member:
    """An article of a cluster; ``share`` says how much of its words stand in another one."""

    uid: str
    title: str
    outlet: str
    share: float | None
    first: bool
    retracted: bool


@dataclass(frozen=True, slots=True)
class Cluster:
    """Articles that say nearly the same. ``uid`` is that of the first of them."""

    uid: str
    total: int
    members: tuple[Member, ...]


def get_cluster(session: Session, cluster: str | None) -> Cluster | None:
    """A cluster with its first members in the order of their import; None for no cluster."""
    if cluster is None:
        return None
    rows = session.execute(
        select(
            Article.uid,
            Article.title,
            Article.outlet,
            Article.cluster_share,
            Article.retracted_at.is_not(None),
        )
        .where(Article.cluster == cluster)
        .order_by(Article.id)
        .limit(SHOWN)
    ).all()
    total = session.scalar(
        select(func.count()).select_from(Article).where(Article.cluster == cluster)
    )
    members = tuple(
        Member(uid, title, outlet, share, uid == cluster, retracted)
        for uid, title, outlet, share, retracted in rows
    )
    return Cluster(cluster, total or 0, members)


def count_clusters(session: Session) -> int:
    """How many clusters there are."""
    return session.scalar(select(func.count(Article.cluster.distinct()))) or 0
