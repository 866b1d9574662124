"""Clusters of articles that say nearly the same, kept up to date by every import.

An article is compared with those that share one of its bands, never with all: a band holds at
most ``HOLDERS`` articles, so an import takes the same time however many there are, even when
thousands say the same. Among nearly equal articles any of the holders leads to their cluster.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from app.models.articles import Article, ArticleVersion
from app.models.duplicates import NearBand, NearSignature
from app.models.passages import Passage, Placement
from labeling.text.near import Sketch, likeness, share_of, shingles_of, sketch_of

HOLDERS = 16
# Half of the smaller text within a larger one can mean as little likeness as this.
_LEAST_LIKE = 0.06
_MOST_LOOKED_UP, _MOST_READ = 64, 8
_LOCK = 7_203_114_905
# Every import writes some thirty rows of these: without the ORM that costs a third.
_SIGNATURES, _BANDS = (
    NearSignature.metadata.tables["near_signature"],
    NearBand.metadata.tables["near_band"],
)


def begin_grouping(session: Session) -> None:
    """Let imports of several processes store one after the other, so that none misses another's.

    On SQLite every writing transaction does that; call it before anything is written.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def words_of(texts: Sequence[str]) -> str:
    """What of an article is compared: its passages, not what stands around them."""
    return "\n".join(texts)


def group_article(
    session: Session, article: Article, sketch: Sketch, words: str, share: float
) -> None:
    """Find the cluster of an article that is in none and not in the index.

    Args:
        session: a transaction in which ``begin_grouping`` was called first.
        article: stored and flushed.
        sketch: of ``words``.
        words: its passages, as ``words_of`` gives them.
        share: how much of the smaller text must be in the other one, from 0 to 1.
    """
    holders = _holders(session, article, sketch)
    for other, found in _nearest(session, article, sketch, words, share, holders):
        _join(session, article, other, found)
    row = {"words_sha": sketch.words_sha, "signature": sketch.signature}
    session.execute(_SIGNATURES.insert(), [{"article_id": article.id, **row}])
    taken = Counter(band for band, _ in holders)
    free = [band for band in dict.fromkeys(sketch.bands) if taken[band] < HOLDERS]
    if free:
        session.execute(
            _BANDS.insert(), [{"band": band, "article_id": article.id} for band in free]
        )


def forget_article(session: Session, article: Article) -> None:
    """Take an article out of its cluster and out of the index; the others stay together."""
    session.execute(delete(NearBand).where(NearBand.article_id == article.id))
    session.execute(delete(NearSignature).where(NearSignature.article_id == article.id))
    cluster, article.cluster, article.cluster_share = article.cluster, None, None
    session.flush()
    if cluster is None:
        return
    left = session.execute(
        select(Article.uid, func.count().over())
        .where(Article.cluster == cluster)
        .order_by(Article.id)
        .limit(1)
    ).one()
    first = left[0] if left[1] > 1 else None
    if first != cluster:
        _rename(session, cluster, first)


def first_of_each_cluster(query: Any) -> Any:
    """Narrow a query on Article to the first that it finds of each cluster."""
    found = query.with_only_columns(func.min(Article.id)).order_by(None)
    return query.where(Article.id.in_(found.group_by(func.coalesce(Article.cluster, Article.uid))))


def regroup_some(session: Session, after: int, share: float, most: int = 25) -> tuple[int, int]:
    """Group the next few articles anew, in the order in which they came.

    Args:
        session: a transaction.
        after: the last article's row id of the call before; 0 at first, which forgets all.
        share: as for ``group_article``.
        most: how many.

    Returns:
        The last article's row id and how many were grouped; none are left when it is 0.
    """
    begin_grouping(session)
    if after == 0:
        session.execute(delete(NearBand))
        session.execute(delete(NearSignature))
        session.execute(update(Article).values(cluster=None, cluster_share=None))
    found = session.scalars(
        select(Article).where(Article.id > after).order_by(Article.id).limit(most)
    ).all()
    for article in found:
        words = words_of(_texts(session, article.id))
        group_article(session, article, sketch_of(words), words, share)
    return (found[-1].id if found else after), len(found)


def _holders(session: Session, article: Article, sketch: Sketch) -> Sequence[tuple[int, int]]:
    """``(band, article)`` of every other article that shares a band with this one."""
    if not sketch.bands:
        return []
    rows = session.execute(
        select(NearBand.band, NearBand.article_id).where(
            NearBand.band.in_(sketch.bands), NearBand.article_id != article.id
        )
    )
    return [(band, article_id) for band, article_id in rows]


def _nearest(
    session: Session,
    article: Article,
    sketch: Sketch,
    words: str,
    share: float,
    holders: Sequence[tuple[int, int]],
) -> list[tuple[Article, float]]:
    """The articles that say nearly the same, one of each cluster, and how much of them."""
    found = [(twin, 1.0) for twin in _twins(session, article, sketch)]
    seen = {twin.cluster for twin, _ in found if twin.cluster}
    read, own = 0, None
    for other in _candidates(session, sketch, holders):
        if read == _MOST_READ:
            break
        if other.cluster in seen or any(other is twin for twin, _ in found):
            continue
        own = own or shingles_of(words)
        near = share_of(own, shingles_of(words_of(_texts(session, other.id))))
        read += 1
        if near >= share:
            found.append((other, near))
            seen.update({other.cluster} if other.cluster else ())
    return found


def _twins(session: Session, article: Article, sketch: Sketch) -> list[Article]:
    """The first article with the very same words, if there is one."""
    if not sketch.words_sha:
        return []
    return list(
        session.scalars(
            select(Article)
            .join(NearSignature, NearSignature.article_id == Article.id)
            .where(NearSignature.words_sha == sketch.words_sha, Article.id != article.id)
            .order_by(Article.id)
            .limit(1)
        )
    )


def _candidates(
    session: Session, sketch: Sketch, holders: Sequence[tuple[int, int]]
) -> list[Article]:
    """Articles whose signature is like enough, the likest first."""
    counted = Counter(article_id for _, article_id in holders)
    if not counted:
        return []
    ids = [article_id for article_id, _ in counted.most_common(_MOST_LOOKED_UP)]
    rows = session.execute(
        select(Article, NearSignature.signature)
        .join(NearSignature, NearSignature.article_id == Article.id)
        .where(Article.id.in_(ids))
        .order_by(Article.id)
    )
    like = [(likeness(sketch.signature, signature), other) for other, signature in rows]
    like = [pair for pair in like if pair[0] >= _LEAST_LIKE]
    return [other for _, other in sorted(like, key=lambda pair: -pair[0])]


def _texts(session: Session, article_id: int) -> Sequence[str]:
    return session.scalars(
        select(Passage.text)
        .join(Placement, Placement.passage_id == Passage.id)
        .join(ArticleVersion, ArticleVersion.id == Placement.version_id)
        .join(Article, Article.id == ArticleVersion.article_id)
        .where(Article.id == article_id, ArticleVersion.n == Article.current_version)
        .order_by(Placement.start)
    ).all()


def _join(session: Session, article: Article, other: Article, share: float) -> None:
    """Make one cluster of theirs, named after the article that came first."""
    heads = [one.cluster or one.uid for one in (article, other)]
    first = session.scalars(
        select(Article.uid).where(Article.uid.in_(heads)).order_by(Article.id).limit(1)
    ).one()
    for one in (article, other):
        if one.cluster is None:
            one.cluster = first
            one.cluster_share = None if one.uid == first else share
    session.flush()
    for head in set(heads) - {first}:
        _rename(session, head, first)
        # The first of the other cluster was compared with nobody until now.
        lone = Article.cluster_share.is_(None)
        session.execute(
            update(Article).where(Article.uid == head, lone).values(cluster_share=share)
        )
    if article.uid != first:
        article.cluster_share = max(article.cluster_share or 0.0, share)


def _rename(session: Session, cluster: str, first: str | None) -> None:
    """Give a cluster another first article; None: it is no cluster any more."""
    members = session.scalars(select(Article).where(Article.cluster == cluster))
    for member in members:
        member.cluster = first
        if first is None or member.uid == first:
            member.cluster_share = None
    session.flush()
