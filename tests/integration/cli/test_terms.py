"""`flask terms show` finds every occurrence, in its voice, and says what became of it."""

from __future__ import annotations

import json

import pytest

from app.services.articles import ArticleFields, prepare_article, store_article
from tests.line import ADA, Line

TEXT = """Ministers argue over the death tax

The death tax is back, and the DEATH TAX divides the house.

“It is a death tax,” said Ann Bell of Quay Watch, who has opposed it for many years now."""

CONFIG = """<View>
  <Labels name="loaded" toName="text"><Label value="LOADED_TERM"/></Labels>
  <Text name="text" value="$text"/>
</View>"""


@pytest.fixture
def line(settings, store):
    line = Line(settings, store)
    prepared = prepare_article(
        TEXT.encode(), source="a.txt", fields=ArticleFields(outlet="Gull"), max_bytes=100_000
    )
    with store.transaction() as session:
        line.article = store_article(session, prepared).uid
    yield line
    line.queue.close()


@pytest.fixture
def show(app):
    """Run `flask terms show` and give its answer."""

    def run(*words, exit_code=0):
        result = app.test_cli_runner().invoke(args=["terms", "show", *words, "--json"])
        assert result.exit_code == exit_code, result.output
        return json.loads(result.stdout)

    return run


def test_every_occurrence_is_told_with_its_voice(line, show):
    answer = show("death tax")
    assert (answer["term"], answer["total"]) == ("death tax", 4)
    told = [(one["match"], one["voice"]) for one in answer["occurrences"]]
    assert told == [
        ("death tax", "headline"),
        ("death tax", "outlet"),
        ("DEATH TAX", "outlet"),
        ("death tax", "quoted"),
    ]
    assert {one["article"] for one in answer["occurrences"]} == {line.article}
    for one in answer["occurrences"]:
        assert set(one) == {
            "article", "passage", "start", "end", "left", "match", "right", "voice", "state",
        }  # fmt: skip
        assert one["end"] - one["start"] == len(one["match"])


def test_a_limit_cuts_the_list_and_not_the_total(line, show, app):
    answer = show("death tax", "--limit", "2")
    assert (len(answer["occurrences"]), answer["total"]) == (2, 4)
    result = app.test_cli_runner().invoke(args=["terms", "show", "death tax"])
    assert "4 occurrences." in result.output


def test_what_annotators_and_reviewers_said_is_told(line, store, show):
    from app.services.schemes import import_scheme

    with store.transaction() as session:
        import_scheme(session, name="terms", config=CONFIG, guideline="", actor="system")
    line.add_batch("b", scheme="terms", annotators=(ADA,), articles=(line.article,))
    line.push("b")
    assert {one["state"] for one in show("ministers")["occurrences"]} == {"unlabeled"}
    (lane,) = line.lanes("b")
    task = next(
        task
        for task in line.server.tasks_of(lane.ls_project_id)
        if task["data"]["text"].startswith("Ministers")
    )
    value = {"start": 0, "end": 9, "labels": ["LOADED_TERM"]}
    item = {"id": "r", "from_name": "loaded", "to_name": "text", "type": "labels", "value": value}
    line.server.annotate(task["id"], [item])
    line.sync("b")
    assert {one["state"] for one in show("ministers")["occurrences"]} == {"annotated"}
    from datetime import UTC, datetime

    from app.services.accounts import create_user
    from app.services.deciding import submit
    from app.services.reviews import open_review

    passage = show("ministers")["occurrences"][0]["passage"]
    who = {"actor": "ruth@example.org", "now": datetime.now(UTC)}
    with store.transaction() as session:
        create_user(session, email="ruth@example.org", role="reviewer", actor="system")
        open_review(session, "b", passage, **who)
        submit(session, "b", passage, **who)
    (one,) = show("ministers")["occurrences"]
    assert (one["state"], one["voice"]) == ("decided", "headline")


def test_a_term_of_the_bank_is_suggested_before_anybody_looked(line, show):
    assert show("no such words")["total"] == 0
    states = {one["state"] for one in show("death tax")["occurrences"]}
    assert states <= {"suggested", "unlabeled"}


def test_a_blank_term_is_refused(line, show):
    assert "blank" in show(" ", exit_code=1)["error"]["message"]
