"""What was set aside is taken as it is, asked again or ignored; nothing of it disappears."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.errors import ConflictError, InvalidInputError, NotFoundError
from app.models.annotations import Quarantine, Relation, Revision, Span
from app.models.audit import Audit
from app.models.jobs import Job
from app.queries.quarantine import Sieve, count_quarantined_by, get_quarantined, list_quarantined
from app.services.adoption import request_adoption
from app.services.quarantine import accept_item, ask_again, ignore_item
from labeling.studio.gateway import ProjectSpec
from tests.integration.jobs.answers import annotate, first_body, synced
from tests.line import ADA

REVIEWER = "reviewer@example.org"


def region(key, label, start=34, end=46, **value):
    value = {"start": start, "end": end, "labels": [label], **value}
    return {"id": key, "from_name": "quote", "to_name": "text", "type": "labels", "value": value}


SPEAKER = region("s1", "SPEAKER")
LIAR = region("q1", "LIAR", 0, 28)
KIND = {"id": "q1", "from_name": "kind", "type": "choices", "value": {"choices": ["direct"]}}
SAID = {"type": "relation", "from_id": "q1", "to_id": "s1", "labels": ["said_by"]}
FAR = region("f", "QUOTE", 0, 9999)


@pytest.fixture
def aside(pushed):
    """Four items: an unknown label, what waits for it, and one beyond the text."""
    pushed.ls_id = annotate(pushed, [LIAR, KIND, SPEAKER, SAID, FAR])
    assert synced(pushed)["quarantined"] == 4
    return pushed


def item(line, kind):
    with line.session() as session:
        return session.scalars(select(Quarantine.id).where(Quarantine.kind == kind)).one()


def states(line):
    with line.session() as session:
        rows = session.execute(select(Quarantine.kind, Quarantine.state))
        return dict(tuple(row) for row in rows)


def accept(line, item_id, note="It is one."):
    with line.store.transaction() as session:
        accept_item(session, line.queue, item_id, note=note, actor=REVIEWER)


def test_an_accepted_item_counts_and_what_waited_for_it_comes_along(aside):
    accept(aside, item(aside, "unknown_label"))
    assert states(aside) == {
        "unknown_label": "accepted",
        "dangling_attribute": "accepted",
        "dangling_relation": "accepted",
        "bad_offsets": "open",
    }
    with aside.session() as session:
        first, second = session.scalars(select(Revision).order_by(Revision.n)).all()
        assert (first.n, second.n) == (1, 2)
        assert (first.content_sha, first.state) == (second.content_sha, second.state)
        assert first.raw == second.raw
        assert (first.set_aside, second.set_aside) == (4, 1)
        spans = session.scalars(select(Span).where(Span.revision_id == second.id)).all()
        assert {(s.label, s.attrs.get("kind")) for s in spans} == {
            ("LIAR", "direct"),
            ("SPEAKER", None),
        }
        relation = session.scalars(select(Relation)).one()
        assert (relation.revision_id, relation.label) == (second.id, "said_by")
        held = session.scalars(select(Quarantine)).all()
        assert {one.revision_id for one in held} == {second.id}
        taken = next(one for one in held if one.kind == "unknown_label")
        assert (taken.decided_by, taken.note) == (REVIEWER, "It is one.")
        assert taken.decided_at is not None
    assert aside.show()["quarantined"] == 1


def test_a_later_sync_leaves_what_was_accepted(aside):
    accept(aside, item(aside, "unknown_label"))
    counts = synced(aside, full=True)
    assert (counts["revisions_new"], counts["quarantined"]) == (0, 1)
    aside.server.edit_annotation(aside.ls_id, result=[LIAR])
    assert synced(aside)["quarantined"] == 1
    with aside.session() as session:
        rows = session.execute(select(Quarantine.kind, Quarantine.state).order_by(Quarantine.id))
        assert [tuple(row) for row in rows] == [
            ("unknown_label", "accepted"), ("dangling_attribute", "accepted"),
            ("dangling_relation", "accepted"), ("bad_offsets", "superseded"),
            ("unknown_label", "open"),
        ]  # fmt: skip


def test_two_are_accepted_one_after_the_other(pushed):
    annotate(pushed, [LIAR, region("o", "OTHER", text="not this")])
    synced(pushed)
    with pushed.session() as session:
        one, two = session.scalars(select(Quarantine.id).order_by(Quarantine.id)).all()
    accept(pushed, two)
    accept(pushed, one)
    with pushed.session() as session:
        newest = session.scalars(select(Revision).order_by(Revision.n.desc())).first()
        labels = set(session.scalars(select(Span.label).where(Span.revision_id == newest.id)))
        assert (newest.n, labels) == (3, {"LIAR", "OTHER"})


def test_what_was_set_aside_before_places_were_noted_is_found_again(aside):
    with aside.store.transaction() as session:
        for one in session.scalars(select(Quarantine)):
            one.item = None
    accept(aside, item(aside, "unknown_label"))
    assert states(aside)["dangling_relation"] == "accepted"


@pytest.mark.parametrize("kind", ["bad_offsets", "dangling_relation"])
def test_what_cannot_be_read_cannot_be_accepted(aside, kind):
    with pytest.raises(ConflictError, match="cannot be taken as it is"):
        accept(aside, item(aside, kind))
    assert states(aside)[kind] == "open"
    assert aside.show()["quarantined"] == 4


def test_a_newer_answer_comes_first(aside):
    old = item(aside, "unknown_label")
    aside.server.edit_annotation(aside.ls_id, result=[])
    synced(aside)
    with pytest.raises(ConflictError, match="is superseded already"):
        accept(aside, old)


def test_a_whole_annotation_cannot_be_accepted_nor_asked_about_without_a_passage(pushed):
    annotate(pushed, [])
    pushed.server.edit_task_data(first_body(pushed)["id"], {"uid": "t-other", "text": "x"})
    synced(pushed)
    whole = item(pushed, "unknown_task")
    with pytest.raises(ConflictError, match="whole annotation"):
        accept(pushed, whole)
    with pushed.store.transaction() as session, pytest.raises(ConflictError, match="nobody can"):
        ask_again(session, pushed.queue, whole, reason="Why?", actor=REVIEWER)


def test_asking_again_sends_the_passage_back(aside):
    asked = item(aside, "bad_offsets")
    with aside.store.transaction() as session:
        _, rework = ask_again(session, aside.queue, asked, reason="Where?", actor=REVIEWER)
    assert (rework.annotator, rework.round) == (ADA, 2)
    assert aside.run(rework.job).error is None
    project = aside.lanes()[0].ls_project_id
    assert aside.server.tasks_of(project)[-1]["data"]["notice"] == "Where?"
    assert states(aside)["bad_offsets"] == "asked"
    assert aside.show()["quarantined"] == 3


def test_what_is_ignored_is_kept_and_settled_once(aside):
    ignored = item(aside, "bad_offsets")
    with aside.store.transaction() as session:
        ignore_item(session, ignored, note=" A slip. ", actor=REVIEWER)
    with aside.store.transaction() as session, pytest.raises(ConflictError, match="is ignored"):
        ignore_item(session, ignored, note="", actor=REVIEWER)
    with aside.session() as session:
        kept = session.get_one(Quarantine, ignored)
        assert (kept.state, kept.note, kept.raw["item"]) == ("ignored", "A slip.", FAR)
        lines = session.scalars(select(Audit).where(Audit.object == f"quarantine:{ignored}")).all()
        assert [(one.actor, one.action) for one in lines] == [(REVIEWER, "set_aside_ignored")]
    assert aside.show()["quarantined"] == 3


@pytest.mark.parametrize("item_id", [0, 77, 2**40])
def test_an_item_that_is_not_there_is_said_so(aside, item_id):
    with aside.store.transaction() as session, pytest.raises(NotFoundError):
        ignore_item(session, item_id, note="", actor=REVIEWER)


@pytest.mark.parametrize("note", ["x" * 2001, "\x00"])
def test_a_note_is_a_text_of_some_length(aside, note):
    with aside.store.transaction() as session, pytest.raises(InvalidInputError):
        ignore_item(session, item(aside, "bad_offsets"), note=note, actor=REVIEWER)


def test_accepting_brings_the_figures_up_to_date_by_a_sync(aside):
    accept(aside, item(aside, "unknown_label"))
    with aside.session() as session:
        newest = session.scalars(select(Job).order_by(Job.id.desc())).first()
        assert (newest.name, newest.actor, newest.state) == ("sync_v1", REVIEWER, "queued")


def test_items_of_an_adopted_project_are_settled_by_its_own_config(line):
    config = (
        '<View><Text name="t" value="$t"/><Labels name="l" toName="t"><Label value="A"/></Labels>'
        "</View>"
    )
    number = line.server.add_project("Old", ProjectSpec("Old", config, "", ""))["id"]
    line.server._add_task(number, {"data": {"t": "Ada left."}})
    value = {"start": 0.0, "end": 3.0, "text": "Bob", "labels": ["A"]}
    made = {"id": "r", "from_name": "l", "to_name": "t", "type": "labels", "value": value}
    line.server.annotate(1, [made])
    with line.store.transaction() as session:
        job = request_adoption(
            session, line.queue, "old", connection="fake", project=number, pseudonyms=False,
            actor=REVIEWER,
        )  # fmt: skip
    assert line.run(job).result["quarantined_items"] == 1
    mismatch = item(line, "text_mismatch")
    with line.store.transaction() as session, pytest.raises(ConflictError, match="was adopted"):
        ask_again(session, line.queue, mismatch, reason="Which?", actor=REVIEWER)
    accept(line, mismatch)
    with line.session() as session:
        span = session.scalars(select(Span)).one()
        assert (span.label, span.start, span.end) == ("A", 0, 3)
    counts = synced(line, slug="old", full=True)
    assert (counts["revisions_new"], counts["quarantined"]) == (0, 0)


def test_the_list_is_sifted_and_one_item_shows_its_place_in_the_text(aside):
    with aside.store.reading() as session:
        page = list_quarantined(session, Sieve(batch="first", kind="unknown_label", annotator=ADA))
        [row] = page.rows
        assert (row.annotator, row.may_accept, row.may_ask) == (ADA, True, True)
        for other in (Sieve(batch="x"), Sieve(state="ignored"), Sieve(annotator="b@example.org")):
            assert list_quarantined(session, other).rows == ()
        facets = count_quarantined_by(session, Sieve(kind="bad_offsets"))
        assert facets.states == [("open", 1)]
        assert dict(facets.kinds)["unknown_label"] == 1
        assert facets.batches == [("first", 1)]
        assert facets.annotators == [(ADA, 1)]
        shown = get_quarantined(session, "first", row.id)
        assert shown.text.marked == "“We 😀 count boats number 0,”"
        assert shown.text.before == ""
        assert shown.text.after.startswith(" said Ada")
        far = next(r for r in list_quarantined(session, Sieve()).rows if r.kind == "bad_offsets")
        assert (far.may_accept, far.may_ask) == (False, True)
        assert get_quarantined(session, "first", far.id).text.marked == ""
