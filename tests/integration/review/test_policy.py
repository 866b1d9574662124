"""How a batch is reviewed is set by an admin, written down, and has its effects."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from app.models.audit import Audit
from app.models.batches import Batch
from labeling.decisions import REASONS
from tests.integration.review.room import RUTH
from tests.line import ADA, BEN

USUAL = {"majority": False, "calibration": False, "second": 0, "reasons": list(REASONS)}


@pytest.fixture
def call(app):
    """Run a command with ``--json`` and give its answer."""
    runner = app.test_cli_runner()

    def run(*words, exit_code=0):
        result = runner.invoke(args=[*words, "--json"])
        assert result.exit_code == exit_code, result.output
        return json.loads(result.stdout)

    run.plain = lambda *words: runner.invoke(args=[*words]).output
    return run


def test_a_batch_is_reviewed_in_the_usual_way_until_somebody_changes_it(room, call):
    assert call("review", "policy", "first") == {"batch": "first", **USUAL}
    changed = call(
        "review", "policy", "first", "--majority", "--second", "12.5",
        "--reason", "missed", "--reason", "too vague", "--as", RUTH,
    )  # fmt: skip
    told = {
        "majority": True,
        "calibration": False,
        "second": 12.5,
        "reasons": ["missed", "too vague"],
    }
    assert changed == {"batch": "first", **told}
    # What is not named stays as it is.
    assert call("review", "policy", "first", "--second", "20")["majority"]
    assert call("batches", "show", "first")["review"] == {**told, "second": 20}
    assert call("review", "policy", "first", "--default-reasons")["reasons"] == list(REASONS)
    text = call.plain("review", "policy", "first")
    assert "Second look: 20 %" in text
    assert "may be accepted at once" in text


def test_each_change_is_written_down_with_what_was_before_and_no_change_is_none(room, call):
    call("review", "policy", "first", "--calibration", "--as", RUTH)
    call("review", "policy", "first", "--calibration", "--as", RUTH)
    with room.store.reading() as session:
        (row,) = session.scalars(select(Audit).where(Audit.action == "review_policy_changed"))
    assert (row.actor, row.object) == (RUTH, "batch:first")
    assert (row.detail["before"]["calibration"], row.detail["after"]["calibration"]) == (
        False,
        True,
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--majority", "--calibration"), "calibration cannot"),
        (("--reason", "missed", "--reason", "missed"), "named once"),
        (("--reason", " "), "1 to 80"),
        (("--second", "nan"), "between 0 and 100"),
    ],
)
def test_what_does_not_fit_together_is_refused_and_changes_nothing(room, call, words, said):
    refused = call("review", "policy", "first", *words, exit_code=1)
    assert said in refused["error"]["message"]
    assert call("review", "policy", "first") == {"batch": "first", **USUAL}


def test_an_unknown_or_archived_batch_is_not_changed(room, call):
    refused = call("review", "policy", "nowhere", "--majority", exit_code=1)
    assert refused["error"]["kind"] == "not_found"
    with room.store.transaction() as session:
        session.scalars(select(Batch)).one().state = "archived"
    refused = call("review", "policy", "first", "--majority", exit_code=1)
    assert "archived" in refused["error"]["message"]


def test_a_new_batch_says_how_it_will_be_reviewed(room, call):
    room.line.add_article("kites")
    call(
        "batches", "create", "strict", "--scheme", "small", "--annotator", ADA,
        "--review-calibration", "--review-second", "50", "--review-reason", "unclear",
    )  # fmt: skip
    told = {"majority": False, "calibration": True, "second": 50, "reasons": ["unclear"]}
    assert call("review", "policy", "strict") == {"batch": "strict", **told}
    refused = call(
        "batches", "create", "both", "--scheme", "small", "--annotator", ADA,
        "--review-calibration", "--review-majority", exit_code=1,
    )  # fmt: skip
    assert refused["error"]["kind"] == "bad_decision"


def test_majorities_are_accepted_at_once_where_the_policy_allows_it(room, call):
    passage = room.two_of_three()
    words = ("review", "accept-majorities", "three", passage, "--as", RUTH)
    refused = call(*words, exit_code=1)
    assert "not accepted all at once" in refused["error"]["message"]
    call("review", "policy", "three", "--majority")
    assert call(*words) == {"batch": "three", "passage": passage, "accepted": 1, "open": []}
    (group,) = call("review", "show", "three", passage)["groups"]
    assert (group["majority"], group["decision"]["bulk"]) == (group["decision"]["version"], True)


def test_in_calibration_no_majority_is_shown_and_each_version_is_chosen_by_name(
    room, call, tmp_path
):
    passage = room.two_of_three()
    call("review", "policy", "three", "--calibration")
    (group,) = call("review", "show", "three", passage)["groups"]
    assert group["majority"] is None

    def decide(**said):
        path = tmp_path / "decisions.json"
        one = {"passage": passage, "group": group["group"], "verdict": "accept", **said}
        path.write_text(json.dumps([one]))
        return call("review", "decide", "three", "--file", str(path), "--as", RUTH)

    (refused,) = decide()["rejected"]
    assert "say which version" in refused["reason"]
    wanted = next(one["version"] for one in group["versions"] if one["label"] == "PERSON")
    assert decide(version=wanted)["submitted"] == 1
    # Once it is settled, everybody may see what most said.
    assert call("review", "show", "three", passage)["groups"][0]["majority"] is not None


def test_the_share_of_second_looks_is_drawn_by_the_seed_alone(room, call):
    passages = [room.agree(n) for n in range(4)]
    samples = [room.item(uid).sample for uid in passages]
    middle = sorted(samples)[2]
    call("review", "policy", "first", "--second", str(middle / 100))
    assert call("review", "accept-unanimous", "first", "--as", RUTH)["settled"] == 4
    states = {uid: room.item(uid).state for uid in passages}
    drawn = {uid for uid, sample in zip(passages, samples, strict=True) if sample < middle}
    assert len(drawn) == 2
    assert {uid for uid, state in states.items() if state == "second"} == drawn
    # Another batch of the same seed would draw the same passages.
    room.line.add_batch("twin", annotators=(ADA, BEN), overlap=2)
    room.line.push("twin")
    users = {user.email: user.id for user in room.line.server.users}
    for lane in room.line.lanes("twin"):
        for task in room.line.server.tasks_of(lane.ls_project_id):
            who = users[(ADA, BEN)[lane.n - 1]]
            room.line.server.annotate(task["id"], [], completed_by=who)
    room.line.sync("twin")
    assert {uid: room.item(uid, "twin").sample for uid in passages} == dict(
        zip(passages, samples, strict=True)
    )
