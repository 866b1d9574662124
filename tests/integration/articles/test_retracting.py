"""A retracted article is shown as such and dealt no more; a story is a name by hand."""

from __future__ import annotations

from sqlalchemy import select

from app.models.audit import Audit
from tests.line import ADA

PEOPLE = "admin@example.org"


def test_a_retracted_article_is_in_no_new_batch_and_its_page_says_why(
    line, flask_command, viewer, store
):
    gone, stays = line.add_article("boats"), line.add_article("cranes")
    line.add_batch("before")
    answer = flask_command(
        "articles", "retract", gone, "--reason", "The outlet  withdrew it.", "--as", PEOPLE
    )
    assert answer == {"uid": gone, "retracted": True, "reason": "The outlet withdrew it."}
    shown = flask_command("articles", "show", gone)
    assert (shown["retracted"], shown["retracted_reason"]) == (True, "The outlet withdrew it.")
    page = viewer.get(f"/articles/{gone}").text
    assert "The outlet withdrew it." in page
    line.add_batch("after")
    assert line.show("before")["passages"] == 2 * line.show("after")["passages"] == 10
    assert flask_command("articles", "show", stays)["retracted"] is False
    listed = {row["uid"]: row["retracted"] for row in flask_command("articles", "list")["articles"]}
    assert listed == {gone: True, stays: False}
    with store.reading() as session:
        (audited,) = session.scalars(select(Audit).where(Audit.action == "article_retracted"))
        assert (audited.actor, audited.object) == (PEOPLE, f"article:{gone}")


def test_a_retraction_needs_a_reason_an_article_and_happens_once(line, flask_command):
    uid = line.add_article()
    retract = ("articles", "retract", uid, "--reason")
    assert flask_command(*retract, "  ", exit_code=1)["error"]["kind"] == "invalid_input"
    assert flask_command(*retract, "a\0b", exit_code=1)["error"]["kind"] == "invalid_input"
    assert flask_command(*retract, "x" * 1001, exit_code=1)["error"]["kind"] == "invalid_input"
    flask_command(*retract, "Withdrawn")
    error = flask_command(*retract, "Again", exit_code=1)["error"]
    assert error["kind"] == "conflict"
    assert "Withdrawn" in error["message"]
    missing = flask_command("articles", "retract", "a-none", "--reason", "x", exit_code=1)
    assert missing["error"]["kind"] == "not_found"
    assert "retracted" in flask_command.text("articles", "list")


def test_an_article_is_named_after_its_story_and_taken_out_of_it(line, flask_command, store):
    uid = line.add_article()
    assert flask_command("articles", "story", uid, " harbour   2026 ")["story"] == "harbour 2026"
    assert flask_command("articles", "show", uid)["story"] == "harbour 2026"
    line.add_batch("of-story", annotators=(ADA,), articles=("story=harbour 2026",))
    flask_command("articles", "story", uid, "harbour 2026")
    assert "no story" in flask_command.text("articles", "story", uid, "")
    assert flask_command("articles", "show", uid)["story"] is None
    with store.reading() as session:
        audited = session.scalars(
            select(Audit).where(Audit.action == "article_story_set").order_by(Audit.seq)
        ).all()
        assert [row.detail["to"] for row in audited] == ["harbour 2026", None]
