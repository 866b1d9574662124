"""`flask agreement show` and `flask agreement file`."""

from __future__ import annotations

import json

import pytest

from app.models.agreement import Agreement
from app.queries.agreement import week_of
from tests.integration.agreement.answers import region, say
from tests.integration.agreement.exports import annotation, export, span, tone
from tests.line import ADA, BEN

on_sqlite = pytest.mark.parametrize("store_kind", ["sqlite"], indirect=True)
FIGURES = ("f1_exact", "f1_iou50", "f1_partial", "alpha_token")


def call(runner, *words, exit_code=0):
    result = runner.invoke(args=["agreement", *words, "--json"])
    assert result.exit_code == exit_code, result.output
    return json.loads(result.stdout)


def ask(runner, files, *words, **more):
    return call(runner, "file", files[0], "--config", files[1], *words, **more)


@pytest.fixture
def files(tmp_path):
    """Forty tasks of two annotators who agree on one span of two and on three tones of four."""
    tasks = []
    for n in range(40):
        ada = annotation(5, span("a", "A", 0, 3), span("b", "B", 8, 13), tone("calm"))
        ben = annotation(
            {"id": 7, "email": BEN},
            span("a", "A", 0, 3), span("b", "B", 8, 12), tone("loud" if n % 4 else "calm"),
        )  # fmt: skip
        tasks.append(([ada, ben], {"article": f"x{n // 2}"}))
    return export(tmp_path, tasks)


@on_sqlite
def test_an_export_is_compared_without_a_row(runner, files):
    found = ask(runner, files)
    assert found["annotators"] == ["5", BEN]
    assert found["passages"] == 40
    marks, tones = found["layers"]["mark"], found["layers"]["tone"]
    assert marks["n_spans"] == 160
    assert marks["f1_exact"] == {"value": 0.5, "ci95": [0.5, 0.5], "n": 160}
    assert marks["f1_iou50"]["value"] == 1
    assert marks["f1_partial"]["value"] == 0.75
    assert marks["pairs"] == [{"a": "5", "b": BEN, "n": 40, "f1_exact": marks["f1_exact"]}]
    assert marks["kinds"] == {"agreed": 40, "boundary": 40}
    assert tones["n"] == 40
    assert tones["percent"]["value"] == 0.25
    assert (found["set_aside"], found["unreadable"]) == (0, 0)


@on_sqlite
def test_skips_drafts_and_older_answers_do_not_count(runner, tmp_path):
    tasks = [
        (
            [
                annotation(1, span("a", "A", 0, 3), updated_at="2026-01-02T00:00:00Z"),
                annotation(1, span("a", "B", 0, 3), updated_at="2026-01-01T00:00:00Z"),
                annotation(2, span("a", "A", 0, 3)),
                annotation(3, was_cancelled=True),
            ],
            {},
        )
    ] * 20
    found = ask(runner, export(tmp_path, tasks))
    assert found["annotators"] == ["1", "2"]
    assert found["layers"]["mark"]["f1_exact"]["value"] == 1


@on_sqlite
def test_what_cannot_be_read_is_counted_and_strict_says_so(runner, tmp_path):
    good = ([annotation(1, span("a", "A", 0, 3)), annotation(2)], {})
    odd = ([annotation(1, span("a", "A", 0, 300)), annotation(2)], {})
    files = export(tmp_path, [good, odd])
    assert ask(runner, files)["set_aside"] == 1
    ask(runner, files, "--strict", exit_code=3)
    result = runner.invoke(args=["agreement", "file", files[0], "--config", files[1]])
    assert "1 items of results" in result.stdout
    assert "too few" in result.stdout


@on_sqlite
def test_rules_change_what_is_the_same_thing(runner, tmp_path, files):
    rules = tmp_path / "rules.json"
    rules.write_text('{"min_iou": 0.9}')
    kinds = ask(runner, files, "--rules", str(rules))["layers"]["mark"]["kinds"]
    assert kinds == {"agreed": 40, "missing": 80}


@on_sqlite
@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("rules.json", b"[]", "invalid_input"),
        ("rules.json", b"{", "invalid_input"),
        ("rules.json", b'{"min_iou": 7}', "bad_scheme"),
        ("export.json", b"\xff\xfe\xff", "invalid_input"),
        ("export.json", b"{}", "bad_export"),
        ("config.xml", b"<View", "bad_scheme"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_clearly(runner, tmp_path, files, name, content, kind):
    (tmp_path / "rules.json").write_text("{}")
    (tmp_path / name).write_bytes(content)
    words = ("--rules", str(tmp_path / "rules.json"))
    error = ask(runner, files, *words, exit_code=1)["error"]
    assert error["kind"] == kind
    assert error["remedy"]


@on_sqlite
def test_the_words_for_people_hold_every_figure(runner, files):
    result = runner.invoke(args=["agreement", "file", files[0], "--config", files[1]])
    for name in (*FIGURES, "percent", "kappa", BEN, "40 agreed, 40 boundary"):
        assert name in result.stdout


def test_show_tells_what_the_last_sync_brought(line, runner):
    for task in range(5):
        say(line, 0, task, region("a", "PERSON", 0, 3), region("b", "ORG", 4, 7))
        say(line, 1, task, region("a", "PERSON", 0, 3), region("b", "PERSON", 4, 7))
    line.sync()
    found = call(runner, "show", "first")
    assert found["annotators"] == [ADA, BEN]
    assert found["passages"] == 5
    entity = found["layers"]["entity"]
    assert entity["n_spans"] == 20
    assert entity["f1_exact"]["reason"] == "too few"
    assert entity["alpha_token"]["ci95"] is not None
    assert entity["kinds"] == {"agreed": 5, "label": 5}
    assert [(pair["a"], pair["b"], pair["n"]) for pair in entity["pairs"]] == [(ADA, BEN, 5)]
    assert found["layers"]["quote"]["f1_exact"]["reason"] == "nothing marked"
    assert "entity" in runner.invoke(args=["agreement", "show", "first"]).stdout


def test_a_batch_without_answers_has_figures_that_say_so(line, runner):
    found = call(runner, "show", "first")
    assert (found["annotators"], found["passages"]) == ([], 0)
    assert found["layers"]["entity"]["f1_exact"]["reason"] == "nobody to compare with"
    assert line.count(Agreement) == 1


@on_sqlite
def test_no_such_batch(runner):
    error = call(runner, "show", "nothing", exit_code=1)["error"]
    assert error["kind"] == "not_found"


def test_a_week_begins_on_monday():
    assert week_of("2026-11-24") == week_of("2026-11-23") == week_of("2026-11-29") == "2026-11-23"
