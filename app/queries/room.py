"""A passage in the review room: what its page shows to one reader, in short reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFoundError
from app.models.articles import Article
from app.models.batches import Batch, BatchState
from app.models.connections import Annotator
from app.models.passages import Passage
from app.models.review import Gold, ItemState, Review, ReviewItem, ReviewNote, ReviewState, Stage
from app.models.schemes import Scheme as SchemeRow
from app.models.schemes import SchemeVersion
from app.queries.decisions import (
    decided_in,
    decisions_in_sight,
    list_answers,
    list_conflicts,
    list_history,
    list_proposals,
)
from app.queries.room_groups import RoomGroup, make_groups
from app.queries.room_places import list_task_links
from labeling import decisions as core
from labeling.scheme import read_scheme
from labeling.types import Scheme

_STAGES = {ItemState.SECOND: Stage.SECOND, ItemState.ADJUDICATION: Stage.ADJUDICATION}
# Only these wait for a reviewer; a passage that waits for an annotator is looked at, no more.
_FOR_REVIEW = {ItemState.READY, ItemState.SECOND, ItemState.ADJUDICATION, ItemState.REVIEWED}


@dataclass(frozen=True, slots=True)
class Who:
    """An annotator of the passage. ``name`` and ``url`` are there once it is settled."""

    letter: str
    suggested: bool
    round: int
    name: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on the passage, or on one group of it."""

    group: str
    actor: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RoomPage:
    """Everything on the page of one passage, for one reader.

    ``refusal`` says why this reader cannot decide here (empty: they can); ``holder`` which
    colleague is inside, until ``held_until``. ``inside`` is true while the reader holds it.
    ``base`` names the newest gold, so that a form made before a colleague settled the passage
    is told from one made after. ``decided`` counts what an undo can take back.
    """

    batch: str
    passage: str
    text: str
    role: str
    article: str
    article_uid: str
    outlet: str
    published_at: datetime | None
    state: str
    stage: str
    round: int
    came_back: bool
    stale: bool
    flagged_by: str
    flag_note: str
    policy: core.ReviewPolicy
    scheme: Scheme
    scheme_name: str
    scheme_version: int
    groups: tuple[RoomGroup, ...]
    who: tuple[Who, ...]
    notes: tuple[Note, ...]
    revisions: tuple[int, ...]
    base: int
    settled_by: str
    settled_at: datetime | None
    inside: bool
    holder: str
    held_until: datetime | None
    refusal: str
    decided: int
    letters: Mapping[str, str] = field(repr=False, default_factory=dict)

    @property
    def open(self) -> int:
        """How many groups nobody has settled yet."""
        return sum(not group.is_settled for group in self.groups)

    @property
    def may_decide(self) -> bool:
        """Whether this reader can settle the passage now."""
        return not self.refusal and not self.holder and (self.inside or self.state != "reviewed")


@dataclass(frozen=True, slots=True)
class _Found:
    batch: Batch
    passage: Passage
    item: ReviewItem
    article: Article
    version: SchemeVersion
    scheme_name: str


def get_room(session: Session, slug: str, uid: str, *, reader: str, now: datetime) -> RoomPage:
    """A passage of a batch as a reader with this e-mail address sees it.

    Nobody's decisions but the reader's own are shown until the passage is settled: a second
    look is blind to the first.

    Raises:
        NotFoundError: no such passage in the batch, or nobody has answered it.
    """
    found = _find(session, slug, uid)
    batch, passage, item = found.batch, found.passage, found.item
    answers = list_answers(session, batch.id, passage.id)
    letters = core.letters([str(one["annotator"]) for one in answers], batch.uid, uid)
    stage = _STAGES.get(ItemState(item.state), Stage.FIRST)
    mine, holder = _reviews(session, item, stage, reader)
    # Names come out with the settled gold; whoever looks again is as blind as at first.
    revealed = item.state == ItemState.REVIEWED and mine is None
    shown = _last(session, item) if revealed else mine
    decided, contested = decisions_in_sight(session, item, shown)
    policy = core.ReviewPolicy.read(batch.policy)
    led = revealed or not policy.calibration
    conflicts = list_conflicts(session, batch.id, passage.id)
    emails = _emails(session, letters)
    return RoomPage(
        **_about(found),
        **_gold(session, item, revealed=revealed),
        **_held(holder, now),
        stage=stage,
        policy=policy,
        groups=make_groups(
            conflicts,
            decided,
            letters,
            passage.text,
            led=led,
            contested=contested,
            proposals=list_proposals(session, batch.id, passage.id, contested),
        ),
        who=_who(session, found, answers, letters, emails if revealed else {}),
        # A second look does not read the first one's remarks either.
        notes=_notes(session, item, reader if stage == Stage.SECOND and not revealed else None),
        revisions=tuple(sorted(one["revision"] for one in answers)),
        inside=mine is not None and mine.state == ReviewState.OPEN,
        refusal=_refusal(session, found, reader, set(emails.values())),
        decided=len(decided_in(list_history(session, mine.id))) if mine is not None else 0,
        letters=letters,
    )


def _about(found: _Found) -> dict[str, Any]:
    """What the passage is, and how it is reviewed."""
    item, article = found.item, found.article
    return {
        "batch": found.batch.slug,
        "passage": found.passage.uid,
        "text": found.passage.text,
        "role": found.passage.role,
        "article": article.title,
        "article_uid": article.uid,
        "outlet": article.outlet,
        "published_at": article.published_at,
        "state": item.state,
        "round": item.round,
        "came_back": item.came_back,
        "stale": item.stale,
        "flagged_by": item.flagged_by,
        "flag_note": item.flag_note,
        "scheme": read_cached(found.version.config),
        "scheme_name": found.scheme_name,
        "scheme_version": found.version.n,
    }


def _held(holder: Review | None, now: datetime) -> dict[str, Any]:
    """Which colleague is inside, as long as they hold it."""
    if holder is None or holder.leased_until <= now:
        return {"holder": "", "held_until": None}
    return {"holder": holder.reviewer, "held_until": holder.leased_until}


def get_scheme(session: Session, slug: str) -> Scheme:
    """The scheme of a batch.

    Raises:
        NotFoundError: no such batch.
    """
    config = session.scalar(
        select(SchemeVersion.config)
        .join(Batch, Batch.scheme_version_id == SchemeVersion.id)
        .where(Batch.slug == slug)
    )
    if config is None:
        raise NotFoundError(f"There is no batch {slug!r}.")
    return read_cached(config)


@lru_cache(maxsize=8)
def read_cached(config: str) -> Scheme:
    """A scheme, read once a process."""
    return read_scheme(config)


def _find(session: Session, slug: str, uid: str) -> _Found:
    row = session.execute(
        select(Batch, Passage, ReviewItem, Article, SchemeVersion, SchemeRow.name)
        .join(ReviewItem, ReviewItem.batch_id == Batch.id)
        .join(Passage, Passage.id == ReviewItem.passage_id)
        .join(Article, Article.id == Passage.article_id)
        .join(SchemeVersion, SchemeVersion.id == Batch.scheme_version_id)
        .join(SchemeRow, SchemeRow.id == SchemeVersion.scheme_id)
        .where(Batch.slug == slug, Passage.uid == uid)
    ).one_or_none()
    if row is None:
        raise NotFoundError(
            f"There is nothing to review of the passage {uid!r} in the batch {slug!r}.",
            remedy="Passages can be reviewed once they are annotated and synced.",
        )
    return _Found(*row)


def _reviews(
    session: Session, item: ReviewItem, stage: Stage, reader: str
) -> tuple[Review | None, Review | None]:
    """The reader's own unfinished review at this stage, and a colleague's who is inside."""
    rows = session.scalars(
        select(Review)
        .where(Review.batch_id == item.batch_id, Review.passage_id == item.passage_id)
        .where(Review.stage == stage)
        .order_by(Review.id)
    ).all()
    turn = 1 + sum(row.state == ReviewState.SUBMITTED for row in rows)
    unfinished = [row for row in rows if row.state != ReviewState.SUBMITTED and row.turn == turn]
    mine = [row for row in unfinished if row.reviewer == reader]
    if item.state == ItemState.REVIEWED:
        mine = [row for row in mine if row.state == ReviewState.OPEN]
    others = [row for row in unfinished if row.reviewer != reader and row.state == ReviewState.OPEN]
    return (mine[-1] if mine else None), (others[-1] if others else None)


def _last(session: Session, item: ReviewItem) -> Review | None:
    return session.scalar(
        select(Review)
        .where(Review.batch_id == item.batch_id, Review.passage_id == item.passage_id)
        .where(Review.state == ReviewState.SUBMITTED)
        .order_by(Review.submitted_at.desc(), Review.id.desc())
        .limit(1)
    )


def _gold(session: Session, item: ReviewItem, *, revealed: bool) -> dict[str, Any]:
    """The newest gold: its row always, who settled it once that is for everybody to see."""
    gold = session.scalar(
        select(Gold).where(
            Gold.batch_id == item.batch_id, Gold.passage_id == item.passage_id, Gold.current
        )
    )
    told = gold is not None and revealed
    return {
        "base": 0 if gold is None else gold.id,
        "settled_by": gold.settled_by if gold is not None and told else "",
        "settled_at": gold.settled_at if gold is not None and told else None,
    }


def _emails(session: Session, letters: Mapping[str, str]) -> dict[str, str]:
    ids = [int(one) for one in letters]
    rows = session.execute(
        select(Annotator.id, Annotator.email).where(Annotator.id.in_(ids)).order_by(Annotator.id)
    )
    return {str(row[0]): row[1] for row in rows}


def _who(
    session: Session,
    found: _Found,
    answers: list[dict[str, Any]],
    letters: Mapping[str, str],
    names: Mapping[str, str],
) -> tuple[Who, ...]:
    """Who answered, by letter. Links into Label Studio name the annotator, so they come last."""
    urls = list_task_links(session, found.batch.id, found.passage.id) if names else {}
    told = [
        Who(
            letter=letters[str(one["annotator"])],
            suggested="suggested" in one,
            round=one["round"],
            name=names.get(str(one["annotator"]), ""),
            url=urls.get(one["annotation"]),
        )
        for one in answers
    ]
    return tuple(sorted(told, key=lambda one: (len(one.letter), one.letter)))


def _notes(session: Session, item: ReviewItem, only: str | None) -> tuple[Note, ...]:
    """The remarks on a passage; with ``only`` those of this reviewer alone."""
    query = (
        select(ReviewNote)
        .where(ReviewNote.batch_id == item.batch_id, ReviewNote.passage_id == item.passage_id)
        .order_by(ReviewNote.id)
    )
    rows = session.scalars(query if only is None else query.where(ReviewNote.actor == only))
    return tuple(Note(row.group, row.actor, row.text, row.at) for row in rows)


def _refusal(session: Session, found: _Found, reader: str, annotators: set[str]) -> str:
    item = found.item
    if found.batch.state == BatchState.ARCHIVED:
        return "The batch is archived; nothing in it changes any more."
    if ItemState(item.state) not in _FOR_REVIEW:
        back = item.state == ItemState.REWORK
        return (
            "It was sent back and waits for its annotator."
            if back
            else "It waits for annotators who have not answered yet."
        )
    if reader in annotators:
        return "You annotated this passage, so somebody else has to review it."
    if item.state in _STAGES:
        seen = session.scalar(
            select(Review.id)
            .where(Review.batch_id == item.batch_id, Review.passage_id == item.passage_id)
            .where(Review.state == ReviewState.SUBMITTED, Review.reviewer == reader)
            .limit(1)
        )
        if seen is not None:
            return "You have reviewed this passage already; a second look is somebody else's."
    return ""
