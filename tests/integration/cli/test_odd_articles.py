"""Odd names, cells and fields: each is set aside with its reason, and the rest goes in."""

from __future__ import annotations

import json
import os
import threading

import pytest
from sqlalchemy import func, select

from app.models.articles import Article
from app.services.articles import ArticleFields, prepare_article, store_article
from app.services.batches import BatchPlan, create_batch
from app.services.intake import Ready, store_group
from tests.line import ADA, article_text


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a", "b", "c"):
        (folder / f"{name}.txt").write_bytes(article_text(name, paragraphs=2))
    return folder


def by_index(flask_command, folder, text):
    (folder / "index.csv").write_bytes(text.encode())
    return flask_command("articles", "import", "--index", str(folder / "index.csv"))


def test_a_name_that_is_not_utf8_is_imported_all_the_same(flask_command, folder, store):
    odd = os.fsencode(folder) + b"/caf\xe9.txt"
    with open(odd, "wb") as file:  # noqa: PTH123 - a name of bytes
        file.write(article_text("odd", paragraphs=2))
    with open(os.fsencode(folder) + b"/bad\xe9.txt", "wb"):  # noqa: PTH123
        pass
    answer = flask_command("articles", "import", str(folder))
    assert answer["imported"] == 4
    (rejected,) = answer["rejected"]
    assert "bad\N{REPLACEMENT CHARACTER}.txt" in rejected["source"]
    assert "bad\N{REPLACEMENT CHARACTER}.txt" in rejected["reason"]
    with store.reading() as session:
        sources = session.scalars(select(Article.source)).all()
    assert any(source.endswith("caf\N{REPLACEMENT CHARACTER}.txt") for source in sources)
    assert "bad\N{REPLACEMENT CHARACTER}" in flask_command.text("articles", "import", str(folder))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("b\0.txt,,,,", "is not a file beside the index"),
        ("x" * 300 + ".txt,,,,", "is not a file beside the index"),
        ("b.txt,o\0,,,", "outlet holds a NUL"),
        ("b.txt," + "o" * 201 + ",,,", "outlet has 201 characters"),
        ("b.txt,," + "s" * 201 + ",,", "section has 201 characters"),
        ("b.txt,,," + "u" * 2001 + ",", "url has 2,001 characters"),
        ("b.txt,,,," + "e" * 501, "external_id has 501 characters"),
        ("b.txt," + "x" * 200_000 + ",,,", "field larger than field limit"),
    ],
)
def test_a_row_that_cannot_be_stored_is_named_and_the_others_go_in(
    flask_command, folder, row, said
):
    text = f"file,outlet,section,url,external_id\na.txt,,,,\n{row}\nc.txt,{'o' * 200},,,\n"
    answer = by_index(flask_command, folder, text)
    assert answer["imported"] == 2
    (rejected,) = answer["rejected"]
    assert rejected["row"] == 3
    assert rejected["reason"].startswith("row 3: ")
    assert said in rejected["reason"]


def test_a_reader_that_has_lost_its_place_says_where_it_stopped(flask_command, folder):
    text = 'file,outlet\na.txt,Gull\nb.txt,"' + "x" * 200_000 + "\nc.txt,Gull\n"
    answer = by_index(flask_command, folder, text)
    assert answer["imported"] == 1
    (rejected,) = answer["rejected"]
    assert rejected["reason"].startswith("row 3: ")
    assert "No row after it was read." in rejected["reason"]


def test_a_first_row_that_cannot_be_read_is_refused(flask_command, folder):
    (folder / "index.csv").write_text("x" * 200_000)
    words = ("articles", "import", "--index", str(folder / "index.csv"))
    assert flask_command(*words, exit_code=1)["error"]["kind"] == "invalid_input"


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:00:00-05:00"])
def test_a_date_beyond_the_calendar_is_no_date(flask_command, folder, date):
    answer = by_index(flask_command, folder, f"file,published_at\na.txt,{date}\nb.txt,\n")
    assert answer["imported"] == 1
    assert "is not a date" in answer["rejected"][0]["reason"]


@pytest.mark.parametrize("option", ["--outlet", "--section", "--url", "--title", "--byline"])
@pytest.mark.parametrize("value", ["x" * 2001, "a\0b", "\udce9"])
def test_an_option_that_cannot_be_stored_is_refused(flask_command, folder, option, value):
    words = ("articles", "import", str(folder / "a.txt"), option, value)
    error = flask_command(*words, exit_code=1)["error"]
    assert error["kind"] == "invalid_input"
    assert error["message"].startswith(option)
    assert flask_command("articles", "list")["articles"] == []


def test_one_bad_article_does_not_lose_its_group(store, settings, folder):
    # What the door would refuse: only the store notices it here.
    fields = {"a": ArticleFields(), "b": ArticleFields(outlet="\ud800"), "c": ArticleFields()}
    group = [
        Ready(name, None, prepare_article(
            (folder / f"{name}.txt").read_bytes(), source=name, fields=given, max_bytes=10_000
        ))
        for name, given in fields.items()
    ]  # fmt: skip
    with store.transaction() as session:
        outcomes = store_group(session, group)
    assert [one.state for one in outcomes] == ["new", "rejected", "new"]
    assert "cannot be stored" in outcomes[1].reason
    with store.reading() as session:
        assert session.scalar(select(func.count(Article.id))) == 2


def hold(store, act):
    """Do something in a transaction that ends only a moment after this returns."""
    done, go_on = threading.Event(), threading.Event()

    def run():
        with store.transaction() as session:
            act(session)
            done.set()
            go_on.wait(0.8)

    thread = threading.Thread(target=run)
    thread.start()
    assert done.wait(20)
    return thread


def test_an_article_that_another_import_brings_just_now_is_a_duplicate(
    flask_command, folder, store
):
    path = folder / "b.txt"
    prepared = prepare_article(
        path.read_bytes(), source="b", fields=ArticleFields(), max_bytes=10_000
    )
    thread = hold(store, lambda session: store_article(session, prepared))
    answer = flask_command("articles", "import", str(folder))
    thread.join()
    assert (answer["imported"], answer["duplicates"], answer["rejected"]) == (2, 1, [])


def test_a_batch_that_somebody_makes_just_now_is_a_conflict(
    flask_command, folder, connection, store
):
    flask_command("articles", "import", str(folder))
    plan = BatchPlan("first", "news", ("ben@example.org",))
    thread = hold(store, lambda session: create_batch(session, plan, actor="system"))
    result = flask_command.runner.invoke(
        args=["batches", "create", "first", "--annotator", ADA, "--json"]
    )
    thread.join()
    assert result.exit_code == 1, result.exception
    assert json.loads(result.stdout)["error"]["kind"] == "conflict"
