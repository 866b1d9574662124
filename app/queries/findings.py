"""The spans that rules look at: gold where something was decided, suggestions where not yet.

A passage's gold decides the labels of its batch's scheme and no others: a suggestion with a
label that the annotators never had stays a suggestion.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.articles import Article, ArticleVersion
from app.models.batches import Batch
from app.models.passages import Passage, Placement
from app.models.review import Gold, GoldSpan
from app.models.schemes import SchemeVersion
from app.models.suggestions import Suggestion, SuggestionAnswer, SuggestionRelation
from app.queries.policies import Policies
from labeling.moderation.matching import Finding, Match, Place, basis, match_policy
from labeling.suggest.lexicon import LABEL as LOADED
from labeling.suggest.lineup import public_id
from labeling.suggest.voice import QUOTE


@dataclass(slots=True)
class Piece:
    """A passage where it stands in the article; ``decided`` are the labels its gold settles."""

    uid: str
    start: int
    end: int
    decided: set[str] = field(default_factory=set)
    stale: bool = False


@dataclass(slots=True)
class ArticleFindings:
    """An article as rules see it, its findings in the order of the text."""

    id: int
    uid: str
    outlet: str
    section: str
    published_at: datetime | None
    text: str
    pieces: list[Piece] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def findings_of(
    session: Session, article_ids: Sequence[int], labels: Collection[str] | None
) -> dict[int, ArticleFindings]:
    """The findings of these articles, in their versions in force.

    Args:
        session: a session.
        article_ids: the articles; a few dozen at a time.
        labels: the labels that rules look at; None for all.
    """
    rows = session.execute(
        select(Article, ArticleVersion.id, ArticleVersion.text)
        .join(ArticleVersion, ArticleVersion.article_id == Article.id)
        .where(Article.id.in_(article_ids), ArticleVersion.n == Article.current_version)
        .order_by(Article.id)
    )
    by_version: dict[int, ArticleFindings] = {}
    for article, version_id, text in rows:
        by_version[version_id] = ArticleFindings(
            article.id, article.uid, article.outlet, article.section, article.published_at, text
        )
    pieces = _pieces(session, by_version)
    suggested = _suggested(session, sorted(by_version), labels)
    _add_gold(session, pieces, suggested, labels)
    for version_id, one in by_version.items():
        _add_suggested(one, suggested[version_id])
        one.findings.sort(key=lambda found: (found.start, found.end, found.label, found.id))
    return {one.id: one for one in by_version.values()}


def matches_of(article: ArticleFindings, policies: Policies) -> list[Match]:
    """Everything that the rules match in an article."""
    place = Place(article.outlet, article.section)
    return [
        match
        for one in policies.current
        for match in match_policy(one.policy, place, article.findings)
    ]


def basis_of(article: ArticleFindings, policies: Policies) -> str:
    """The name of what a verdict on this article rests on now."""
    return basis(Place(article.outlet, article.section), article.findings, policies.sha)


@dataclass(slots=True)
class _Proposed:
    """A suggestion by code points of the article."""

    id: str
    label: str
    start: int
    end: int
    attrs: dict[str, Any]
    term: str
    speaker: tuple[int, int] | None = None


def _pieces(
    session: Session, by_version: dict[int, ArticleFindings]
) -> dict[int, tuple[ArticleFindings, Piece, int]]:
    """By passage: its article, its place there, and the article's version."""
    rows = session.execute(
        select(
            Placement.version_id, Placement.passage_id, Placement.start, Placement.end, Passage.uid
        )
        .join(Passage, Passage.id == Placement.passage_id)
        .where(Placement.version_id.in_(list(by_version)))
        .order_by(Placement.version_id, Placement.start)
    )
    found = {}
    for version_id, passage_id, start, end, uid in rows:
        piece = Piece(uid, start, end)
        by_version[version_id].pieces.append(piece)
        found[passage_id] = (by_version[version_id], piece, version_id)
    return found


def _suggested(
    session: Session, versions: Sequence[int], labels: Collection[str] | None
) -> defaultdict[int, list[_Proposed]]:
    query = (
        select(
            SuggestionAnswer.version_id,
            SuggestionAnswer.id,
            SuggestionAnswer.name,
            Suggestion.ord,
            Suggestion.label,
            Suggestion.start,
            Suggestion.end,
            Suggestion.attrs,
            Suggestion.term,
        )
        .join(SuggestionAnswer, SuggestionAnswer.id == Suggestion.answer_id)
        .where(SuggestionAnswer.version_id.in_(versions))
        .order_by(SuggestionAnswer.id, Suggestion.ord)
    )
    if labels is not None:
        query = query.where(Suggestion.label.in_(sorted(labels)))
    found: defaultdict[int, list[_Proposed]] = defaultdict(list)
    by_place: dict[tuple[int, int], _Proposed] = {}
    for version_id, answer_id, name, order, label, start, end, attrs, term in session.execute(
        query
    ):
        one = _Proposed(public_id(name, order), label, start, end, attrs, term or "")
        found[version_id].append(one)
        by_place[answer_id, order] = one
    _add_speakers(session, versions, by_place)
    return found


def _add_speakers(
    session: Session, versions: Sequence[int], quotes: dict[tuple[int, int], _Proposed]
) -> None:
    rows = session.execute(
        select(
            SuggestionRelation.answer_id,
            SuggestionRelation.from_ord,
            Suggestion.start,
            Suggestion.end,
        )
        .join(SuggestionAnswer, SuggestionAnswer.id == SuggestionRelation.answer_id)
        .join(
            Suggestion,
            (Suggestion.answer_id == SuggestionRelation.answer_id)
            & (Suggestion.ord == SuggestionRelation.to_ord),
        )
        .where(SuggestionAnswer.version_id.in_(versions))
        .order_by(SuggestionRelation.answer_id, SuggestionRelation.n)
    )
    for answer_id, order, start, end in rows:
        quote = quotes.get((answer_id, order))
        if quote is not None and quote.speaker is None:
            quote.speaker = (start, end)


def _add_gold(
    session: Session,
    pieces: dict[int, tuple[ArticleFindings, Piece, int]],
    suggested: defaultdict[int, list[_Proposed]],
    labels: Collection[str] | None,
) -> None:
    golds = session.execute(
        select(Gold.id, Gold.passage_id, Gold.stale, Gold.relations, SchemeVersion.layers)
        .join(Batch, Batch.id == Gold.batch_id)
        .join(SchemeVersion, SchemeVersion.id == Batch.scheme_version_id)
        .where(Gold.passage_id.in_(list(pieces)), Gold.current)
        .order_by(Gold.id.desc())
    ).all()
    spans: defaultdict[int, list[GoldSpan]] = defaultdict(list)
    for span in session.scalars(
        select(GoldSpan)
        .where(GoldSpan.gold_id.in_([row.id for row in golds]))
        .order_by(GoldSpan.gold_id, GoldSpan.start, GoldSpan.region)
    ):
        spans[span.gold_id].append(span)
    for row in golds:
        article, piece, version_id = pieces[row.passage_id]
        known = {label for layer in row.layers for label in layer["labels"]} - piece.decided
        said_by = {one["from"]: one["to"] for one in row.relations}
        regions = {span.region: span for span in spans[row.id]}
        for span in spans[row.id]:
            if span.label in known and (labels is None or span.label in labels):
                speaker = regions.get(said_by.get(span.region, ""))
                article.findings.append(
                    _decided(article, piece, span, speaker, suggested[version_id])
                )
        piece.decided |= known
        piece.stale |= row.stale


def _decided(
    article: ArticleFindings,
    piece: Piece,
    span: GoldSpan,
    speaker: GoldSpan | None,
    suggested: Sequence[_Proposed],
) -> Finding:
    start, end = piece.start + span.start, piece.start + span.end
    known = _term_at(suggested, start, end) if span.label == LOADED else None
    said = None if speaker is None else (piece.start + speaker.start, piece.start + speaker.end)
    return Finding(
        id=f"{piece.uid}.{span.region}",
        label=span.label,
        start=start,
        end=end,
        text=article.text[start:end],
        decided=True,
        type=_type(span.label, span.attrs) or (_type(LOADED, known.attrs) if known else ""),
        voice=span.voice or "",
        term=known.term if known else "",
        speaker=article.text[said[0] : said[1]] if said else "",
    )


def _add_suggested(article: ArticleFindings, suggested: Sequence[_Proposed]) -> None:
    starts = [piece.start for piece in article.pieces]
    for one in suggested:
        at = bisect_right(starts, one.start) - 1
        piece = article.pieces[at] if at >= 0 else None
        if piece is None or one.start >= piece.end or one.label in piece.decided:
            continue
        said = one.speaker
        article.findings.append(
            Finding(
                id=one.id,
                label=one.label,
                start=one.start,
                end=one.end,
                text=article.text[one.start : one.end],
                decided=False,
                type=_type(one.label, one.attrs),
                voice=str(one.attrs.get("voice") or ""),
                term=one.term,
                speaker=article.text[said[0] : said[1]] if said else "",
            )
        )


def _term_at(suggested: Sequence[_Proposed], start: int, end: int) -> _Proposed | None:
    """The suggested term at a decided place: what the term bank knows of it."""
    there = [
        one for one in suggested if one.label == LOADED and one.start < end and start < one.end
    ]
    return min(there, key=lambda one: abs(one.start - start) + abs(one.end - end), default=None)


def _type(label: str, attrs: dict[str, Any]) -> str:
    value = attrs.get("kind" if label == QUOTE else "type")
    first = value[0] if isinstance(value, list | tuple) and value else value
    return str(first) if first else ""
