"""Roles and bounds are corrected on the article's page, until a passage has been dealt."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.models.audit import Audit
from app.models.passages import Passage
from tests.line import ADA

HEAD = "Harbour to close in March"
FIRST = "The quay was empty by nine, and nobody answered the harbour master’s call. She paused."
SECOND = "“We were never asked,” said Ana Torv, who has kept the log for eleven years."
LAST = "Boats are still moored at the northern quay, where the lamps are lit."
TEXT = f"{HEAD}\n\nBy Iris Vale\n\n{FIRST}\n\n{SECOND}\n\n{LAST}"
EDITS = ("role", "merge", "split")


@pytest.fixture
def uid(bring):
    return bring(TEXT)["articles"][0]["uid"]


def send(visitor, uid, kind, **form):
    return visitor.send(
        f"/articles/{uid}/edit", {"edit": kind, "version": "1", **form}, follow_redirects=True
    )


def texts(flask_command, uid):
    shown = flask_command("articles", "show", uid)
    return [shown["text"][p["start"] : p["end"]] for p in shown["passages"]]


def at(words):
    return str(TEXT.index(words))


def test_a_reviewer_gives_a_block_another_role(uid, reviewer, flask_command, store):
    answer = send(reviewer, uid, "role", start=at(SECOND), role="boilerplate")
    assert answer.status_code == 200
    assert "boilerplate" in answer.text
    assert texts(flask_command, uid) == [HEAD, FIRST, LAST]
    shown = flask_command("articles", "show", uid)
    assert [r["role"] for r in shown["roles"]][3] == "boilerplate"
    with store.reading() as session:
        assert session.scalars(select(Passage).where(Passage.text == SECOND)).all() == []
        (audited,) = session.scalars(select(Audit).where(Audit.action == "article_edited"))
        assert audited.actor == "reviewer@example.org"
        assert len(audited.detail["before"]) == len(audited.detail["after"]) + 1


def test_passages_are_merged_and_split_again(uid, admin, flask_command):
    send(admin, uid, "merge", start=at(FIRST))
    assert texts(flask_command, uid) == [HEAD, f"{FIRST}\n\n{SECOND}", LAST]
    send(admin, uid, "split", start=at(FIRST), at=str(len(FIRST)))
    assert texts(flask_command, uid) == [HEAD, FIRST, SECOND, LAST]
    send(admin, uid, "split", start=at(FIRST), at="", before=str(FIRST.index("She")))
    assert "She paused." in texts(flask_command, uid)


def test_a_new_headline_gives_the_article_its_title(uid, admin, flask_command):
    send(admin, uid, "role", start="0", role="boilerplate")
    send(admin, uid, "role", start=at(FIRST), role="headline")
    assert flask_command("articles", "show", uid)["title"] == FIRST


def test_a_correction_keeps_what_was_done_by_hand(uid, admin, bring, flask_command):
    send(admin, uid, "merge", start=at(FIRST))
    send(admin, uid, "role", start=at(LAST), role="boilerplate")
    bring(TEXT + "\n\nAn earlier version gave another day for the closing of it.")
    assert texts(flask_command, uid)[1] == f"{FIRST}\n\n{SECOND}"
    assert LAST not in texts(flask_command, uid)


def test_a_dealt_passage_cannot_be_changed_and_the_page_says_what_to_do(
    uid, admin, line, flask_command
):
    line.add_batch("first", annotators=(ADA,))
    before = texts(flask_command, uid)
    for kind, form in (
        ("role", {"start": at(SECOND), "role": "byline"}),
        ("merge", {"start": at(FIRST)}),
        ("split", {"start": at(FIRST), "at": "20"}),
    ):
        answer = send(admin, uid, kind, **form)
        assert answer.status_code == 409
        assert "dealt in batch first" in answer.text
        assert "external id" in answer.text
    assert texts(flask_command, uid) == before
    assert "so it stays as it is" in admin.get(f"/articles/{uid}?edit={at(SECOND)}").text


def test_what_was_not_dealt_can_still_be_changed(uid, admin, line, flask_command):
    line.add_batch("first", annotators=(ADA,))
    send(admin, uid, "role", start=at("By Iris"), role="body")
    assert "By Iris Vale" in texts(flask_command, uid)


@pytest.mark.parametrize(
    ("kind", "form", "status"),
    [
        ("role", {"start": "0", "role": "sermon"}, 422),
        ("role", {"start": "1", "role": "body"}, 422),
        ("role", {"start": "x", "role": "body"}, 422),
        ("role", {"start": "0", "role": "body", "version": "7"}, 409),
        ("merge", {"start": "0"}, 422),
        ("split", {"start": "0", "at": "0"}, 422),
        ("split", {"start": "0", "at": "99999999999999999999"}, 422),
        ("sing", {"start": "0"}, 422),
    ],
)
def test_an_edit_that_cannot_be_is_refused_in_words(uid, admin, flask_command, kind, form, status):
    before = texts(flask_command, uid)
    assert send(admin, uid, kind, **form).status_code == status
    assert texts(flask_command, uid) == before


def test_a_viewer_may_look_but_not_edit(uid, viewer):
    page = viewer.get(f"/articles/{uid}?edit={at(FIRST)}").text
    assert "edit-link" not in page
    assert "edit-panel" not in page
    assert send(viewer, uid, "merge", start=at(FIRST)).status_code == 403
    assert viewer.send(f"/articles/{uid}/story", {"story": "x"}).status_code == 403


def test_the_story_is_named_on_the_page(uid, reviewer, flask_command):
    reviewer.send(f"/articles/{uid}/story", {"story": " harbour "})
    assert flask_command("articles", "show", uid)["story"] == "harbour"
    reviewer.send(f"/articles/{uid}/story", {})
    assert flask_command("articles", "show", uid)["story"] is None


def test_every_edit_has_a_form_that_needs_no_script(uid, reviewer):
    page = reviewer.get(f"/articles/{uid}").text
    assert page.count("?edit=") == 5
    assert "<form" in reviewer.get(f"/articles/{uid}?edit=nonsense").text
    panel = reviewer.get(f"/articles/{uid}?edit={at(FIRST)}").text
    for kind in EDITS:
        assert panel.count(f'name="edit" value="{kind}"') == 1
    assert f'<option value="{FIRST.index("She")}">She paused.</option>' in panel
    last = reviewer.get(f"/articles/{uid}?edit={at(LAST)}").text
    assert 'name="edit" value="merge"' not in last


def test_a_passage_of_several_blocks_can_be_edited_from_each(bring, reviewer):
    joined = f"{HEAD}\n\nHe left.\n\n{LAST}"
    uid = bring(joined, "x-2")["articles"][0]["uid"]
    for words in ("He left.", LAST):
        panel = reviewer.get(f"/articles/{uid}?edit={joined.index(words)}").text
        assert "Split passage 2" in panel
