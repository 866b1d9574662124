"""The figures of the first page are counted at the end of a job, and equal a fresh count."""

from __future__ import annotations

from sqlalchemy import func, select

from app.models.passages import Passage
from app.models.tasks import Task
from app.queries.home import get_funnel
from app.services import tally
from tests.line import ADA, BEN, Line


def funnel(line):
    with line.store.reading() as session:
        found = get_funnel(session)
        return found.passages, found.pushed, found.annotated


def counted(line):
    """The same, counted live."""
    with line.store.reading() as session:
        return (
            session.scalar(select(func.count(Passage.id))),
            session.scalar(
                select(func.count(func.distinct(Task.passage_id))).where(Task.state == "pushed")
            ),
            session.scalar(
                select(func.count(func.distinct(Task.passage_id))).where(Task.annotated)
            ),
        )


def test_the_figures_are_right_after_every_step(settings, store):
    line = Line(settings, store)
    assert funnel(line) == (0, 0, 0)
    line.add_article()
    assert funnel(line) == counted(line) == (5, 0, 0)
    line.add_batch(annotators=(ADA, BEN), overlap=2)
    line.push()
    assert funnel(line) == counted(line) == (5, 5, 0)
    line.add_article("sails")
    assert funnel(line) == counted(line) == (10, 5, 0)
    task = line.server.tasks_of(line.lanes()[0].ls_project_id)[0]
    line.server.annotate(task["id"], [], line.server.users[-1].id)
    line.sync()
    assert funnel(line) == counted(line) == (10, 5, 1)
    line.queue.close()


def test_a_job_that_moved_nothing_counts_nothing(settings, store):
    line = Line(settings, store)
    line.add_article()
    line.add_batch()
    line.push()
    with store.reading() as session:
        assert not tally.is_stale(session)
    with store.transaction() as session:
        assert tally.recount(session)["pushed"] == 5
    line.queue.close()
