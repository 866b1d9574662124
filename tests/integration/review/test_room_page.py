"""The page of a passage: everything by forms alone, without a script."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import select

from app.models.audit import Audit
from app.models.passages import Passage
from app.models.review import Decision, Gold, Review, ReviewItem, ReviewNote
from app.services.accounts import create_user
from app.services.schemes import import_scheme
from labeling import decisions as core
from tests.instances import PEOPLE
from tests.integration.review.room import RUTH, SAM, region
from tests.line import ADA, BEN, Line

ME = PEOPLE["reviewer"]


class Page:
    """The page of one passage in the hands of somebody."""

    def __init__(self, client, passage):
        self.client, self.passage = client, passage
        self.url = f"/review/first/{passage}"
        self.load()

    def load(self, query=""):
        answer = self.client.get(self.url + query)
        assert answer.status_code == 200, answer.text
        self.text = unescape(answer.text)
        return self.text

    def carried(self):
        names = ("seen", "base")
        return {name: re.search(rf'name="{name}" value="([^"]*)"', self.text)[1] for name in names}

    def send(self, act, **fields):
        return self.client.send(f"{self.url}/{act}", {**self.carried(), **fields})

    def key(self, kind):
        """The key of the first group of this kind."""
        found = re.search(rf'data-key="([^"]+)"(?:(?!</li>).)*?>{kind}<', self.text, re.DOTALL)
        assert found, kind
        return found[1]

    def done(self, answer, status=303):
        assert answer.status_code == status, answer.text
        return self.load()


@pytest.fixture
def passage(room):
    return room.disagree()


@pytest.fixture
def page(room, passage, reviewer):
    return Page(reviewer, passage)


def test_the_page_shows_all_versions_under_letters_and_changes_nothing(room, page):
    text = page.text
    assert "2 open" in text
    assert "Annotator A" in text
    assert ADA not in text
    assert "Open in Label Studio" not in text
    assert 'aria-disabled="true"' in text
    assert room.rows(Review) == []


def test_a_version_is_picked_and_a_group_rejected_with_a_reason(room, page):
    page.done(page.send("decide", pick=f"{page.key('label')}=A"))
    answer = page.send("decide", reject=page.key("missing"))
    assert answer.status_code == 422
    assert "needs a reason" in answer.text
    text = page.done(page.send("decide", reject=page.key("missing"), reason="missed", words="so"))
    assert "nothing open" in text
    assert "Reason: missed: so" in text
    assert [(row.verdict, row.actor) for row in room.rows(Decision)] == [
        ("accept", ME),
        ("reject", ME),
    ]


def test_what_was_decided_is_there_after_a_reload_and_can_be_taken_back(room, page):
    page.done(page.send("decide", pick=f"{page.key('label')}=A"))
    assert "1 open" in page.load()
    assert "2 open" in page.done(page.send("undo"))
    assert [row.verdict for row in room.rows(Decision)] == ["accept", "undo"]


def test_a_span_is_edited_where_it_begins_and_ends_and_in_its_label(room, page, passage):
    key = page.key("label")
    form = page.load(f"?do=edit&group={key}")
    assert 'name="start"' in form
    edit = {"verdict": "edit", "group": key, "layer": "entity", "reason": "wrong bounds"}
    page.done(page.send("decide", **edit, **{"span-label": "PERSON"}, start="8", end="13"))
    page.done(page.send("decide", reject=page.key("missing"), reason="other"))
    assert "Nothing more waits" in _follow(page, page.send("submit"))
    assert room.gold(passage) == [("PERSON", 0, 7, "unanimous"), ("PERSON", 8, 13, "edited")]


def _follow(page, answer):
    assert answer.status_code == 303, answer.text
    return unescape(page.client.get(answer.location).text)


def test_an_edit_without_a_place_says_what_to_do(page):
    edit = {"verdict": "edit", "group": page.key("label"), "layer": "entity", "reason": "other"}
    answer = page.send("decide", **edit, **{"span-label": "PERSON"}, start="", end="")
    assert answer.status_code == 422
    assert "Select it in the text" in answer.text


def test_what_all_missed_is_added_and_taken_out_again(room, page):
    assert "Add what all missed" in page.load("?do=add")
    page.done(
        page.send("decide", verdict="add", **{"span-label": "entity/ORG"}, start="0", end="14")
    )
    assert "all missed" in page.text
    key = re.search(r'data-key="(added:[^"]+)"', page.text)[1]
    page.done(page.send("decide", reject=key, layer="entity", reason="other"))
    assert "added:" not in page.text


def test_relations_are_set_from_one_settled_span_to_another(room, page, passage):
    page.done(page.send("decide", pick=f"{page.key('label')}=A"))
    page.done(page.send("decide", reject=page.key("missing"), reason="other"))
    label, agreed = page.key("label"), page.key("entity")
    assert "Relations that begin here" in page.load(f"?do=relate&group={agreed}")
    links = {"link-label": "said_by", "link-to": label}
    page.done(page.send("relate", group=agreed, **links))
    page.send("submit")
    assert [one["label"] for one in room.show(passage)["gold"]["relations"]] == ["said_by"]


def test_no_relation_begins_at_an_open_group(page):
    answer = page.send("relate", group=page.key("label"))
    assert answer.status_code == 422
    assert "Pick a version first" in answer.text


def test_comments_and_flags_are_kept_with_who_made_them(room, page):
    key = page.key("label")
    assert "Comment" in page.load(f"?do=note&group={key}")
    page.done(page.send("note", group=key, text="Is the party meant?"))
    assert "Is the party meant?" in page.text
    assert page.send("note", text=" ").status_code == 422
    page.done(page.send("flag", text="odd wording"))
    assert f"{ME} flagged it: odd wording" in page.text
    page.done(page.send("flag", on="0"))
    assert "flagged" not in page.text
    assert [(row.actor, row.group) for row in room.rows(ReviewNote)] == [(ME, key)]
    with room.store.reading() as session:
        actions = set(session.scalars(select(Audit.action)))
    assert {"review_noted", "passage_flagged", "passage_unflagged"} <= actions


def test_submitting_goes_on_to_the_next_passage_of_the_queue(room, page):
    other = room.disagree(1)
    page.done(page.send("decide", pick=f"{page.key('label')}=A"))
    page.done(page.send("decide", reject=page.key("missing"), reason="other"))
    answer = page.send("submit", order="age")
    assert answer.location == f"/review/first/{other}?order=age"
    (mine,) = [one for one in room.rows(Review) if one.state == "open"]
    assert mine.reviewer == ME


def test_nothing_is_submitted_while_groups_are_open(page):
    answer = page.send("submit")
    assert answer.status_code == 422
    assert "still open" in answer.text


def test_a_settled_passage_names_everybody_and_can_be_reviewed_again(room, page):
    page.done(page.send("decide", pick=f"{page.key('label')}=A"))
    page.done(page.send("decide", reject=page.key("missing"), reason="other"))
    page.send("submit")
    text = page.load()
    assert ADA in text
    assert text.count("Open in Label Studio") == 2
    assert f"{ME} settled it" in text
    assert "Submit and next" not in text
    assert ADA not in page.done(page.send("hold", again="1"))
    assert "2 open" in page.text


def test_a_skipped_passage_is_let_go_and_another_one_taken(room, page):
    other = room.disagree(1)
    page.done(page.send("decide", pick=f"{page.key('label')}=A"))
    answer = page.send("skip")
    assert answer.location == f"/review/first/{other}"
    states = {one.state for one in room.rows(Review) if one.passage_id}
    assert states == {"left", "open"}
    assert "1 open" in page.load()


def test_who_is_inside_is_shown_and_nobody_else_decides(room, page, admin, passage):
    page.done(page.send("decide", pick=f"{page.key('label')}=A"))
    theirs = Page(admin, passage)
    assert f"{ME}" in theirs.text
    assert "has this passage open" in theirs.text
    answer = theirs.send("decide", pick=f"{theirs.key('label')}=A")
    assert answer.status_code == 409
    assert "has this passage open" in unescape(answer.text)


def test_newer_answers_are_shown_beside_what_was_decided(room, page, passage):
    page.done(page.send("decide", pick=f"{page.key('label')}=A"))
    before = page.carried()
    room.say(
        1, 0, region("a", "PERSON", 0, 7), region("b", "ORG", 8, 14), region("c", "ORG", 20, 24)
    )
    room.sync()
    answer = page.client.send(f"{page.url}/submit", before)
    said = unescape(answer.text)
    assert answer.status_code == 409
    assert "answered this passage anew" in said
    assert "What is new" in said
    assert "answered anew" in said
    assert "its group is made anew" in said
    page.done(page.client.send(f"{page.url}/hold", before))
    assert "nothing open" in page.text


def test_a_colleagues_settlement_is_shown_beside_what_was_decided(room, page, passage):
    page.done(page.send("decide", pick=f"{page.key('label')}=A"))
    mine = page.carried()
    with room.store.transaction() as session:
        session.scalars(select(Review)).one().state = "left"
    room.settle(passage)
    answer = page.client.send(f"{page.url}/submit", mine)
    said = unescape(answer.text)
    assert answer.status_code == 409
    assert f"{RUTH} has settled this passage meanwhile" in said
    assert f"{RUTH} settled it" in said
    assert "What you decided" in said
    assert len(room.rows(Review)) == 2


def test_nobody_reviews_their_own_annotations(room, app, passage):
    from tests.visitors import visitor

    with room.store.transaction() as session:
        create_user(session, email="nobody@example.org", role="viewer", actor="system")
    client = visitor(app)
    PEOPLE["ada"] = ADA
    try:
        client.sign_in_as("ada")
    finally:
        del PEOPLE["ada"]
    page = Page(client, passage)
    assert "You annotated this passage" in page.text
    assert "Submit and next" not in page.text
    answer = page.send("decide", pick=f"{page.key('label')}=A")
    assert answer.status_code == 403


def test_a_viewer_looks_and_cannot_decide(page, viewer, passage):
    theirs = Page(viewer, passage)
    assert "your account may look" in theirs.text
    assert "Submit and next" not in theirs.text
    assert theirs.send("decide", pick="x=A").status_code == 403


def test_in_a_batch_for_calibration_no_majority_is_shown(room, page):
    room.set_policy(calibration=True)
    assert "data-most" not in re.sub(r"is-agreed.*?</li>", "", page.load(), flags=re.DOTALL)
    assert 'data-led="no"' in page.text


def test_majorities_are_accepted_at_once_only_where_the_batch_allows_it(room, page):
    assert "Accept majorities" not in page.text
    assert page.send("majorities").status_code == 422
    room.set_policy(majority=True)
    assert "Accept majorities" in page.load()
    page.done(page.send("majorities"))
    assert "2 open" in page.text


def test_a_script_gets_the_parts_that_changed(page):
    fields = {**page.carried(), "pick": f"{page.key('label')}=A"}
    answer = page.client.send(f"{page.url}/decide", fields, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert answer.text.count("<li") == 1
    assert 'id="room-bar"' in answer.text
    assert "1 open" in answer.text
    assert "<html" not in answer.text


def test_what_is_no_act_at_all_is_refused(page):
    assert page.send("decide").status_code == 422
    assert page.client.get("/review/first/p-none").status_code == 404


def test_a_second_look_does_not_see_the_first(room, page, admin, passage):
    room.set_policy(second=100)
    page.done(page.send("decide", pick=f"{page.key('label')}=A"))
    page.done(page.send("decide", reject=page.key("missing"), reason="missed"))
    page.done(page.send("note", text="I was not sure here."))
    page.send("submit")
    theirs = Page(admin, passage)
    assert "second look" in theirs.text
    assert "2 open" in theirs.text
    assert "Reason: missed" not in theirs.text
    assert "I was not sure here" not in theirs.text
    assert "You have reviewed this passage already" in page.load()


def test_a_passage_goes_back_with_a_reason_for_each_group(room, page, passage):
    assert "Send the passage back" in page.load("?do=back")
    key = page.key("label")
    assert page.send("send-back", **{f"reason.{key}": "wrong label"}).status_code == 422
    answer = page.send("send-back", to="A", **{f"reason.{key}": "wrong label", "reason.": "Look."})
    assert answer.status_code == 303
    assert room.item(passage).state == "rework"
    assert "It was sent back" in page.load()
    with room.store.reading() as session:
        from app.models.tasks import Task

        (task,) = session.scalars(select(Task).where(Task.round == 2))
    assert task.notice.endswith("”: wrong label\nLook.")


def test_a_decision_taken_meanwhile_by_file_shows_on_the_page(room, page, passage):
    room.decide(
        passage, "label", actor=ME, version=None, verdict=core.Verdict.REJECT, reason="other"
    )
    assert "1 open" in page.load()


ASKING = """<View>
  <Text name="text" value="$text"/>
  <Choices name="stance" toName="text" choice="single">
    <Choice value="for"/><Choice value="against"/><Choice value="neither"/>
  </Choices>
</View>"""


def test_a_question_about_the_whole_passage_is_reviewed_like_a_span(settings, store, reviewer):
    line = Line(settings, store)
    with store.transaction() as session:
        import_scheme(session, name="ask", config=ASKING, guideline="", actor="system")
    line.add_article(paragraphs=1)
    line.add_batch(annotators=(ADA, BEN), overlap=2, scheme="ask")
    line.push()
    users = {user.email: user.id for user in line.server.users}
    for lane, who, said in zip(line.lanes(), (ADA, BEN), ("for", "against"), strict=True):
        (task, *_) = line.server.tasks_of(lane.ls_project_id)
        answer = {"id": "q", "from_name": "stance", "to_name": "text", "type": "choices"}
        result = [{**answer, "value": {"choices": [said]}}]
        line.server.annotate(task["id"], result, completed_by=users[who])
    line.sync()
    line.queue.close()
    with store.reading() as session:
        passage = session.scalars(select(Passage.uid).join(ReviewItem)).one()
    page = Page(reviewer, passage)
    assert "of the whole passage" in page.text
    key = page.key("label")
    assert "Answer it yourself" in page.load(f"?do=edit&group={key}")
    edit = {"verdict": "edit", "group": key, "layer": "stance", "reason": "other"}
    assert "neither" in page.done(page.send("decide", **edit, values="neither"))
    assert "nothing open" in page.text
    page.done(page.send("decide", pick=f"{key}=A"))
    page.send("submit")
    with store.reading() as session:
        (choice,) = session.scalars(select(Gold.choices)).one()
    assert (choice["layer"], choice["settled"]) == ("stance", "chosen")


def test_a_third_finds_open_what_the_two_settled_otherwise_and_nothing_else(room, reviewer):
    room.set_policy(second=100)
    passage = room.disagree()
    room.settle(passage)
    room.decide(passage, "missing", actor=SAM)
    room.decide(passage, "label", actor=SAM)
    room.decide(passage, "agreed", actor=SAM, verdict=core.Verdict.REJECT, reason="wrong label")
    edit = core.SpanEdit("ORG", 0, 3)
    added = core.Decision(core.added_group("entity", edit), "entity", core.Verdict.ADD, span=edit)
    room.call("decide", passage, added, actor=SAM)
    room.call("submit", passage, actor=SAM)
    page = Page(reviewer, passage)
    states = re.findall(r'data-state="(\w+)"', page.text)
    assert sorted(states) == ["accepted", "open", "open", "open"]
    assert "Take it out" in page.text
    page.done(page.send("decide", reject=added.group, layer="entity", reason="other"))
    for group in room.groups(passage).values():
        if group["group"] in room.show(passage)["differ"]:
            letter = group["versions"][0]["version"]
            page.done(page.send("decide", pick=f"{group['group']}={letter}"))
    assert "nothing open" in page.text
    page.send("submit")
    assert room.item(passage).state == "reviewed"
