"""What became of the suggestions that annotators began with."""

from __future__ import annotations

import pytest

from app.jobs.agreement import refresh
from app.models.agreement import Comparison
from app.queries.agreement import get_report
from app.services.articles import ArticleFields, prepare_article, store_article
from tests.line import ADA, Line

TEXT = "Fares rise\n\n“The fare is 9 guilders now, and that is that,” said Ada Orr on Monday."


@pytest.fixture
def line(settings, store):
    """A line with one article that quotes somebody."""
    line = Line(settings, store)
    prepared = prepare_article(
        TEXT.encode(), source="a.txt", fields=ArticleFields(), max_bytes=10_000
    )
    with store.transaction() as session:
        store_article(session, prepared)
    yield line
    line.queue.close()


def test_suggestions_left_as_they_were_are_counted_by_annotator(line, store):
    line.add_batch()
    line.push()
    (lane,) = line.lanes()
    (task,) = [t for t in line.server.tasks_of(lane.ls_project_id) if t.get("predictions")]
    suggested = task["predictions"][0]["result"]
    regions = [item for item in suggested if item["type"] == "labels"]
    ada = next(user.id for user in line.server.users if user.email == ADA)
    line.server.annotate(
        task["id"], [i for i in suggested if i.get("id") != regions[0]["id"]], completed_by=ada
    )
    line.sync()
    assert refresh(store, lane.batch_id) == 0
    with store.reading() as session:
        (work,) = get_report(session, lane.batch_id).report["work"]
        (answer,) = session.query(Comparison.answers).one()[0]
    assert (work["submitted"], work["skipped"]) == (1, 0)
    assert work["suggested"] == answer["suggested"]
    assert work["suggested"]["removed"] == 1
    assert sum(work["suggested"].values()) == len(regions)
