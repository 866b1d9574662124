"""`flask policies` and `flask moderation`: exact JSON, clear refusals."""

from __future__ import annotations

import json

import pytest

from tests.integration.moderation.floor import MO, NILS, OLA, OWN, RULES, SAID, VIC


@pytest.fixture
def call(runner, floor):
    """Run a command and give its one JSON object, and how it ended."""

    def run(*args, code=0):
        done = runner.invoke(args=[*args, "--json"])
        assert done.exit_code == code, done.output
        return json.loads(done.stdout)

    return run


@pytest.fixture
def say(runner, floor):
    """Run a command and give its text for people."""

    def run(*args):
        done = runner.invoke(args=list(args))
        assert done.exit_code == 0, done.output
        return done.stdout

    return run


@pytest.fixture
def uid(floor):
    return floor.article(OWN, SAID)


def test_a_policy_is_imported_once_and_listed_in_all_its_versions(call, say, floor, uid, tmp_path):
    path = tmp_path / "short.toml"
    path.write_text(RULES, encoding="utf-8")
    first = call("policies", "import", str(path), "--as", MO)
    assert first == {
        "policy": "short", "version": 1, "rules": 1, "in_force": True, "created": True,
        "articles_renewed": 1,
    }  # fmt: skip
    again = call("policies", "import", str(path), "--as", MO)
    assert (again["version"], again["created"], again["articles_renewed"]) == (1, False, 0)
    path.write_text(RULES.replace("[style]", "in_force = false\n[style]"), encoding="utf-8")
    assert "not in force" in say("policies", "import", str(path))
    told = call("policies", "list")["policies"]
    assert [(one["name"], one["version"], one["in_force"]) for one in told] == [
        ("house", 1, True),
        ("short", 2, False),
        ("short", 1, False),
    ]
    assert told[0]["articles"] == 1
    assert told[2]["by"] == MO
    assert "superseded" in say("policies", "list")


def test_trying_a_policy_counts_and_changes_nothing(call, say, floor, uid, tmp_path):
    path = tmp_path / "short.toml"
    path.write_text(RULES, encoding="utf-8")
    floor.article(OWN, name="b")
    before = call("policies", "list")
    assert call("policies", "try", str(path)) == {
        "policy": "short",
        "in_force": True,
        "articles": 2,
        "matched": 1,
        "proposed": {"fine": 1, "needs_edit": 0, "escalate": 0},
        "rules": [
            {
                "rule": "quotes", "verdict": "fine", "reason": "r", "style": "s",
                "looks_for": "quotes", "articles": 1, "spans": 1,
            }
        ],
    }  # fmt: skip
    assert "would match 1 of 2 articles" in say("policies", "try", str(path))
    assert call("policies", "list") == before
    assert "quotes" not in floor.rules(uid)


def test_a_policy_that_cannot_be_used_is_refused(call, tmp_path, floor):
    path = tmp_path / "bad.toml"
    path.write_text(RULES.replace('"QUOTE"', "3"), encoding="utf-8")
    error = call("policies", "import", str(path), code=1)["error"]
    assert error["kind"] == "bad_policy"
    assert error["message"].startswith("bad.toml: rule 'quotes': `label` is no list")
    assert error["remedy"]


def test_the_desk_is_listed_by_state_policy_and_more(call, say, uid, floor):
    other = floor.article(SAID, name="b", outlet="Tern")
    told = call("moderation", "list")
    assert told["total"] == 2
    assert [one["article"] for one in told["articles"]] == [uid, other]
    first = told["articles"][0]
    assert first["state"] == "waiting"
    assert first["proposed"] == "needs_edit"
    assert {one["rule"] for one in first["matches"]} == {"loaded-own-voice", "loaded-quoted"}
    call("moderation", "decide", uid, "--verdict", "fine", "--as", MO)
    for args, found in (
        (("--state", "waiting"), [other]),
        (("--state", "open"), [other]),
        (("--state", "decided"), [uid]),
        (("--policy", "house"), [uid, other]),
        (("--policy", "none"), []),
        (("--outlet", "Tern"), [other]),
        (("--voice", "outlet"), [uid]),
        (("--term", "regime", "--order", "age"), [uid, other]),
        (("--limit", "1"), [uid]),
    ):
        listed = [one["article"] for one in call("moderation", "list", *args)["articles"]]
        assert sorted(listed) == sorted(found), args
    assert other in say("moderation", "list")
    assert "Nothing here is worth a look" in say("moderation", "list", "--policy", "none")


def test_an_article_is_shown_with_its_matches_and_its_story(call, say, uid, floor):
    call("moderation", "decide", uid, "--verdict", "escalate", "--reason", "grave", "--as", MO)
    call("moderation", "appeal", uid, "--reason", "a name", "--as", OLA)
    call("moderation", "note", uid, "see page 3", "--as", OLA)
    told = call("moderation", "overturn", uid, "--verdict", "fine", "--reason", "so", "--as", NILS)
    assert (told["state"], told["verdict"], told["appeal"]) == ("decided", "fine", "overturned")
    told = call("moderation", "show", uid)
    assert [one["act"] for one in told["history"]] == ["verdict", "appeal", "note", "overturned"]
    assert told["matches"][0]["matched"].startswith("1 loaded term in the outlet's own voice")
    floor.decide_spans(uid, voice="quoted")
    text = say("moderation", "show", uid)
    for words in ("overturned fine so", "house/loaded-quoted → fine", "has changed since"):
        assert words in text


def test_undo_uphold_take_and_leave(call, say, uid):
    assert call("moderation", "next", "--as", MO) == {"article": uid}
    assert call("moderation", "show", uid)["held_by"] == MO
    assert call("moderation", "next", "--as", NILS) == {"article": None}
    assert "Nothing that fits" in say("moderation", "next", "--as", NILS)
    assert call("moderation", "leave", uid, "--as", MO) == {"article": uid, "left": True}
    assert "did not have it" in say("moderation", "leave", uid, "--as", MO)
    assert "is yours" in say("moderation", "next", "--as", MO)
    call("moderation", "decide", uid, "--verdict", "needs edit", "--reason", "own", "--as", MO)
    call("moderation", "appeal", uid, "--reason", "a name", "--as", OLA)
    assert call("moderation", "uphold", uid, "--reason", "so", "--as", NILS)["appeal"] == "upheld"
    told = call("moderation", "undo", uid, "--as", NILS)
    assert (told["state"], told["verdict"]) == ("appealed", "needs_edit")
    assert "is appealed: needs_edit" in say("moderation", "note", uid, "hm", "--as", NILS)


@pytest.mark.parametrize(
    ("args", "kind"),
    [
        (("decide", "UID", "--verdict", "needs_edit", "--as", MO), "bad_verdict"),
        (("decide", "UID", "--verdict", "ban", "--reason", "x", "--as", MO), "bad_verdict"),
        (("decide", "UID", "--verdict", "fine"), "not_permitted"),
        (("decide", "UID", "--verdict", "fine", "--as", VIC), "not_permitted"),
        (("decide", "UID", "--verdict", "fine", "--as", "no@example.org"), "invalid_input"),
        (("decide", "a-nothing", "--verdict", "fine", "--as", MO), "not_found"),
        (("appeal", "UID", "--reason", "x", "--as", MO), "bad_verdict"),
        (("undo", "UID", "--as", MO), "bad_verdict"),
        (("show", "a-nothing"), "not_found"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_kind(call, uid, args, kind):
    told = call("moderation", *[uid if arg == "UID" else arg for arg in args], code=1)
    assert told["error"]["kind"] == kind
    assert call("moderation", "show", uid)["history"] == []


def test_the_api_tells_the_same_as_the_command(call, client, floor, uid):
    from app.services.tokens import create_token

    with floor.store.transaction() as session:
        token = create_token(session, email=MO, scopes=["read"], actor="system").token
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.get(f"/api/articles/{uid}/moderation", headers=headers)
    assert answer.json == call("moderation", "show", uid)
    assert client.get("/api/articles/none/moderation", headers=headers).status_code == 404


def test_articles_that_came_before_the_desk_are_looked_at_by_a_job(runner, floor, uid):
    from sqlalchemy import delete, select

    from app.models.jobs import Job
    from app.models.moderation import DeskArticle, DeskCount
    from app.services.desk import is_stale

    with floor.store.transaction() as session:
        session.execute(delete(DeskArticle))
    assert runner.invoke(args=["db", "upgrade", "--json"]).exit_code == 0
    with floor.store.reading() as session:
        job = session.scalars(select(Job).where(Job.name == "desk_v1")).one()
    assert floor.line.run(job).result == {"articles": 1}
    assert [row.uid for row in floor.rows()] == [uid]
    with floor.store.reading() as session:
        assert not is_stale(session)
        counts = {(one.facet, one.value): one.n for one in session.scalars(select(DeskCount))}
    assert counts["term", "regime"] == counts["voice", "outlet"] == counts["policy", "house"] == 1


def test_a_large_desk_shows_the_counts_that_were_kept(floor, uid, monkeypatch):
    from app.queries import desk_counts
    from app.services.desk import recount

    monkeypatch.setattr(desk_counts, "LIVE", 0)
    with floor.store.reading() as session:
        assert desk_counts.count_facet(session, "term") == ()
    with floor.store.transaction() as session:
        recount(session)
    with floor.store.reading() as session:
        assert desk_counts.count_facet(session, "term") == (("regime", 1),)
