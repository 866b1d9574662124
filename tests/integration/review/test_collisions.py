"""Two reviewers, two annotators and a sync meet on one passage, in every order.

The invariants of the safety requirements: sync never alters or loses a decision and gold is
stale exactly when newer answers are in (I15), one gold counts for each passage and one review
for each turn (I16), and every change has exactly one line in the audit log (I23). Whoever acts
on what is no longer so is told, and changes nothing.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from app.errors import ConflictError, InvalidInputError, NotFoundError, NotPermittedError
from app.models.agreement import Comparison
from app.models.audit import Audit
from app.models.review import Decision, Gold, GoldSpan, Review, ReviewItem
from app.services.review_policy import set_policy
from app.services.reviews import leave_review, open_review
from app.services.rework import request_rework
from labeling import decisions as core
from labeling.decisions import DecisionError
from tests.integration.review.room import RUTH, SAM, TESS, Room, region
from tests.line import ADA, BEN

REVIEWERS = (RUTH, SAM, TESS)
ANNOTATORS = (ADA, BEN)
ANSWERS = (
    (region("a", "PERSON", 0, 7), region("b", "ORG", 8, 14)),
    (region("a", "PERSON", 0, 7), region("b", "PERSON", 8, 14)),
    (region("a", "PERSON", 0, 7),),
    (),
)
REFUSALS = (ConflictError, InvalidInputError, NotFoundError, NotPermittedError, DecisionError)


class Collisions(RuleBasedStateMachine):
    """What everybody did, and what has to be true whatever it was."""

    room: Room
    batches = 0

    @initialize(second=st.sampled_from((0, 100)))
    def begin(self, second: int) -> None:
        """One passage of a batch of its own, answered by both and in the queue."""
        Collisions.batches += 1
        self.slug = f"b{Collisions.batches}"
        line = self.room.line
        article = line.add_article(self.slug, paragraphs=1)
        line.add_batch(self.slug, annotators=ANNOTATORS, overlap=2, articles=(article,))
        line.push(self.slug)
        self.users = {user.email: user.id for user in line.server.users}
        self.seen: dict[str, tuple[list[int], int]] = {}
        self.kept: dict[int, tuple[Any, ...]] = {}
        self.golds: dict[int, tuple[Any, ...]] = {}
        with self.room.store.transaction() as session:
            set_policy(session, self.slug, core.ReviewPolicy(second=second), actor=RUTH)
        for annotator in ANNOTATORS:
            self._answer(annotator, ANSWERS[ANNOTATORS.index(annotator)])
        line.sync(self.slug)
        (self.passage,) = self.room.uids(self.slug)
        item = self.room.item(self.passage, self.slug)
        assert item.answers == 2
        self.place = item.batch_id, item.passage_id
        for reviewer in REVIEWERS:
            self.look(reviewer, again=False)

    # --- what people do -----------------------------------------------------------------

    @rule(annotator=st.sampled_from(ANNOTATORS), answer=st.sampled_from(ANSWERS))
    def answer(self, annotator: str, answer: tuple[Any, ...]) -> None:
        """An annotator answers anew, or at last."""
        self._answer(annotator, answer)

    @rule(annotator=st.sampled_from(ANNOTATORS))
    def withdraw(self, annotator: str) -> None:
        """An annotator deletes their answer."""
        task = self._newest(annotator)
        for given in task["annotations"]:
            self.room.line.server.delete_annotation(given["id"])

    @rule(full=st.booleans())
    def sync(self, full: bool) -> None:
        """What they said comes in."""
        assert self.room.line.sync(self.slug, full=full).state == "succeeded"

    @rule(reviewer=st.sampled_from(REVIEWERS), again=st.booleans())
    def look(self, reviewer: str, again: bool) -> None:
        """A reviewer opens the passage, or only looks at it."""
        if again:
            self._try(self._open, reviewer)
        self.seen[reviewer] = self._revisions(), self._base()

    @rule(
        reviewer=st.sampled_from(REVIEWERS),
        which=st.integers(0, 3),
        verdict=st.sampled_from((core.Verdict.ACCEPT, core.Verdict.REJECT)),
    )
    def decide(self, reviewer: str, which: int, verdict: core.Verdict) -> None:
        """A verdict, on what the reviewer has seen."""
        groups = self._groups()
        if not groups:
            return
        group = groups[which % len(groups)]
        wanted = core.Decision(group["group"], group["layer"], verdict, reason="other")
        self._act(reviewer, "decide", wanted)

    @rule(reviewer=st.sampled_from(REVIEWERS))
    def undo(self, reviewer: str) -> None:
        """The last verdict is taken back."""
        before = self._standing()
        if not self._try(self.room.call, "undo", self.passage, actor=reviewer, batch=self.slug):
            self._nothing_lost(before)

    @rule(reviewer=st.sampled_from(REVIEWERS))
    def submit(self, reviewer: str) -> None:
        """The passage is settled, on what the reviewer has seen."""
        item = self._item()
        settled = self._act(reviewer, "submit")
        assert not settled or item is not None
        assert not settled or item.state not in ("waiting", "rework"), "settled too early"

    @rule(reviewer=st.sampled_from(REVIEWERS))
    def settle(self, reviewer: str) -> None:
        """A reviewer decides whatever is open, then submits: as many acts, each on its own."""
        for group in self._groups():
            if group["kind"] != "agreed" and group["decision"] is None:
                accept = core.Decision(group["group"], group["layer"], core.Verdict.ACCEPT)
                self._act(reviewer, "decide", accept)
        self.submit(reviewer)

    @rule(reviewer=st.sampled_from(REVIEWERS), annotator=st.sampled_from(ANNOTATORS))
    def rework(self, reviewer: str, annotator: str) -> None:
        """The passage goes back to an annotator."""
        self._try(self._send_back, reviewer, annotator)

    @rule(reviewer=st.sampled_from(REVIEWERS))
    def leave(self, reviewer: str) -> None:
        """A reviewer lets the passage go."""
        self._try(self._leave, reviewer)

    @rule(minutes=st.sampled_from((1, 11)))
    def wait(self, minutes: int) -> None:
        """Leases run out."""
        self.room.later(minutes)

    # --- what has to be true ------------------------------------------------------------

    @invariant()
    def no_decision_is_changed_or_lost(self) -> None:
        """I15, I13: decisions and gold stay as they were written."""
        for kept, found in ((self.kept, self._decisions()), (self.golds, self._gold_rows())):
            for key, row in kept.items():
                assert found[key] == row
            kept.update(found)

    @invariant()
    def gold_is_stale_exactly_when_newer_answers_are_in(self) -> None:
        """I15: as far as answers were compared."""
        with self.room.store.reading() as session:
            rows = session.execute(
                select(Gold.stale, Gold.revisions, Comparison.answers)
                .outerjoin(
                    Comparison,
                    (Comparison.batch_id == Gold.batch_id)
                    & (Comparison.passage_id == Gold.passage_id),
                )
                .where(Gold.current, *self._here(Gold))
            )
            for stale, revisions, answers in rows:
                now = sorted(one["revision"] for one in answers or [])
                assert stale == (now != sorted(revisions))

    @invariant()
    def one_gold_counts_and_one_review_a_turn(self) -> None:
        """I16: whatever was tried."""
        with self.room.store.reading() as session:
            current = session.scalars(select(Gold.id).where(Gold.current, *self._here(Gold))).all()
            reviews = session.execute(
                select(Review.stage, Review.turn, Review.state).where(
                    *self._here(Review), Review.state != "left"
                )
            ).all()
        assert len(current) <= 1
        assert len({(stage, turn) for stage, turn, _ in reviews}) == len(reviews)
        assert sum(state == "open" for _, _, state in reviews) <= 1

    @invariant()
    def every_change_has_one_line_in_the_audit_log(self) -> None:
        """I23: and no line is without its change."""
        with self.room.store.reading() as session:
            counted = Counter(
                session.scalars(select(Audit.action).where(Audit.object == f"batch:{self.slug}"))
            )
            verdicts = Counter(
                session.scalars(select(Decision.verdict).where(*self._here(Decision)))
            )
            states = Counter(session.scalars(select(Review.state).where(*self._here(Review))))
            golds = session.scalar(select(func.count()).select_from(Gold).where(*self._here(Gold)))
        assert counted["decision_undone"] == verdicts["undo"]
        assert counted["decision_taken"] == verdicts.total() - verdicts["undo"]
        assert counted["passage_settled"] == states["submitted"] == golds
        # Each opening ends in one way, or has not ended.
        ended = counted["review_left"] + counted["passage_settled"]
        assert counted["review_opened"] == ended + states["open"]

    @invariant()
    def what_came_back_is_in_the_queue_and_marked(self) -> None:
        """A passage whose rework was answered is ready, and says so."""
        item = self._item()
        if item is not None and item.state == "ready" and item.round > 1:
            with self.room.store.reading() as session:
                last = session.scalar(select(func.max(Gold.id)).where(*self._here(Gold)))
            assert item.came_back or last is not None

    # --- how ----------------------------------------------------------------------------

    def _act(self, reviewer: str, name: str, *args: Any) -> bool:
        """Do something on what a reviewer has seen; they are told if it is no longer so."""
        if reviewer not in self.seen:
            return False
        seen, base = self.seen[reviewer]
        before, current = self._standing(), self._revisions()
        inside = self._inside()
        done = self._try(
            self.room.call, name, self.passage, *args,
            actor=reviewer, batch=self.slug, seen=seen,
        )  # fmt: skip
        if done:
            assert seen == current, "acted on answers that are no longer the newest"
            assert inside in (None, reviewer), "acted in a passage that a colleague holds"
            # A second and a third look keep what was before, and stale gold is asked for again.
            was = self._before
            anew = was is not None and (was.stale or was.state in ("second", "adjudication"))
            assert base == before[1] or anew or inside == reviewer, "settled over a colleague"
        else:
            self._nothing_lost(before)
        if done and name == "submit":
            self.seen[reviewer] = current, self._base()
        return done

    def _try(self, act: Any, *args: Any, **more: Any) -> bool:
        """Whether it was done; a refusal says why in words."""
        self._before = self._item()
        try:
            act(*args, **more)
        except REFUSALS:
            return False
        return True

    def _nothing_lost(self, before: tuple[Any, ...]) -> None:
        assert self._standing()[:2] == before[:2]

    def _open(self, reviewer: str) -> None:
        with self.room.store.transaction() as session:
            open_review(session, self.slug, self.passage, actor=reviewer, now=self.room.now)

    def _leave(self, reviewer: str) -> None:
        with self.room.store.transaction() as session:
            leave_review(session, self.slug, self.passage, actor=reviewer)

    def _send_back(self, reviewer: str, annotator: str) -> None:
        with self.room.store.transaction() as session:
            request_rework(
                session, self.room.line.queue, self.slug, self.passage,
                annotator=annotator, reason="Look again.", actor=reviewer,
            )  # fmt: skip
        self.room.line.push(self.slug)

    def _answer(self, annotator: str, answer: tuple[Any, ...]) -> None:
        server, newest = self.room.line.server, self._newest(annotator)
        given = newest["annotations"]
        if given:
            server.edit_annotation(given[0]["id"], result=list(answer))
        else:
            server.annotate(newest["id"], list(answer), completed_by=self.users[annotator])

    def _newest(self, annotator: str) -> dict[str, Any]:
        """The task in which an annotator is to say something, or to say something else."""
        lane = self.room.line.lanes(self.slug)[ANNOTATORS.index(annotator)]
        return max(self.room.line.server.tasks_of(lane.ls_project_id), key=_order)

    def _here(self, table: Any) -> tuple[Any, ...]:
        return table.batch_id == self.place[0], table.passage_id == self.place[1]

    def _item(self) -> ReviewItem | None:
        """The passage's row in the queue; none while nobody's answer to it stands."""
        with self.room.store.reading() as session:
            return session.get(ReviewItem, self.place)

    def _standing(self) -> tuple[int, int]:
        """How many decisions there are, and the newest gold."""
        with self.room.store.reading() as session:
            count = select(func.count()).select_from(Decision)
            decisions = session.scalar(count.where(*self._here(Decision)))
        return decisions or 0, self._base()

    def _base(self) -> int:
        with self.room.store.reading() as session:
            newest = select(func.max(Gold.id)).where(*self._here(Gold))
            return session.scalar(newest) or 0

    def _revisions(self) -> list[int]:
        return [] if self._item() is None else list(self._show()["revisions"])

    def _groups(self) -> list[dict[str, Any]]:
        return [] if self._item() is None else list(self._show()["groups"])

    def _show(self) -> dict[str, Any]:
        return self.room.show(self.passage, self.slug)

    def _inside(self) -> str | None:
        with self.room.store.reading() as session:
            return session.scalar(
                select(Review.reviewer).where(
                    *self._here(Review),
                    Review.state == "open",
                    Review.leased_until > self.room.now,
                )
            )

    def _decisions(self) -> dict[int, tuple[Any, ...]]:
        columns = [one for one in Decision.__table__.columns if one.name != "seq"]
        with self.room.store.reading() as session:
            rows = session.execute(
                select(Decision.seq, *columns).where(*self._here(Decision))
            ).all()
        return {row[0]: tuple(map(repr, row[1:])) for row in rows}

    def _gold_rows(self) -> dict[int, tuple[Any, ...]]:
        kept = (Gold.review_id, Gold.state, Gold.revisions, Gold.relations, Gold.choices)
        with self.room.store.reading() as session:
            rows = session.execute(
                select(Gold.id, *kept, Gold.settled_by).where(*self._here(Gold))
            ).all()
            spans = session.execute(
                select(GoldSpan.gold_id, GoldSpan.region, GoldSpan.label, GoldSpan.start)
                .where(GoldSpan.gold_id.in_([row[0] for row in rows]))
                .order_by(GoldSpan.gold_id, GoldSpan.region)
            ).all()
        told = {row[0]: tuple(map(repr, row[1:])) for row in rows}
        return {
            key: (*row, *(repr(span) for span in spans if span[0] == key))
            for key, row in told.items()
        }


def _order(task: dict[str, Any]) -> tuple[str, str]:
    """The latest round of the passage whose text comes first; the headline has no round two."""
    return task["data"]["round"], task["data"]["text"]


def test_whoever_meets_on_a_passage_nothing_is_overwritten_and_all_are_told(room):
    class Machine(Collisions):
        pass

    Machine.room = room
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            # A step is a transaction or a sync: to shrink a failure would take minutes.
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )
