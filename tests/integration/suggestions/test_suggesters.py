"""Who suggests is set on the command line; a change renews what is there."""

from __future__ import annotations

import pytest
import spacy

from app.models.audit import Audit
from app.models.jobs import Job, JobState
from app.queries.jobs import get_job
from app.services.lexicon import set_muted
from app.services.suggesting import renew_if_outdated, request_renewal
from tests.integration.cli.conftest import Commands
from tests.line import Line

ARTICLE = "Norland votes\n\nMr Omar Teague of Quayhaven spoke about the regime and its cronies."


@pytest.fixture
def flask_command(runner):
    return Commands(runner)


@pytest.fixture
def line(settings, store):
    line = Line(settings, store)
    yield line
    line.queue.close()


def entities(flask_command, uid):
    shown = flask_command("articles", "show", uid)
    return {
        (s["label"], shown["text"][s["start"] : s["end"]])
        for s in shown["suggestions"]
        if s["label"] in ("PERSON", "GPE", "LOC", "ORG")
    }


def test_the_suggesters_that_are_asked_are_listed(flask_command):
    answer = flask_command("suggesters", "list")
    assert [one["name"] for one in answer["suggesters"]] == ["quotes", "lexicon", "gazetteer"]
    assert all(one["version"] for one in answer["suggesters"])
    assert "quotes" in flask_command.text("suggesters", "list")


def test_one_is_turned_off_and_on_again(flask_command, add_article):
    uid = add_article(ARTICLE)
    assert ("PERSON", "Omar Teague") in entities(flask_command, uid)
    off = flask_command("suggesters", "set", "gazetteer", "--off", "--as", "admin@example.org")
    assert off == {"suggester": "gazetteer", "enabled": False, "articles_renewed": 1}
    assert entities(flask_command, uid) == set()
    flask_command("suggesters", "set", "gazetteer", "--on")
    assert ("PERSON", "Omar Teague") in entities(flask_command, uid)


def test_nobody_of_an_unknown_name_can_be_set(flask_command):
    answer = flask_command("suggesters", "set", "nothing", "--on", exit_code=1)
    assert answer["error"]["kind"] == "not_found"
    assert "quotes" in answer["error"]["remedy"]


def test_names_of_a_file_are_known_from_then_on(flask_command, add_article, tmp_path, store):
    uid = add_article(ARTICLE)
    file = tmp_path / "names.csv"
    file.write_text("name,label\nQuayhaven,GPE\nx,GPE\n")
    answer = flask_command("suggesters", "names", str(file), "--strict", exit_code=3)
    assert (answer["names"], answer["articles_renewed"]) == (1, 1)
    assert answer["rejected"][0]["row"] == 3
    assert ("GPE", "Quayhaven") in entities(flask_command, uid)
    file.write_text("name,label\nNorland,GPE\n")
    assert "Names: 1; rows set aside: 0" in flask_command.text("suggesters", "names", str(file))
    assert ("GPE", "Quayhaven") not in entities(flask_command, uid)
    assert ("GPE", "Norland") in entities(flask_command, uid)
    file.write_text("name,label\n")
    assert flask_command("suggesters", "names", str(file))["names"] == 0
    with store.reading() as session:
        assert session.query(Audit).filter(Audit.object == "suggester:gazetteer").count() == 3


def test_a_list_of_names_beyond_all_measure_is_refused(flask_command, tmp_path, monkeypatch):
    monkeypatch.setattr("app.cli.suggesters._LARGEST_FILE", 3)
    file = tmp_path / "names.csv"
    file.write_text("name,label\n")
    answer = flask_command("suggesters", "names", str(file), exit_code=1)
    assert "larger than a list of names may be" in answer["error"]["message"]


def test_spacy_is_set_by_an_installed_pipeline(flask_command, add_article, tmp_path):
    uid = add_article(ARTICLE)
    pipeline = spacy.blank("en")
    ruler = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "LOC", "pattern": "Quayhaven"}])
    pipeline.to_disk(tmp_path / "rules")
    missing = flask_command("suggesters", "set", "spacy", "--on", exit_code=1)
    assert "--pipeline NAME" in missing["error"]["remedy"]
    unknown = ("suggesters", "set", "spacy", "--on", "--pipeline", "nothing_sm")
    assert flask_command(*unknown, exit_code=1)["error"]["kind"] == "spacy_missing"
    assert ("LOC", "Quayhaven") not in entities(flask_command, uid)
    flask_command("suggesters", "set", "spacy", "--on", "--pipeline", str(tmp_path / "rules"))
    assert ("LOC", "Quayhaven") in entities(flask_command, uid)
    assert "spacy" in flask_command.text("suggesters", "list")


def test_a_pipeline_that_has_gone_is_recorded_and_blocks_no_import(
    flask_command, add_article, tmp_path
):
    spacy.blank("en").to_disk(tmp_path / "rules")
    flask_command("suggesters", "set", "spacy", "--on", "--pipeline", str(tmp_path / "rules"))
    (tmp_path / "rules" / "meta.json").unlink()
    (tmp_path / "rules" / "config.cfg").unlink()
    flask_command("suggesters", "set", "quotes", "--off")
    uid = add_article(ARTICLE)
    assert ("PERSON", "Omar Teague") in entities(flask_command, uid)
    listed = {one["name"]: one for one in flask_command("suggesters", "list")["suggesters"]}
    assert listed["spacy"]["problems"] == 1


def test_suggestions_are_renewed_on_demand(flask_command, store, add_article):
    add_article(ARTICLE)
    with store.transaction() as session:
        set_muted(session, "regime", muted=True, actor="system")
    assert flask_command("suggesters", "renew") == {"articles_renewed": 1}
    assert "0 articles renewed." in flask_command.text("suggesters", "renew")


def test_a_job_renews_what_a_change_on_the_page_made_outdated(line):
    line.add_article("boats")
    line.add_article("quays")
    with line.store.transaction() as session:
        set_muted(session, "regime", muted=True, actor="system")
        job = request_renewal(session, line.queue, actor="admin@example.org")
        assert request_renewal(session, line.queue, actor="admin@example.org").id == job.id
    ended = line.run(job)
    assert (ended.state, ended.result) == (JobState.SUCCEEDED, {"articles": 2})
    assert ended.done == ended.total == 2
    with line.store.reading() as session:
        assert get_job(session, ended.id).title == "New suggestions"


def test_an_update_plans_the_job_only_when_something_is_outdated(line):
    def plan():
        with line.store.transaction() as session:
            return renew_if_outdated(session, line.queue, actor="system")

    assert plan() is None
    line.add_article("boats")
    assert plan() is None
    with line.store.transaction() as session:
        set_muted(session, "regime", muted=True, actor="system")
    assert plan().name == "suggest_v1"
    assert line.count(Job) == 1
