"""The desk's pages: the queue, one article, its acts, its report, figures, policies."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import delete, select

from app.models.jobs import Job
from app.models.moderation import DeskArticle, PolicyVersion
from app.queries.desk import ORDERS, DeskChoice, list_desk
from app.queries.desk_facets import count_found, get_facets
from config import ROOT
from labeling.moderation.policy import Verdict
from tests.instances import PEOPLE
from tests.integration.moderation.floor import MO, NILS, OLA, OWN, PLAIN, RULES, SAID

HOUSE = (ROOT / "seeds" / "policies" / "house.toml").read_text(encoding="utf-8")
ME = PEOPLE["reviewer"]


@pytest.fixture
def uid(floor):
    return floor.article(OWN, SAID, published_at=floor.now)


def test_a_fresh_desk_says_what_to_do(viewer, floor):
    assert "Nothing is worth a look yet" in viewer.get("/moderation").text
    assert "Nothing waits" in viewer.get("/moderation/figures").text
    floor.policy(HOUSE.replace('name = "house"', 'name = "house"\nin_force = false'))
    assert "No policy is in force" in viewer.get("/moderation").text


def test_a_desk_that_nobody_filled_yet_says_what_to_do(viewer, runner, floor, uid):
    with floor.store.transaction() as session:
        session.execute(delete(DeskArticle))
    page = viewer.get("/moderation").text
    assert "not looked at yet" in page
    assert "flask db upgrade" in page
    assert "flask db upgrade" in runner.invoke(args=["moderation", "list"]).stdout
    assert runner.invoke(args=["db", "upgrade", "--json"]).exit_code == 0
    page = viewer.get("/moderation").text
    assert "flask worker" in page
    assert "flask db upgrade" not in page
    told = runner.invoke(args=["moderation", "list"]).stdout
    assert "not looked at yet" in told
    assert "flask worker" in told
    with floor.store.reading() as session:
        job = session.scalars(select(Job).where(Job.name == "desk_v1")).one()
    assert floor.line.run(job).state == "succeeded"
    assert "Council a" in viewer.get("/moderation").text
    assert uid in runner.invoke(args=["moderation", "list"]).stdout


def test_an_article_and_its_desk_and_the_places_of_its_terms_lead_to_each_other(viewer, floor):
    uid = floor.article(OWN, published_at=floor.now)
    assert f'href="/moderation/{uid}"' in viewer.get(f"/articles/{uid}").text
    page = viewer.get(f"/moderation/{uid}").text
    assert f'href="/articles/{uid}"' in page
    assert 'href="/terms/regime"' in page
    assert f"/articles/{uid}#" in viewer.get("/terms/regime").text


def test_the_queue_shows_its_facets_and_what_matches(viewer, floor, uid):
    floor.article(SAID, name="b", outlet="Tern", section="sport")
    page = viewer.get("/moderation").text
    for words in ("loaded own voice", "Gull", "Tern", "sport", "in the outlet&#39;s own voice"):
        assert words in page
    assert "Council b" not in viewer.get("/moderation?outlet=Gull").text
    assert "Council a" not in viewer.get("/moderation?section=sport").text
    for query in ("day=2026-06-01", "policy=house", "term=regime", "voice=outlet", "order=age"):
        assert "Council a" in viewer.get(f"/moderation?{query}").text, query
    for query in ("term=zzz", "age=older", "policy=none", "voice=paraphrased", "state=decided"):
        assert "Nothing fits" in viewer.get(f"/moderation?{query}").text, query
    assert "Council a" in viewer.get("/moderation?state=nowhere&age=never&order=x").text


def test_the_pages_of_the_queue_follow_each_other_without_a_gap(viewer, floor):
    uids = {floor.article(OWN, name=f"n{n}") for n in range(5)}
    for order, state in product(ORDERS, (None, "all", "waiting")):
        choice, seen, after = DeskChoice(state=state), [], None
        while True:
            with floor.store.reading() as session:
                page = list_desk(session, choice, now=floor.now, order=order, after=after, limit=2)
            seen += [row.uid for row in page.rows]
            after = page.next
            if after is None:
                break
        assert len(seen) == 5
        assert set(seen) == uids
    assert viewer.get("/moderation?after=999999").status_code == 200


def test_what_is_counted_is_what_is_listed_whatever_is_chosen(floor):
    outlets = ("Gull", "Gull", "Tern", "Tern", "Tern")
    days = (None, floor.now, floor.now, floor.now - timedelta(days=9), floor.now)
    uids = [
        floor.article(OWN, name=f"n{n}", outlet=outlet, section=f"s{n % 2}", published_at=days[n])
        for n, outlet in enumerate(outlets)
    ]
    floor.article(PLAIN, name="quiet")
    floor.now = datetime.now(UTC) + timedelta(days=8)
    for uid, said in ((uids[0], "fine"), (uids[2], "escalate"), (uids[3], "needs_edit")):
        floor.decide(uid, said)
    for state in (None, "all", "decided", "escalated", "appealed"):
        open_in = DeskChoice(state=state)
        with floor.store.reading() as session:
            facets = get_facets(session, open_in, now=floor.now)
            assert count_found(session, open_in, facets, now=floor.now) == len(floor.rows(open_in))
        for name in ("outlet", "section", "day", *(("age",) if state is None else ())):
            for value, n in getattr(facets, name):
                choice = DeskChoice(state=state, **{name: value})
                with floor.store.reading() as session:
                    found = count_found(session, choice, facets, now=floor.now)
                listed = {order: floor.rows(choice, order=order) for order in ORDERS}
                assert {n, found} == {len(rows) for rows in listed.values()}, choice
    assert facets.state == (("waiting", 2), ("escalated", 1), ("appealed", 0), ("decided", 2))
    assert dict(facets.age) == {"day": 1, "week": 0, "month": 2, "older": 0}


def test_an_article_shows_all_that_a_verdict_rests_on(reviewer, floor, uid):
    floor.decide_spans(uid, voice="outlet")
    page = reviewer.get(f"/moderation/{uid}").text
    for words in (
        "A loaded term stands in the outlet&#39;s own voice",
        "2 loaded terms in the outlet&#39;s own voice: “regime” (2 decided)",
        "In our own voice we use words",
        "Plainer: government",
        "decided",
        "Take it",
    ):
        assert words in page, words
    assert reviewer.get("/moderation/a-nothing").status_code == 404


def test_a_verdict_is_given_on_the_page_and_taken_back(reviewer, floor, uid):
    answer = reviewer.send("/moderation/next", {"outlet": "Gull"})
    assert answer.location == f"/moderation/{uid}"
    assert "you have it open" in reviewer.get(answer.location).text
    seen = floor.show(uid)["seen"]
    answer = reviewer.send(
        f"/moderation/{uid}/verdict",
        {"verdict": "needs_edit", "code": "own-voice", "note": "line 1", "seen": seen},
    )
    assert answer.status_code == 303
    told = floor.show(uid)
    assert (told["verdict"], told["reason"], told["by"]) == ("needs_edit", "own-voice", ME)
    assert "A loaded term stands in" in reviewer.get(f"/moderation/{uid}").text
    reviewer.send(f"/moderation/{uid}/undo")
    assert floor.show(uid)["verdict"] is None
    reviewer.send(f"/moderation/{uid}/note", {"note": "seen by the desk"})
    assert "seen by the desk" in reviewer.get(f"/moderation/{uid}").text


def test_what_is_refused_is_said_and_nothing_is_kept(reviewer, floor, uid):
    for form, status in (
        ({"verdict": "needs_edit"}, 422),
        ({"verdict": "ban", "reason": "x"}, 422),
        ({"verdict": "fine", "seen": "of yesterday"}, 409),
    ):
        assert reviewer.send(f"/moderation/{uid}/verdict", form).status_code == status
    floor.now = datetime.now(UTC)
    floor.take(MO)
    assert reviewer.send(f"/moderation/{uid}/verdict", {"verdict": "fine"}).status_code == 409
    assert "mo@example.org has it open" in reviewer.get(f"/moderation/{uid}").text
    assert (
        "Nothing that fits is free"
        in reviewer.send("/moderation/next", {"outlet": "Gull"}, follow_redirects=True).text
    )
    assert floor.show(uid)["history"] == []


def test_taking_leaving_and_asking_what_is_new(reviewer, viewer, floor, uid):
    before = viewer.get(f"/moderation/{uid}/now").json
    assert before == {"seen": floor.show(uid)["seen"], "held_by": "", "last": 0}
    reviewer.send(f"/moderation/{uid}/take")
    assert viewer.get(f"/moderation/{uid}/now").json["held_by"] == ME
    reviewer.send(f"/moderation/{uid}/leave")
    floor.decide_spans(uid, voice="quoted")
    after = viewer.get(f"/moderation/{uid}/now").json
    assert after["held_by"] == ""
    assert after["seen"] != before["seen"]


def test_an_appeal_is_answered_on_the_page(reviewer, admin, floor, uid):
    floor.decide(uid, "escalate")
    reviewer.send(f"/moderation/{uid}/appeal", {"reason": "it is a name", "note": "the outlet"})
    assert "Overturn: fine" in admin.get(f"/moderation/{uid}").text
    admin.send(f"/moderation/{uid}/answer", {"answer": "fine", "reason": "a name"})
    told = floor.show(uid)
    assert (told["state"], told["verdict"], told["appeal"]) == ("decided", "fine", "overturned")
    other = floor.article(SAID, name="b")
    floor.decide(other, "needs_edit")
    floor.appeal(other)
    admin.send(f"/moderation/{other}/answer", {"answer": "upheld", "reason": "right"})
    assert floor.show(other)["appeal"] == "upheld"


def test_whoever_gave_the_verdict_is_told_that_somebody_else_answers(reviewer, floor, uid):
    floor.decide(uid, "escalate", ME)
    assert "You escalated it, so somebody else" in reviewer.get(f"/moderation/{uid}").text
    answer = reviewer.send(f"/moderation/{uid}/verdict", {"verdict": "fine"})
    assert answer.status_code == 403


def test_who_only_looks_cannot_act(viewer, floor, uid):
    page = viewer.get(f"/moderation/{uid}").text
    assert "takes the role reviewer" in page
    assert "Leave the note" not in page
    assert viewer.send(f"/moderation/{uid}/verdict", {"verdict": "fine"}).status_code == 403
    assert viewer.get("/policies/new").status_code == 403


def test_the_report_tells_the_whole_story(viewer, floor, uid):
    floor.decide(uid, "needs_edit", reason="the headline says it")
    floor.appeal(uid)
    floor.answer(uid, Verdict.FINE)
    floor.decide_spans(uid, voice="quoted")
    page = viewer.get(f"/moderation/{uid}/report").text
    for words in ("the headline says it", "overturned the verdict", OLA, NILS, "has changed"):
        assert words in page, words


def test_a_text_that_is_markup_is_only_shown(viewer, floor):
    uid = floor.article(OWN.replace("schools", "<script>alert(1)</script> schools"))
    for path in (f"/moderation/{uid}", f"/moderation/{uid}/report"):
        assert "<script>alert" not in viewer.get(path).text


def test_figures_count_what_still_holds(viewer, floor, uid):
    other, third = floor.article(SAID, name="b"), floor.article(SAID, name="c")
    floor.article(PLAIN, name="quiet")
    floor.later(days=400)
    floor.decide(uid, "needs_edit")
    floor.appeal(uid)
    floor.answer(uid, Verdict.FINE)
    floor.decide(other, "escalate", NILS)
    floor.decide(third, "fine", OLA)
    floor.undo(third, OLA)
    told = viewer.get("/moderation/figures.json").json
    assert told["states"] == {"waiting": 1, "escalated": 1, "appealed": 0, "decided": 1}
    assert told["oldest"]["article"] in {other, third}
    assert told["time_to_decision_s"]["n"] == 1
    assert told["appeals"] == {"upheld": 0, "overturned": 1, "overturn_rate": 1.0, "n": 1}
    people = {one["moderator"]: one for one in told["moderators"]}
    assert people[MO]["own_overturned"] == 1
    assert people[MO]["needs_edit"] == people[NILS]["escalate"] == people[OLA]["appeals"] == 1
    assert people[OLA]["fine"] == 0
    rows = list(csv.DictReader(io.StringIO(viewer.get("/moderation/figures.csv").text)))
    assert {row["moderator"] for row in rows} == {MO, NILS, OLA}
    page = viewer.get("/moderation/figures").text
    assert "1 of 1 appeal; too few to compare" in page
    assert viewer.get("/moderation/figures.csv").headers["Content-Type"].startswith("text/csv")


def test_the_queue_is_taken_home_as_csv_and_json(viewer, floor, uid):
    floor.article(SAID, name="b", outlet="=HYPERLINK(1)")
    told = viewer.get("/moderation/list.json?outlet=Gull").json
    assert [one["article"] for one in told["articles"]] == [uid]
    assert told["total"] == 1
    rows = list(csv.DictReader(io.StringIO(viewer.get("/moderation/list.csv").text)))
    assert {row["outlet"] for row in rows} == {"Gull", "'=HYPERLINK(1)"}
    assert viewer.get("/moderation/list.csv?outlet=none").text == ""
    assert viewer.get("/moderation/figures.csv").text == ""


def test_a_policy_is_tried_and_then_saved(admin, floor, uid):
    text = RULES.replace("fine", "escalate")
    page = admin.send("/policies/new", {"text": text, "do": "try"}).text
    assert "What it would match" in page
    assert "nothing is saved yet" in page
    assert [row.name for row in _versions(floor)] == ["house"]
    answer = admin.send("/policies/new", {"text": text, "do": "save"})
    assert answer.location == "/policies/short"
    assert [(row.name, row.n, row.current) for row in _versions(floor)] == [
        ("house", 1, True),
        ("short", 1, True),
    ]
    with floor.store.reading() as session:
        job = session.scalars(select(Job).where(Job.name == "desk_v1")).one()
    assert floor.line.run(job).result == {"articles": 1}
    assert "quotes" in floor.rules(uid)
    assert "quotes" in admin.get("/policies/short").text
    assert (
        "says the same"
        in admin.send("/policies/new", {"text": text, "do": "save"}, follow_redirects=True).text
    )
    floor.policy(RULES)
    assert "superseded" in admin.get("/policies").text
    assert "superseded" in admin.get("/policies/short?version=1").text
    assert 'verdict = "escalate"' not in admin.get("/policies/new?from=short").text


def test_a_policy_that_cannot_be_used_is_shown_with_what_to_mend(admin, floor):
    for text, words in (
        (HOUSE.replace('voice = "outlet"', 'voice = "loud"'), "rule &#39;loaded-own-voice&#39;"),
        ("name =", "is not TOML"),
        ("", "is no name"),
    ):
        answer = admin.send("/policies/new", {"text": text, "do": "save"})
        assert answer.status_code == 422
        assert words in answer.text
    for path in ("/policies/nothing", "/policies/house?version=9", "/policies/new?from=nothing"):
        assert admin.get(path).status_code == 404


def test_a_policy_comes_as_a_file(admin, floor):
    file = (io.BytesIO(b"\xef\xbb\xbf" + RULES.replace("\n", "\r\n").encode()), "p.toml")
    answer = admin.send("/policies/new", {"file": file, "do": "save"})
    assert answer.location == "/policies/short"
    file = (io.BytesIO(b"\xff\xfe"), "p.toml")
    answer = admin.send("/policies/new", {"file": file, "do": "save"})
    assert answer.status_code == 422
    assert "not UTF-8" in answer.text


def _versions(floor):
    with floor.store.reading() as session:
        return session.scalars(
            select(PolicyVersion).order_by(PolicyVersion.name, PolicyVersion.n)
        ).all()
