"""Suggestions go out with their passages, and what went out is known afterwards."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from app.jobs.settle import settle_chunk
from app.models.annotations import Annotation
from app.models.jobs import JobState
from app.models.suggestions import Prediction, SuggesterOption
from app.models.tasks import Task, TaskState
from app.queries.projecting import pushed_with
from app.queries.records import iter_records
from app.services.articles import ArticleFields, prepare_article, store_article
from app.services.suggestions import renew_some
from labeling.annotations import parse_result
from labeling.scheme import read_scheme
from labeling.suggest.origin import origins_of
from labeling.tasks import MODEL_VERSION
from labeling.types import Relation
from tests.line import ADA, BEN, CONFIG

TEXT = "Fares rise\n\n“The 😀 fare is 9 guilders now, and that is that,” said Ada Orr on Monday."


@pytest.fixture
def quoted(line):
    """A line with one article that quotes somebody behind an emoji."""
    prepared = prepare_article(
        TEXT.encode(), source="a.txt", fields=ArticleFields(), max_bytes=10_000
    )
    with line.store.transaction() as session:
        store_article(session, prepared)
    return line


def predictions(line, slug="first"):
    """By the text of each task on the server: its predictions."""
    return {
        task["data"]["text"]: task.get("predictions", [])
        for lane in line.lanes(slug)
        for task in line.server.tasks_of(lane.ls_project_id)
    }


def rows(line):
    with line.store.reading() as session:
        return session.scalars(select(Prediction).order_by(Prediction.id)).all()


def test_a_passage_goes_out_with_its_suggestions_at_the_right_characters(quoted):
    quoted.add_batch()
    quoted.push()
    sent = predictions(quoted)
    assert sent["Fares rise"] == []
    text = TEXT.partition("\n\n")[2]
    (prediction,) = sent[text]
    assert prediction["model_version"] == MODEL_VERSION
    read = parse_result(prediction["result"], text, read_scheme(CONFIG))
    assert read.set_aside == ()
    assert {(s.layer, s.label, text[s.start : s.end]) for s in read.spans} >= {
        ("quote", "QUOTE", "“The 😀 fare is 9 guilders now, and that is that,”"),
        ("quote", "SPEAKER", "Ada Orr"),
    }
    by_label = {s.label: s.id for s in read.spans}
    assert read.relations == (Relation(by_label["QUOTE"], by_label["SPEAKER"], "said_by"),)
    assert {s.attrs.get("kind") for s in read.spans if s.label == "QUOTE"} == {"direct"}


def test_a_prediction_is_no_annotation(quoted):
    quoted.add_batch()
    quoted.push()
    quoted.sync()
    assert quoted.count(Annotation) == 0
    assert quoted.show()["annotated"] == 0


def test_tasks_that_get_the_same_suggestions_share_what_is_kept(quoted):
    quoted.add_batch(annotators=(ADA, BEN), overlap=2)
    quoted.push()
    (kept,) = rows(quoted)
    assert "quotes@" in kept.model_version
    with quoted.store.reading() as session:
        tasks = session.scalars(select(Task).where(Task.prediction_id == kept.id)).all()
        pushed = pushed_with(session, [task.id for task in tasks])
    assert len(tasks) == len(pushed) == 2
    assert len(set(map(str, pushed.values()))) == 1


def test_the_control_slice_and_later_rounds_go_out_without_suggestions(quoted):
    quoted.add_batch(annotators=(ADA, BEN), overlap=2)
    with quoted.store.transaction() as session:
        first, second = (lane.id for lane in quoted.lanes())
        session.execute(update(Task).where(Task.lane_id == first).values(suggested=False))
        session.execute(update(Task).where(Task.lane_id == second).values(round=2))
    quoted.push()
    assert set(map(str, predictions(quoted).values())) == {"[]"}
    assert rows(quoted) == []


def test_what_came_back_is_compared_with_what_was_pushed(quoted):
    quoted.add_batch()
    quoted.push()
    (lane,) = quoted.lanes()
    task = next(t for t in quoted.server.tasks_of(lane.ls_project_id) if t.get("predictions"))
    result = [dict(item) for item in task["predictions"][0]["result"]]
    quoted.server.annotate(task["id"], result)
    quoted.sync()
    with quoted.store.reading() as session:
        task_id = session.scalars(select(Task.id).where(Task.prediction_id.is_not(None))).one()
        pushed = pushed_with(session, [task_id])[task_id]
    read = parse_result(result, task["data"]["text"], read_scheme(CONFIG))
    assert set(origins_of(read.spans, pushed).spans.values()) == {"unchanged"}
    (record,) = [r for r in iter_records(quoted.store, "first") if r["annotations"]]
    spans = record["annotations"][0]["spans"]
    assert {one["origin"] for one in spans} == {"suggested"}


@pytest.mark.parametrize("carried_out", [True, False])
def test_what_is_kept_is_what_the_task_on_the_server_went_out_with(
    quoted, monkeypatch, carried_out
):
    def settle_after_a_change(*given):
        with quoted.store.transaction() as session:
            session.add(SuggesterOption(name="quotes", enabled=False, options={}))
            session.flush()
            renew_some(session, 0)
        settle_chunk(*given)

    monkeypatch.setattr("app.jobs.push.settle_chunk", settle_after_a_change)
    quoted.add_batch()
    quoted.server.fail_next("import_tasks", "timeout", commit=carried_out)
    assert quoted.push().state == JobState.SUCCEEDED
    with quoted.store.reading() as session:
        kept = session.scalars(select(Task.prediction_id).where(Task.state == TaskState.PUSHED))
        assert any(kept) is carried_out
    assert any(predictions(quoted).values()) is carried_out
