"""`flask review` does by file what the page does by key."""

from __future__ import annotations

import json

import pytest

from app.models.review import Review
from tests.integration.review.room import RUTH, region
from tests.line import ADA


@pytest.fixture
def call(app):
    """Run `flask review …` and give its answer."""
    runner = app.test_cli_runner()

    def run(*words, exit_code=0):
        result = runner.invoke(args=["review", *words, "--json"])
        assert result.exit_code == exit_code, result.output
        return json.loads(result.stdout)

    run.plain = lambda *words: runner.invoke(args=["review", *words]).output
    return run


@pytest.fixture
def decide(call, tmp_path):
    """Write a file of decisions and carry it out."""

    def run(content, *more, actor=RUTH, exit_code=0):
        path = tmp_path / "decisions.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        words = ["decide", "first", "--file", str(path), "--as", actor, *more]
        return call(*words, exit_code=exit_code)

    return run


def test_show_tells_each_group_with_its_versions_under_letters(room, call):
    passage = room.disagree()
    told = call("show", "first", passage)
    assert (told["batch"], told["passage"], told["state"]) == ("first", passage, "ready")
    kinds = {group["kind"]: group for group in told["groups"]}
    assert set(kinds) == {"agreed", "label", "missing"}
    label = kinds["label"]
    assert [version["version"] for version in label["versions"]] == ["A", "B"]
    assert {version["label"] for version in label["versions"]} == {"ORG", "PERSON"}
    assert label["decision"] is None
    assert len(kinds["missing"]["absent"]) == 1
    assert "annotators" not in told
    for group in told["groups"]:
        for version in group["versions"]:
            assert told["text"][version["start"] : version["end"]] == version["text"]
    assert "ada" not in json.dumps(told)
    text = call.plain("show", "first", passage)
    assert "A: " in text
    assert "nothing" in text


def test_a_file_settles_passages_and_says_what_is_left(room, call, decide):
    whole, part = room.disagree(0), room.disagree(1)
    groups = {group["kind"]: group["group"] for group in call("show", "first", whole)["groups"]}
    other = {group["kind"]: group["group"] for group in call("show", "first", part)["groups"]}
    answer = decide(
        [
            {"passage": whole, "group": groups["label"], "verdict": "accept", "version": "A"},
            {
                "passage": whole,
                "group": groups["missing"],
                "verdict": "edit",
                "reason": "wrong bounds",
                "span": {"label": "ORG", "start": 20, "end": 26},
            },
            {
                "passage": whole,
                "verdict": "add",
                "layer": "quote",
                "span": {"label": "SPEAKER", "start": 0, "end": 2},
                "links": [{"label": "said_by", "to": groups["label"]}],
            },
            {"passage": part, "group": other["label"], "verdict": "accept"},
        ]
    )
    assert (answer["decided"], answer["submitted"], answer["rejected"]) == (4, 1, [])
    assert [one["submitted"] for one in answer["passages"]] == [True, False]
    assert answer["passages"][1]["open"] == [other["missing"]]
    gold = call("show", "first", whole)["gold"]
    assert {(span["label"], span["settled"]) for span in gold["spans"]} >= {
        ("PERSON", "unanimous"), ("ORG", "edited"), ("SPEAKER", "added"),
    }  # fmt: skip
    assert len(gold["relations"]) == 1


def test_one_bad_passage_stops_no_other_and_leaves_nothing_half_done(room, decide):
    good, bad = room.disagree(0), room.disagree(1)
    groups = {uid: room.groups(uid) for uid in (good, bad)}
    answer = decide(
        {
            "submit": False,
            "decisions": [
                {"passage": bad, "group": groups[bad]["label"]["group"], "verdict": "accept"},
                {"passage": bad, "group": "nothing", "verdict": "reject", "reason": "x"},
                {"passage": "p-none", "group": "g", "verdict": "accept"},
                {"passage": good, "group": groups[good]["label"]["group"], "verdict": "accept"},
            ],
        },
        "--strict",
        exit_code=3,
    )
    assert [one["passage"] for one in answer["rejected"]] == [bad, "p-none"]
    assert [one["passage"] for one in answer["passages"]] == [good]
    assert (answer["decided"], answer["submitted"]) == (1, 0)
    assert len(room.rows(Review)) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not JSON"),
        ('{"decisions": [{"passage": 1, "verdict": "accept"}]}', "decisions.0.passage"),
        ('[{"passage": "p", "verdict": "like"}]', "decisions.0.verdict"),
        ('{"verdicts": []}', "decisions"),
    ],
)
def test_a_file_of_another_shape_is_refused_with_the_place(room, decide, content, said):
    answer = decide(content, exit_code=1)
    assert said in answer["error"]["message"]
    assert "decisions" in answer["error"]["remedy"]


def test_versions_and_places_that_are_not_there_are_set_aside_with_the_reason(room, decide):
    passage = room.disagree()
    group = room.groups(passage)["label"]["group"]
    for body, said in (
        ({"group": group, "verdict": "accept", "version": "Z"}, "no version 'Z'"),
        ({"verdict": "add", "layer": "entity"}, "needs a place"),
        ({"group": group, "verdict": "accept", "seen": [0]}, "anew"),
    ):
        (rejected,) = decide([{"passage": passage, **body}])["rejected"]
        assert said in rejected["reason"]


def test_accept_unanimous_settles_what_all_agree_on_and_only_that(room, call):
    agreed, open_ = room.agree(0), room.disagree(1)
    room.say(0, 2, region("a", "PERSON", 0, 7))
    room.sync()
    answer = call("accept-unanimous", "first", "--as", RUTH)
    assert answer == {"batch": "first", "settled": 1, "left": []}
    assert room.gold(agreed) == [("PERSON", 0, 7, "unanimous")]
    assert room.item(open_).state == "ready"
    (review,) = room.rows(Review)
    assert (review.bulk, review.reviewer) == (True, RUTH)
    again = call("accept-unanimous", "first", "--as", RUTH)
    assert again["settled"] == 0


def test_accept_unanimous_leaves_to_others_what_one_annotated_oneself(room, call):
    passage = room.agree(0)
    answer = call("accept-unanimous", "first", "--as", ADA)
    assert (answer["settled"], [one["passage"] for one in answer["left"]]) == (0, [passage])
    refused = call("accept-unanimous", "first", exit_code=1)
    assert "--as EMAIL" in refused["error"]["remedy"]


def test_an_unknown_batch_or_passage_is_said_so(room, call):
    room.agree(0)
    assert call("show", "first", "p-none", exit_code=1)["error"]["kind"] == "not_found"
    refused = call("accept-unanimous", "nowhere", "--as", RUTH, exit_code=1)
    assert refused["error"]["kind"] == "not_found"


def test_the_help_shows_how_a_file_looks(call):
    assert '"verdict": "reject"' in call.plain("decide", "--help")


def test_a_file_holds_remarks_flags_and_what_goes_back(room, call, decide):
    passage, other = room.disagree(0), room.disagree(1)
    groups = {kind: group["group"] for kind, group in room.groups(passage).items()}
    label = call("show", "first", passage)["groups"][1]
    letter = next(one["version"] for one in label["versions"] if one["label"] == "ORG")
    answer = decide(
        {
            "decisions": [{"passage": passage, "group": groups["label"], "verdict": "accept"}],
            "notes": [
                {"passage": passage, "group": groups["label"], "text": "Is a council an ORG?"},
                {"passage": other, "text": "Odd."},
            ],
            "flags": [{"passage": other, "note": "For the guideline."}],
            "rework": [
                {
                    "passage": passage,
                    "versions": [letter],
                    "reasons": [{"group": groups["label"], "reason": "wrong label"}],
                }
            ],
        }
    )
    first, second = answer["passages"]
    assert (first["decided"], first["noted"], first["submitted"]) == (1, 1, False)
    assert len(first["rework"]) == 1
    assert (second["noted"], second["flagged"]) == (1, True)
    told = call("show", "first", passage)
    assert told["state"] == "rework"
    (note,) = told["notes"]
    assert (note["group"], note["text"], note["by"]) == (
        groups["label"], "Is a council an ORG?", RUTH,
    )  # fmt: skip
    assert call("show", "first", other)["flag"] == {"by": RUTH, "note": "For the guideline."}
    text = call.plain("show", "first", other)
    assert f"note by {RUTH}: Odd." in text
    assert "flagged by" in text
    decide({"decisions": [], "flags": [{"passage": other, "on": False}]})
    assert call("show", "first", other)["flag"] is None
    room.line.push()
    lane = room.line.lanes()[0]
    notices = [t["data"]["notice"] for t in room.line.server.tasks_of(lane.ls_project_id)]
    assert any("wrong label" in notice for notice in notices)


def test_a_rework_of_nobody_is_set_aside_and_nothing_of_the_passage_is_done(room, call, decide):
    passage = room.disagree()
    answer = decide(
        {
            "decisions": [],
            "notes": [{"passage": passage, "text": "Odd."}],
            "rework": [{"passage": passage, "versions": ["Z"], "reasons": [{"reason": "?"}]}],
        }
    )
    assert "called 'Z'" in answer["rejected"][0]["reason"]
    assert call("show", "first", passage)["notes"] == []


def test_a_passage_of_which_nothing_is_to_say_is_settled_by_its_name(room, call, decide):
    passage = room.agree(0)
    answer = decide({"decisions": [], "settle": [passage]})
    assert answer["submitted"] == 1
    again = decide({"decisions": [], "settle": [passage], "again": True})
    assert again["submitted"] == 1
    assert room.gold(passage) == [("PERSON", 0, 7, "unanimous")]


def test_what_is_settled_is_decided_anew_only_when_the_file_says_so(room, decide):
    passage = room.disagree()
    room.settle(passage)
    group = room.groups(passage)["label"]["group"]
    body = {"passage": passage, "group": group, "verdict": "reject", "reason": "wrong label"}
    (refused,) = decide([body])["rejected"]
    assert f"{RUTH} has settled this passage" in refused["reason"]
    assert decide({"decisions": [body], "again": True})["rejected"] == []


def test_answers_that_came_in_are_compared_before_anything_is_shown_or_decided(
    room, call, decide, monkeypatch
):
    passage = room.disagree()
    before = call("show", "first", passage)["revisions"]
    # A worker that died after it wrote the revisions, before it compared them.
    monkeypatch.setattr("app.jobs.agreement.follow", lambda *_: None)
    given = room.line.server.tasks_of(room.line.lanes()[1].ls_project_id)[0]["annotations"][0]
    room.line.server.edit_annotation(given["id"], result=[region("a", "PERSON", 0, 7)])
    room.sync()
    assert room.show(passage)["revisions"] == before
    told = call("show", "first", passage)
    assert told["revisions"] != before
    group = next(one["group"] for one in told["groups"] if one["kind"] == "missing")
    (refused,) = decide(
        [{"passage": passage, "group": group, "verdict": "accept", "seen": before}]
    )["rejected"]
    assert "anew" in refused["reason"]
