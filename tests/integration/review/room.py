"""A batch that two annotators answered, and reviewers who are not among them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.models.batches import Batch
from app.models.passages import Passage
from app.models.review import Decision, Gold, GoldSpan, Review, ReviewItem
from app.queries.reviewing import show_review
from app.services import deciding
from app.services.accounts import create_user
from labeling import decisions as core
from tests.line import ADA, BEN, CHLOE, Line

RUTH, SAM, TESS = "ruth@example.org", "sam@example.org", "tess@example.org"
NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


def region(key: str, label: str, start: int, end: int, layer: str = "entity") -> dict[str, Any]:
    value = {"start": start, "end": end, "labels": [label]}
    return {"id": key, "from_name": layer, "to_name": "text", "type": "labels", "value": value}


class Room:
    """The review room of one instance."""

    def __init__(self, settings: Any, store: Any) -> None:
        self.line = Line(settings, store)
        self.store = store
        self.line.add_article()
        self.line.add_batch(annotators=(ADA, BEN), overlap=2)
        self.line.push()
        self.now = NOW
        with store.transaction() as session:
            for email in (RUTH, SAM, TESS, ADA):
                create_user(session, email=email, role="reviewer", actor="system")

    def say(self, lane: int, task: int, *regions: dict[str, Any], **more: Any) -> int:
        """An annotator's answer to the n-th task of a lane."""
        lane_row = self.line.lanes()[lane]
        found = self.line.server.tasks_of(lane_row.ls_project_id)[task]
        users = {user.email: user.id for user in self.line.server.users}
        who = users[(ADA, BEN)[lane_row.n - 1]]
        return self.line.server.annotate(found["id"], list(regions), completed_by=who, **more)

    def disagree(self, task: int = 0) -> str:
        """Both answer: one span alike, one label not, one span by one only. Gives the passage."""
        alike, one = region("a", "PERSON", 0, 7), region("c", "ORG", 20, 24)
        self.say(0, task, alike, region("b", "ORG", 8, 14), one)
        self.say(1, task, alike, region("b", "PERSON", 8, 14))
        return self.sync(task)

    def two_of_three(self) -> str:
        """A passage of the batch "three" on which two say ORG and one says PERSON."""
        self.line.add_article("kites")
        self.line.add_batch("three", annotators=(ADA, BEN, CHLOE), overlap=3)
        self.line.push("three")
        users = {user.email: user.id for user in self.line.server.users}
        for lane, who, label in zip(
            self.line.lanes("three"), (ADA, BEN, CHLOE), ("ORG", "ORG", "PERSON"), strict=True
        ):
            task = self.line.server.tasks_of(lane.ls_project_id)[0]
            said = [region("a", label, 0, 7)]
            self.line.server.annotate(task["id"], said, completed_by=users[who])
        self.line.sync("three")
        return next(uid for uid in self.uids("three") if self.item(uid, "three").answers == 3)

    def agree(self, task: int) -> str:
        """Both answer alike. Gives the passage."""
        for lane in (0, 1):
            self.say(lane, task, region("a", "PERSON", 0, 7))
        return self.sync(task)

    def sync(self, task: int = 0) -> str:
        """Bring everything in, and give the passage of the n-th task."""
        assert self.line.sync().state == "succeeded"
        found = self.line.server.tasks_of(self.line.lanes()[0].ls_project_id)[task]
        with self.store.reading() as session:
            from app.models.tasks import Task

            return session.scalars(
                select(Passage.uid)
                .join(Task, Task.passage_id == Passage.id)
                .where(Task.uid == found["data"]["uid"])
            ).one()

    def later(self, minutes: float) -> None:
        """Let time go by."""
        self.now += timedelta(minutes=minutes)

    def call(
        self,
        name: str,
        passage: str,
        *args: Any,
        actor: str = RUTH,
        batch: str = "first",
        **more: Any,
    ) -> Any:
        """One service of the review room, in a transaction of its own."""
        service = getattr(deciding, name)
        with self.store.transaction() as session:
            return service(session, batch, passage, *args, actor=actor, now=self.now, **more)

    def show(self, passage: str, batch: str = "first") -> dict[str, Any]:
        """What `review show` tells."""
        with self.store.reading() as session:
            return show_review(session, batch, passage)

    def groups(self, passage: str) -> dict[str, dict[str, Any]]:
        """The groups of a passage by their kind."""
        return {group["kind"]: group for group in self.show(passage)["groups"]}

    def decide(self, passage: str, kind: str, *, actor: str = RUTH, **said: Any) -> Decision:
        """Decide the group of this kind; accepting its first version unless told otherwise."""
        group = self.groups(passage)[kind]
        wanted = {"verdict": core.Verdict.ACCEPT, **said}
        decision = core.Decision(group["group"], group["layer"], **wanted)
        return self.call("decide", passage, decision, actor=actor)

    def settle(self, passage: str, *, actor: str = RUTH) -> Gold:
        """Reject what one annotator alone marked, accept the rest, submit."""
        reject = {"verdict": core.Verdict.REJECT, "reason": "other"}
        self.decide(passage, "missing", actor=actor, **reject)
        self.decide(passage, "label", actor=actor)
        return self.call("submit", passage, actor=actor)

    def rows(self, table: Any) -> list[Any]:
        """All rows of a table."""
        with self.store.reading() as session:
            return list(session.scalars(select(table).order_by(*table.__table__.primary_key)))

    def item(self, passage: str, batch: str = "first") -> ReviewItem:
        """A passage's row in the queue."""
        with self.store.reading() as session:
            return session.scalars(
                select(ReviewItem)
                .join(Passage)
                .join(Batch)
                .where(Passage.uid == passage, Batch.slug == batch)
            ).one()

    def uids(self, batch: str = "first") -> list[str]:
        """The passages in a batch's queue."""
        with self.store.reading() as session:
            return list(
                session.scalars(
                    select(Passage.uid)
                    .join(ReviewItem, ReviewItem.passage_id == Passage.id)
                    .join(Batch, Batch.id == ReviewItem.batch_id)
                    .where(Batch.slug == batch)
                    .order_by(Passage.id)
                )
            )

    def gold(self, passage: str) -> list[tuple[str, int, int, str]]:
        """A passage's gold spans: label, start, end, how settled."""
        with self.store.reading() as session:
            rows = session.scalars(
                select(GoldSpan)
                .join(Gold, Gold.id == GoldSpan.gold_id)
                .join(Passage, Passage.id == Gold.passage_id)
                .where(Passage.uid == passage, Gold.current)
                .order_by(GoldSpan.start)
            )
            return [(row.label, row.start, row.end, row.settled) for row in rows]

    def set_policy(self, **policy: Any) -> None:
        """Change how all batches are reviewed."""
        with self.store.transaction() as session:
            for batch in session.scalars(select(Batch)):
                batch.policy = policy


__all__ = ["NOW", "RUTH", "SAM", "TESS", "Gold", "Review", "Room", "region"]
