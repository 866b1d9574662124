"""A reviewer who settles passages meanwhile, and what must become of their decisions (I15)."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.annotations import Annotation, Revision
from app.models.batches import Lane
from app.models.passages import Passage
from app.models.review import Decision, Gold, GoldSpan, ItemState, ReviewItem
from app.models.tasks import Task
from app.queries.decisions import list_conflicts
from app.services import deciding
from labeling.decisions import Decision as Wanted
from labeling.decisions import Verdict
from tests.rehearsal.world import World

REVIEWER = "rosa@example.org"


@dataclass(slots=True)
class Verdicts:
    """What a reviewer decided in one run; nothing but another review may change it.

    Args:
        batch_id: the batch.
        slug: its name.
        world: its time.
    """

    batch_id: int
    slug: str
    world: World
    luck: random.Random = field(init=False)
    # Rows as they were made: decisions by seq, gold by id; the newest revision by then.
    decisions: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    golds: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    known: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Of its own, so that the rest of the story is the same with and without a reviewer.
        self.luck = random.Random(f"review {self.world.seed}")

    def settle_one(self, session: Session) -> None:
        """Settle a passage that can be: one that waits, or that was answered anew since."""
        uids = session.scalars(
            select(Passage.uid)
            .join(ReviewItem, ReviewItem.passage_id == Passage.id)
            .where(ReviewItem.batch_id == self.batch_id)
            .where(
                (ReviewItem.state == ItemState.READY)
                | ((ReviewItem.state == ItemState.REVIEWED) & ReviewItem.stale)
            )
            .order_by(Passage.id)
        ).all()
        if not uids:
            return
        uid = self.luck.choice(uids)
        passage = session.scalars(select(Passage.id).where(Passage.uid == uid)).one()
        said = {"actor": REVIEWER, "now": self.world.at}
        for conflict in list_conflicts(session, self.batch_id, passage):
            if conflict.differs or self.luck.random() < 0.3:
                verdict = self.luck.choice((Verdict.ACCEPT, Verdict.REJECT))
                reason = "wrong bounds" if verdict is Verdict.REJECT else ""
                version = None
                if verdict is Verdict.ACCEPT:
                    version = self.luck.choice(conflict.versions)["annotator"]
                wanted = Wanted(conflict.key, conflict.layer, verdict, version, reason=reason)
                deciding.decide(session, self.slug, uid, wanted, **said)
        gold = deciding.submit(session, self.slug, uid, **said)
        self.known[gold.id] = session.scalar(self._newest(passage)) or 0
        self.decisions |= self._decided(session)
        self.golds |= self._settled(session)

    def broken(self, session: Session) -> str | None:
        """A decision that was altered or lost, or one that is not as fresh as it says."""
        for what, was, now in (
            ("decision", self.decisions, self._decided(session)),
            ("gold", self.golds, self._settled(session)),
        ):
            for row_id, row in was.items():
                if now.get(row_id) != row:
                    return f"{what} {row_id} was {row} and is {now.get(row_id)}"
            if made := sorted(now.keys() - was.keys()):
                return f"{what} {made} was made by no reviewer"
        return self._wrongly_dated(session)

    def _decided(self, session: Session) -> dict[int, tuple[Any, ...]]:
        columns = Decision.__table__.columns
        rows = session.execute(select(*columns).where(Decision.batch_id == self.batch_id))
        return {row.seq: tuple(map(str, row)) for row in rows}

    def _settled(self, session: Session) -> dict[int, tuple[Any, ...]]:
        """The gold of the batch; but for what is added later: its freshness, its comparison."""
        later = ("stale", "current", "compared")
        columns = [one for one in Gold.__table__.columns if one.name not in later]
        rows = session.execute(select(*columns).where(Gold.batch_id == self.batch_id))
        found = {row.id: tuple(map(str, row)) for row in rows}
        spans = session.execute(
            select(*GoldSpan.__table__.columns)
            .where(GoldSpan.gold_id.in_(found))
            .order_by(GoldSpan.gold_id, GoldSpan.region)
        )
        for span in spans:
            found[span.gold_id] += tuple(map(str, span))
        return found

    def _wrongly_dated(self, session: Session) -> str | None:
        """Stale is what rests on a revision that is no longer the newest, and nothing else."""
        rows = session.execute(
            select(Gold.id, Gold.passage_id, Gold.revisions, Gold.stale).where(
                Gold.batch_id == self.batch_id, Gold.current
            )
        ).all()
        for gold_id, passage, revisions, stale in rows:
            newest = session.execute(
                select(Revision.id, Revision.n, Annotation.current)
                .join(Annotation, Annotation.id == Revision.annotation_id)
                .where(Revision.id.in_(revisions))
            )
            old = [row.id for row in newest if row.n != row.current]
            if old and not stale:
                return f"gold {gold_id} rests on {old}, which is not the newest, and says it is"
            if stale and session.scalar(self._newest(passage)) == self.known[gold_id]:
                return f"gold {gold_id} is stale, and nobody has answered since"
        return None

    def _newest(self, passage: int) -> Any:
        return (
            select(func.max(Revision.id))
            .join(Annotation, Annotation.id == Revision.annotation_id)
            .join(Task, Task.id == Annotation.task_id)
            .join(Lane, Lane.id == Task.lane_id)
            .where(Lane.batch_id == self.batch_id, Task.passage_id == passage)
        )
