"""`flask batches create`: doubled parts, quotas, control slices, lanes elsewhere, and a dry run."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.keys import TokenVault
from app.models.tasks import Task
from app.services.connections import save_connection
from labeling.studio.fake_server import LEGACY_TOKEN
from tests.integration.cli.test_batches import create
from tests.line import ADA, BEN, CHLOE


@pytest.fixture
def dealt(flask_command, articles, connection):
    """Create a batch for three annotators out of twelve passages."""

    def make(*words, exit_code=0):
        people = (ADA, BEN, CHLOE)
        return create(flask_command, *words, annotators=people, exit_code=exit_code)

    return make


def test_a_dry_run_shows_the_deal_and_makes_nothing(dealt, flask_command):
    answer = dealt("--overlap", "2", "--control", "25", "--dry-run")
    assert answer["dry_run"] is True
    assert (answer["passages"], answer["tasks"]) == (12, 24)
    deal = answer["deal"]
    assert deal["control"] == 3
    assert [(lane["annotator"], lane["tasks"]) for lane in deal["lanes"]] == [
        (email, 8) for email in (ADA, BEN, CHLOE)
    ]
    # Three passages, each seen by two; which of them it is depends on their uids.
    assert sum(lane["control"] for lane in deal["lanes"]) == 6
    assert sum(pair["passages"] for pair in deal["pairs"]) == 12
    assert [(one["stratum"], one["passages"], one["tasks"]) for one in deal["strata"]] == [
        ("Gull · news", 6, {ADA: 4, BEN: 4, CHLOE: 4}),
        ("Heron · news", 6, {ADA: 4, BEN: 4, CHLOE: 4}),
    ]
    assert flask_command("batches", "list") == {"batches": []}


def test_what_is_made_is_what_was_shown(dealt, flask_command):
    words = ("--double", "50", "--quota", f"{ADA}=4", "--control", "25")
    shown = dealt(*words, "--dry-run")
    made = dealt(*words)
    assert made["lanes"] == shown["lanes"]
    assert made["tasks"] == shown["tasks"] == 18
    assert [lane["tasks"] for lane in made["lanes"]] == [4, 7, 7]


def test_the_control_slice_is_the_same_in_every_lane_of_a_passage(dealt, store):
    dealt("--overlap", "3", "--control", "25")
    with store.reading() as session:
        rows = session.execute(select(Task.passage_id, Task.suggested)).all()
    without = {passage for passage, suggested in rows if not suggested}
    assert len(without) == 3
    assert all((passage in without) != suggested for passage, suggested in rows)


def test_a_lane_can_be_on_a_connection_of_its_own(dealt, flask_command, store, settings):
    with store.transaction() as session:
        save_connection(
            session,
            TokenVault(settings),
            name="second",
            url="http://second.example.org",
            token=LEGACY_TOKEN,
            actor="system",
        )
    dealt("--deal", "blind", "--connection", "studio", "--lane", f"{BEN}=second")
    lanes = flask_command("batches", "show", "first")["lanes"]
    assert [lane["connection"] for lane in lanes] == ["studio", "second", "studio"]


def test_who_looks_after_it_until_when_and_why_is_kept(dealt, flask_command):
    words = ("--owner", "Desk@Example.org", "--due", "2027-01-31", "--note", " For the pilot. ")
    dealt(*words)
    shown = flask_command("batches", "show", "first")
    assert (shown["owner"], shown["due"], shown["note"]) == (
        "desk@example.org",
        "2027-01-31",
        "For the pilot.",
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--quota", f"{ADA}=13"], "cannot get 13 tasks"),
        (["--quota", "zoe@example.org=1"], "takes no part"),
        (["--deal", "shared", "--double", "10"], "neither quotas nor a doubled part"),
        (["--overlap", "2", "--double", "10"], "cannot both"),
        (["--lane", "zoe@example.org=studio"], "takes no part"),
        (["--lane", f"{ADA}=elsewhere"], "no connection 'elsewhere'"),
        (["--deal", "shared", "--lane", f"{ADA}=studio"], "one lane"),
        (["--owner", "nobody"], "not an e-mail"),
    ],
)
@pytest.mark.parametrize("dry", [["--dry-run"], []])
def test_a_deal_that_cannot_be_is_refused_with_a_remedy(dealt, flask_command, words, said, dry):
    error = dealt(*words, *dry, exit_code=1)["error"]
    assert said in error["message"]
    assert error["remedy"]
    assert flask_command("batches", "list") == {"batches": []}


@pytest.mark.parametrize(
    "words",
    [
        ["--quota", ADA],
        ["--quota", f"{ADA}=many"],
        ["--quota", "=3"],
        ["--lane", ADA],
        ["--lane", f"{ADA}="],
        ["--due", "tomorrow"],
        ["--control", "101"],
    ],
)
def test_what_is_not_well_formed_is_a_usage_error(runner, words):
    args = ["batches", "create", "x", "--annotator", ADA, *words]
    assert runner.invoke(args=args).exit_code == 2


def test_people_see_the_deal_in_tables(dealt, runner):
    people = [word for email in (ADA, BEN, CHLOE) for word in ("--annotator", email)]
    words = ["--double", "50", "--control", "25", "--dry-run"]
    shown = runner.invoke(args=["batches", "create", "x", *people, *words]).stdout
    assert "6 passages go to two annotators, the rest to one." in shown
    assert "3 passages go out without suggestions." in shown
    assert "Gull · news" in shown
    assert f"{ADA}, {BEN}" in shown
    assert "Leave out --dry-run" in shown
