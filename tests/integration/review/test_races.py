"""Reviewers, and a reviewer and a sync, at the very same moment on both stores."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from sqlalchemy import select

from app.errors import ConflictError
from app.models.audit import Audit
from app.models.review import Gold, Review
from app.services.deciding import accept_unanimous
from labeling import decisions as core
from tests.integration.review.room import Room
from tests.integration.review.test_collisions import ANSWERS, REFUSALS

RACERS = 12


def test_of_many_who_settle_a_passage_at_the_same_moment_one_does(room):
    passage = room.agree(0)
    start = Barrier(RACERS)

    def race(n: int) -> bool:
        start.wait()
        with room.store.transaction() as session:
            who = f"reviewer-{n}@example.org"
            try:
                return accept_unanimous(session, "first", passage, actor=who, now=room.now)
            except ConflictError:
                return False

    with ThreadPoolExecutor(RACERS) as pool:
        won = list(pool.map(race, range(RACERS)))
    assert sum(won) == 1
    (gold,) = room.rows(Gold)
    (review,) = room.rows(Review)
    assert gold.settled_by == review.reviewer == f"reviewer-{won.index(True)}@example.org"
    with room.store.reading() as session:
        settled = session.scalars(select(Audit.actor).where(Audit.action == "passage_settled"))
        assert settled.all() == [gold.settled_by]


def test_a_sync_and_a_reviewer_at_the_same_moment_come_one_after_the_other(room):
    passage = room.disagree()
    for n in range(6):
        room.line.server.edit_annotation(
            _given(room, 0)["id"], result=list(ANSWERS[n % 2]), lead_time=n
        )
        with ThreadPoolExecutor(2) as pool:
            synced = pool.submit(room.line.sync)
            decided = pool.submit(_decide_label, room, passage)
        assert synced.result().state == "succeeded"
        assert decided.result() in (True, False)
        # Whoever came second, the queue's row is there, and stands as the gold does.
        item = room.item(passage)
        (gold,) = [row for row in room.rows(Gold) if row.current] or [None]
        assert item.state == ("ready" if gold is None else "reviewed")
        assert gold is None or gold.stale == (gold.revisions != room.show(passage)["revisions"])


def _given(room: Room, lane: int) -> dict[str, Any]:
    task = room.line.server.tasks_of(room.line.lanes()[lane].ls_project_id)[0]
    return dict(task["annotations"][0])


def _decide_label(room: Room, passage: str) -> bool:
    """Decide whatever is open, as it is seen, and settle it; whether that was still in time."""
    try:
        for group in room.show(passage)["groups"]:
            accept = core.Decision(group["group"], group["layer"], core.Verdict.ACCEPT)
            room.call("decide", passage, accept)
        room.call("submit", passage)
    except REFUSALS:
        return False
    return True
