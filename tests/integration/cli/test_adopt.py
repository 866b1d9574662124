"""`flask batches adopt --export`: a file of others becomes a batch, every item accounted for."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from sqlalchemy import func, select

from app.models import Base
from app.models.adoption import Adoption
from app.models.annotations import Annotation, Choice, Quarantine, Relation, Revision, Span
from app.models.articles import Article
from app.models.audit import Audit
from app.models.batches import Batch, Lane
from app.models.connections import Annotator
from app.models.passages import Passage
from app.models.tasks import Task
from app.services.progress import recount
from tests.foreign import CONFIG, project
from tests.foreign import recount as recount_file

SMALL = """<View><Text name="t" value="$t"/>
  <Labels name="l" toName="t"><Label value="A"/></Labels></View>"""


@pytest.fixture
def files(tmp_path):
    """Writes an export and a config and gives the words of the command that adopt them."""

    def write(tasks, config=CONFIG, name="export.json"):
        export, config_file = tmp_path / name, tmp_path / "config.xml"
        export.write_text(tasks if isinstance(tasks, str) else json.dumps(tasks), encoding="utf-8")
        config_file.write_text(config, encoding="utf-8")
        return ("--export", str(export), "--config", str(config_file))

    return write


def region(start=0, end=3, **more):
    value = {"start": start, "end": end, "labels": ["A"]}
    return {"id": "r", "from_name": "l", "to_name": "t", "type": "labels", "value": value, **more}


def task(*annotations, text="Ada left.", **more):
    return {"id": 1, "data": {"t": text}, "annotations": list(annotations), **more}


def annotation(*result, completed_by=1, ls_id=1, **more):
    return {"id": ls_id, "completed_by": completed_by, "result": list(result), **more}


def count(store, model):
    with store.reading() as session:
        return session.scalar(select(func.count()).select_from(model))


def test_a_large_export_is_adopted_and_every_item_is_accounted_for(flask_command, files, store):
    tasks = project(250, annotators=3)
    expected = recount_file(tasks)
    answer = flask_command("batches", "adopt", "old-work", *files(tasks))
    assert expected["labels"] + expected["hypertextlabels"] > 3_000
    assert answer["batch"] == "old-work"
    assert (answer["tasks"], answer["annotations"]) == (expected["tasks"], expected["annotations"])
    items = ("spans", "relations", "attributes", "choices", "quarantined_items")
    assert sum(answer[name] for name in items) == expected["items"]
    assert set(answer) == {"batch", "tasks", "annotations", *items}
    assert count(store, Quarantine) == answer["quarantined_items"]
    assert count(store, Choice) == answer["choices"]
    assert count(store, Annotation) + _of_textless(tasks) == expected["annotations"]
    with store.reading() as session:
        multiple = _labels_beyond_the_first(session)
        assert session.scalar(select(func.count()).select_from(Span)) == answer["spans"] + multiple
        kinds = Counter(session.scalars(select(Quarantine.kind)))
        lane = session.scalars(select(Lane)).one()
        assert all(getattr(lane, name) == n for name, n in recount(session, lane.id).items())
    assert set(kinds) == {
        "text_mismatch", "bad_offsets", "no_text", "unknown_control", "dangling_relation",
        "dangling_attribute",
    }  # fmt: skip
    shown = flask_command("batches", "show", "old-work")
    assert (shown["state"], shown["quarantined"]) == ("open", answer["quarantined_items"])


def _of_textless(tasks):
    return sum(len(t.get("annotations", ())) for t in tasks if "body" not in t["data"])


def _labels_beyond_the_first(session):
    """Spans beyond the first of their region: a region with two labels is two spans."""
    return session.scalar(select(func.count()).select_from(Span).where(Span.region.like("%~2")))


def test_what_was_said_is_found_again_under_who_said_it(flask_command, files, store):
    by_ada = {"id": 7, "email": "Ada@Example.org", "first_name": "Ada"}
    link = {"type": "relation", "from_id": "r", "to_id": "r", "labels": ["self"]}
    made = task(
        annotation(region(), link, completed_by=by_ada), annotation(ls_id=2, completed_by=8)
    )
    flask_command("batches", "adopt", "old", *files([made], SMALL))
    with store.reading() as session:
        people = set(session.scalars(select(Annotator.email)))
        span = session.scalars(select(Span)).one()
        assert (span.layer, span.label, span.start, span.end) == ("l", "A", 0, 3)
        assert session.scalars(select(Relation.label)).one() == "self"
        article = session.scalars(select(Article)).one()
        assert (article.kind, article.title) == ("adopted", "Ada left.")
        assert (
            session.scalars(select(Revision.raw).order_by(Revision.id)).first()["completed_by"]
            == by_ada
        )
        batch = session.scalars(select(Batch)).one()
        assert (batch.deal, batch.overlap, batch.passages) == ("shared", 2, 1)
        actions = set(session.scalars(select(Audit.action)))
    assert people == {"ada@example.org", "user-8@old.invalid"}
    assert {"adoption_begun", "batch_adopted"} <= actions


def test_texts_are_never_changed_and_equal_ones_are_passages_of_their_own(
    flask_command, files, store
):
    odd = " e\u0301\r\n\u00a0🙂 \n"
    made = [task(text=odd), task(text=odd, id=2), task(text="other", id=3)]
    flask_command("batches", "adopt", "one", *files(made, SMALL))
    flask_command("batches", "adopt", "two", *files(made, SMALL))
    with store.reading() as session:
        rows = session.execute(select(Passage.text, Passage.occurrence).order_by(Passage.id)).all()
        assert [tuple(row) for row in rows] == [(odd, 0), (odd, 1), ("other", 0)]
        assert session.scalar(select(func.count()).select_from(Task)) == 6


def test_pseudonyms_keep_names_and_addresses_out_of_every_table(flask_command, files, store):
    tasks = project(20)
    tasks[0]["annotations"].append("by Robin")
    tasks[0]["annotations"].append(
        {"id": 9, "result": [], "completed_by": {"email": "r@example.org"}}
    )
    answer = flask_command("batches", "adopt", "quiet", *files(tasks), "--pseudonyms")
    assert answer["quarantined_items"] > 0
    with store.reading() as session:
        people = session.execute(select(Annotator.email, Annotator.pseudonym)).all()
        assert {email.rpartition("@")[2] for email, _ in people} == {"quiet.invalid"}
        assert len(people) == 5
        whole = "".join(
            repr(row)
            for table in Base.metadata.sorted_tables
            if table.name not in ("user", "user_role", "audit")
            for row in session.execute(table.select())
        )
    for word in ("Robin", "annotator1@", "r@example.org"):
        assert word not in whole


def test_a_pseudonym_is_the_same_whenever_the_same_file_is_adopted(flask_command, files, store):
    made = [task(annotation(completed_by={"email": "a@example.org"}), annotation(ls_id=2))]
    flask_command("batches", "adopt", "quiet", *files(made, SMALL), "--pseudonyms")
    with store.reading() as session:
        names = session.scalars(select(Annotator.pseudonym).order_by(Annotator.id)).all()
    assert names == ["annotator-4lgm2gr6", "annotator-nlh4f2da"]


@pytest.mark.parametrize(
    ("tasks", "config", "kind"),
    [
        ("not json", SMALL, "bad_export"),
        ([], SMALL, "bad_export"),
        ([{"id": 1, "t": "x", "annotator": 1, "annotation_id": 3}], SMALL, "bad_export"),
        ([task()], "<View/>", "bad_scheme"),
        ([task()], "<View", "bad_scheme"),
    ],
)
def test_a_file_that_cannot_be_adopted_leaves_nothing_behind(
    flask_command, files, store, tasks, config, kind
):
    error = flask_command("batches", "adopt", "x", *files(tasks, config), exit_code=1)["error"]
    assert error["kind"] == kind
    assert error["remedy"]
    assert flask_command("batches", "list") == {"batches": []}


def test_what_is_no_utf_8_is_named(flask_command, files, tmp_path):
    words = files([task()], SMALL)
    (tmp_path / "export.json").write_bytes(b"\xff\xfe[")
    error = flask_command("batches", "adopt", "x", *words, exit_code=1)["error"]
    assert "export.json is not UTF-8" in error["message"]


def test_a_name_is_taken_once(flask_command, files):
    words = files([task()], SMALL)
    flask_command("batches", "adopt", "x", *words)
    assert (
        flask_command("batches", "adopt", "x", *words, exit_code=1)["error"]["kind"] == "conflict"
    )
    assert (
        flask_command("batches", "adopt", "X y", *words, exit_code=1)["error"]["kind"]
        == "invalid_input"
    )


@pytest.mark.parametrize(
    "words", [(), ("--export", "{}"), ("--project", "1", "--export", "{}", "--config", "{}")]
)
def test_it_is_either_a_file_or_a_project(flask_command, files, tmp_path, words):
    files([task()], SMALL)
    given = [word.format(tmp_path / "export.json") for word in words]
    result = flask_command.runner.invoke(args=["batches", "adopt", "x", *given, "--json"])
    assert result.exit_code == 2


def test_an_adoption_that_was_broken_off_is_gone_on_with(flask_command, files, store, monkeypatch):
    tasks = project(30)
    from app.services.adoption_intake import AdoptionIntake

    monkeypatch.setattr("app.cli.adopt._PAGE", 10)
    whole = AdoptionIntake.take

    def break_off(self, session, page):
        if page[0].n == 20:
            raise RuntimeError("power cut")
        whole(self, session, page)

    with monkeypatch.context() as cut:
        cut.setattr(AdoptionIntake, "take", break_off)
        result = flask_command.runner.invoke(
            args=["batches", "adopt", "x", *files(tasks), "--json"]
        )
        assert str(result.exception) == "power cut"
    assert flask_command("batches", "show", "x")["state"] == "draft"
    other = files(tasks[:3], name="other.json")
    assert (
        flask_command("batches", "adopt", "x", *other, exit_code=1)["error"]["kind"] == "conflict"
    )
    answer = flask_command("batches", "adopt", "x", *files(tasks))
    again = flask_command("batches", "adopt", "fresh", *files(tasks))
    assert {**again, "batch": "x"} == answer
    shown = [flask_command("batches", "show", name) for name in ("x", "fresh")]
    for name in ("passages", "tasks", "annotated", "quarantined", "state"):
        assert shown[0][name] == shown[1][name]
    with store.reading() as session:
        assert session.scalar(select(func.count()).where(Adoption.finished_at.is_(None))) == 0


def test_odd_entries_and_twins_are_set_aside_one_by_one(flask_command, files, store):
    twin = annotation(region(), region(id="s"), created_at="2025-01-01T00:00:00Z")
    made = [task(twin, twin, 5, {"result": "text"}), "no task", task(annotation(region()), id=None)]
    answer = flask_command("batches", "adopt", "x", *files(made, SMALL))
    assert (answer["spans"], answer["quarantined_items"]) == (3, 5)
    with store.reading() as session:
        assert Counter(session.scalars(select(Quarantine.kind))) == {
            "twin_annotation": 2, "bad_annotation": 3,
        }  # fmt: skip


def test_an_adopted_batch_is_never_pushed(flask_command, files):
    flask_command("batches", "adopt", "x", *files([task()], SMALL))
    error = flask_command("batches", "push", "x", exit_code=1)["error"]
    assert "was adopted" in error["message"]


def test_a_source_without_times_is_as_old_as_its_adoption(flask_command, files, store):
    made = task(annotation(region()), annotation(ls_id=2, created_at="2025-01-02T03:04:05Z"))
    flask_command("batches", "adopt", "x", *files([made], SMALL))
    with store.reading() as session:
        times = session.scalars(select(Revision.ls_updated_at).order_by(Revision.id)).all()
        created = session.scalars(select(Revision.created_at)).first()
    assert times == [created.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "2025-01-02T03:04:05.000000Z"]
