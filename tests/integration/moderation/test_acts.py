"""Taking, deciding, escalating, appealing, undoing; and who may not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from app.errors import ConflictError, NotFoundError, NotPermittedError
from app.models.accounts import User
from app.models.audit import Audit
from app.models.moderation import ModerationEvent
from app.queries.desk import DeskChoice
from app.services import moderating
from app.services.accounts import create_user
from labeling.moderation.history import SecondPersonError, VerdictError
from labeling.moderation.policy import Verdict
from tests.integration.moderation.floor import MO, NILS, OLA, OWN, PLAIN, SAID, VIC


@pytest.fixture
def uid(floor):
    return floor.article(OWN, SAID)


def test_a_verdict_decides_an_article_and_takes_it_off_the_queue(floor, uid):
    assert floor.take() == uid
    assert floor.row(uid).held_by == MO
    event = floor.decide(uid, "needs edit", seen=floor.show(uid)["seen"])
    told = floor.show(uid)
    assert (told["state"], told["verdict"], told["by"]) == ("decided", "needs_edit", MO)
    assert (event.basis, event.proposed) == (told["seen"], "needs_edit")
    assert floor.row(uid).held_by == ""
    assert floor.rows() == []
    assert [row.uid for row in floor.rows(DeskChoice(state="decided"))] == [uid]
    assert floor.take() is None


def test_an_escalated_article_goes_to_a_second_person_only(floor, uid):
    floor.decide(uid, "escalate")
    assert floor.take(MO) is None
    with pytest.raises(SecondPersonError):
        floor.decide(uid, "fine")
    assert floor.take(NILS) == uid
    floor.decide(uid, "fine", NILS)
    assert floor.row(uid).by == NILS


def test_an_appeal_is_overturned_by_a_second_person_and_the_history_tells(floor, uid):
    floor.decide(uid, "escalate")
    floor.appeal(uid)
    assert floor.row(uid).state == "appealed"
    assert floor.take(MO) is None
    floor.answer(uid, Verdict.FINE)
    told = floor.show(uid)
    assert (told["state"], told["verdict"], told["appeal"]) == ("decided", "fine", "overturned")
    assert [(one["act"], one["by"]) for one in told["history"]] == [
        ("verdict", MO),
        ("appeal", OLA),
        ("overturned", NILS),
    ]


def test_undo_is_an_event_of_its_own(floor, uid):
    floor.decide(uid, "fine")
    with pytest.raises(SecondPersonError):
        floor.undo(uid, NILS)
    floor.undo(uid)
    told = floor.show(uid)
    assert (told["state"], told["verdict"]) == ("waiting", None)
    assert [(one["act"], one["undone"]) for one in told["history"]] == [
        ("verdict", True),
        ("undo", False),
    ]
    assert floor.row(uid).state == "waiting"
    with pytest.raises(VerdictError):
        floor.undo(uid)


def test_an_article_that_is_quiet_again_after_an_undo_is_still_in_the_queue(floor):
    uid = floor.article(PLAIN)
    floor.decide(uid, "fine")
    floor.undo(uid)
    assert floor.row(uid).state == floor.show(uid)["state"] == "waiting"


def test_nobody_gets_what_somebody_else_has_open(floor, uid):
    assert floor.take(MO) == uid
    assert floor.take(MO) == uid
    assert floor.take(NILS) is None
    for attempt in (
        lambda: floor.take_this(uid, NILS),
        lambda: floor.decide(uid, "fine", NILS),
    ):
        with pytest.raises(ConflictError, match=r"mo@example\.org has this article open"):
            attempt()
    floor.later(minutes=21)
    assert floor.take(NILS) == uid
    with pytest.raises(ConflictError):
        floor.decide(uid, "fine", MO)


def test_leaving_gives_it_to_the_next(floor, uid):
    floor.take(MO)
    assert not floor.leave(uid, NILS)
    assert floor.leave(uid, MO)
    assert floor.take(NILS) == uid


def test_a_moderator_has_one_article_open_at_a_time(floor, uid):
    other = floor.article(SAID, name="b")
    assert floor.take() == uid
    assert floor.take_this(other) == other
    assert floor.row(uid).held_by == ""
    assert floor.take(NILS) == uid


def test_the_next_article_fits_the_choice(floor, uid):
    other = floor.article(SAID, name="b", outlet="Tern")
    assert floor.take(choice=DeskChoice(outlet="Tern")) == other
    assert floor.take(NILS, order="age") == uid


@pytest.mark.parametrize("actor", ["system", VIC, "nobody@example.org"])
def test_who_only_looks_does_not_moderate(floor, uid, actor):
    for attempt in (
        lambda: floor.decide(uid, "fine", actor),
        lambda: floor.take(actor),
        lambda: floor.take_this(uid, actor),
    ):
        with pytest.raises(NotPermittedError):
            attempt()


def test_a_disabled_account_does_not_moderate(floor, uid):
    with floor.store.transaction() as session:
        session.scalars(select(User).where(User.email == MO)).one().active = False
    with pytest.raises(NotPermittedError):
        floor.decide(uid, "fine")


def test_an_article_that_is_not_there_is_not_found(floor):
    for attempt in (
        lambda: floor.decide("a-nothing", "fine"),
        lambda: floor.take_this("a-nothing"),
        lambda: floor.leave("a-nothing"),
        lambda: floor.undo("a-nothing"),
        lambda: floor.show("a-nothing"),
    ):
        with pytest.raises(NotFoundError):
            attempt()


def test_every_act_leaves_a_line_in_the_audit(floor, uid):
    floor.take()
    floor.decide(uid, "fine")
    floor.undo(uid)
    floor.take_this(uid)
    floor.leave(uid)
    with floor.store.reading() as session:
        lines = session.execute(
            select(Audit.action, Audit.actor)
            .where(Audit.object == f"article:{uid}", Audit.action.like("moderation%"))
            .order_by(Audit.seq)
        ).all()
    assert [tuple(line) for line in lines] == [
        ("moderation_taken", MO),
        ("moderation_act", MO),
        ("moderation_act", MO),
        ("moderation_taken", MO),
        ("moderation_left", MO),
    ]


def test_gold_that_changes_under_an_open_article_stops_the_verdict(floor, uid):
    floor.take()
    seen = floor.show(uid)["seen"]
    floor.decide_spans(uid, voice="quoted")
    with pytest.raises(ConflictError, match="changed while you had it open"):
        floor.decide(uid, "needs_edit", seen=seen)
    told = floor.show(uid)
    assert told["history"] == []
    assert told["state"] == "waiting"
    assert floor.row(uid).held_by == MO
    floor.decide(uid, "fine", seen=told["seen"])
    assert floor.show(uid)["verdict"] == "fine"


def test_gold_that_changes_after_a_verdict_marks_it_and_leaves_it(floor, uid):
    floor.decide(uid, "needs_edit")
    assert not floor.show(uid)["changed"]
    floor.decide_spans(uid, voice="quoted")
    told = floor.show(uid)
    assert (told["state"], told["verdict"], told["changed"]) == ("decided", "needs_edit", True)
    assert floor.row(uid).changed
    floor.appeal(uid)
    floor.answer(uid, None)
    told = floor.show(uid)
    assert (told["verdict"], told["appeal"], told["changed"]) == ("needs_edit", "upheld", False)
    assert not floor.row(uid).changed


PEOPLE = 100


def test_a_hundred_claims_at_once_give_each_article_to_one_person(floor):
    uids = [floor.article(OWN, name=f"n{n}") for n in range(40)]
    people = [f"m{n}@example.org" for n in range(PEOPLE)]
    with floor.store.transaction() as session:
        for email in people:
            create_user(session, email=email, role="reviewer", actor="system")
    with ThreadPoolExecutor(10) as pool:
        taken = list(pool.map(floor.take, people))
    given = [uid for uid in taken if uid is not None]
    assert sorted(given) == sorted(uids)
    for email, uid in zip(people, taken, strict=True):
        if uid is not None:
            assert floor.row(uid).held_by == email


def test_one_article_and_a_hundred_verdicts_at_once_keep_one(floor, uid):
    people = [MO, NILS, OLA]

    def decide(n):
        try:
            return floor.decide(uid, "fine", people[n % 3])
        except (ConflictError, VerdictError):
            return None

    with ThreadPoolExecutor(10) as pool:
        done = [event for event in pool.map(decide, range(PEOPLE)) if event is not None]
    assert len(done) == 1
    with floor.store.reading() as session:
        assert len(session.scalars(select(ModerationEvent)).all()) == 1


def test_two_passages_settled_at_once_leave_a_row_that_knows_both(floor):
    uids = [floor.article(OWN, SAID, name=f"x{n}") for n in range(4)]
    for n, uid in enumerate(uids):
        floor.line.add_batch(
            f"b{n}", scheme="news", annotators=("ada@example.org", "ben@example.org"),
            overlap=2, articles=(uid,),
        )  # fmt: skip
        floor.line.push(f"b{n}")
        floor.mark(f"b{n}", "regime", "outlet")
    from app.services import deciding

    def settle(place):
        n, passage = place
        actor = (MO, NILS, OLA)[n % 3]
        with floor.store.transaction() as session:
            deciding.accept_unanimous(session, f"b{n}", passage, actor=actor, now=floor.now)

    places = [(n, passage) for n, uid in enumerate(uids) for passage in floor.passages(uid)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(settle, places))
    for uid in uids:
        told = floor.show(uid)
        assert {one["state"] for one in told["findings"] if one["label"] == "LOADED_TERM"} == {
            "decided"
        }
        assert floor.row(uid).basis == told["seen"]


def test_verdicts_are_typed_as_people_type_them():
    for said in ("needs edit", "needs-edit", "NEEDS_EDIT", " needs_edit "):
        assert moderating.verdict(MO, said).verdict is Verdict.NEEDS_EDIT
    assert moderating.verdict(MO, "ban").verdict is None
