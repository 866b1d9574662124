"""`flask articles import` of every kind of file, its options, and the dry run."""

from __future__ import annotations

import json
import zipfile

import pytest
from sqlalchemy import func, select

from app.models.articles import Article
from app.models.audit import Audit
from tests.line import article_text

BODY = (
    "The quay was dry for years, and nobody in the town believed that it would ever open again.\n\n"
    "“We are glad,” said Omar Teague."
)
PAGE = (
    "<html><head><title>Harbour reopens</title><meta name='author' content='Iris Vale'></head>"
    "<body><article>"
    + "".join(
        f"<p>Paragraph {n} of the page says what the town said that day.</p>" for n in range(5)
    )
    + "</article></body></html>"
)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "plain.txt").write_text("Plain title\n\n" + BODY)
    (folder / "marked.md").write_text("# Marked *title*\n\n" + BODY)
    (folder / "page.html").write_text(PAGE)
    rows = [{"id": "r1", "title": "First row", "text": BODY}, {"id": "r2", "text": BODY + " End."}]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows) + "{\n")
    (folder / "table.csv").write_text(f'body,by\n"{BODY} Cell.",Iris Vale\n,\n')
    with zipfile.ZipFile(folder / "more.zip", "w") as archive:
        archive.writestr("zipped.txt", "Zipped title\n\n" + BODY)
        archive.writestr("../out.txt", BODY)
    (folder / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "out.txt").symlink_to("/etc/hostname")
    return folder


def counts(answer):
    return {key: answer[key] for key in ("imported", "updated", "duplicates", "rejected")}


def test_every_kind_goes_in_and_what_cannot_is_named_by_file_and_row(flask_command, folder):
    answer = flask_command("articles", "import", str(folder), "--outlet", "Gull")
    assert (answer["imported"], answer["duplicates"]) == (7, 0)
    refused = {(r["source"].rsplit("/", 1)[1], r["row"]) for r in answer["rejected"]}
    assert refused == {
        ("rows.jsonl", 3), ("table.csv", 3), ("out.txt", None), ("photo.png", None)
    }  # fmt: skip
    assert len(answer["rejected"]) == 5
    titles = {article["title"] for article in answer["articles"]}
    assert titles >= {"Plain title", "Marked title", "Harbour reopens", "First row", "Zipped title"}
    for article in answer["articles"]:
        shown = flask_command("articles", "show", article["uid"])
        assert shown["outlet"] == "Gull"
        assert shown["language"] == "en"
        assert (shown["story"], isinstance(shown["fixes"], list)) == (None, True)


def test_a_dry_run_tells_the_same_counts_and_changes_nothing(flask_command, folder, store):
    (folder / "again.txt").write_text("Plain title\n\n" + BODY)
    (folder / "rows2.jsonl").write_text('{"id": "r1", "text": "Another text of it."}\n')
    told = flask_command("articles", "import", str(folder), "--dry-run")
    assert told["dry_run"] is True
    with store.reading() as session:
        assert session.scalar(select(func.count(Article.id))) == 0
        assert session.scalar(select(func.count()).where(Audit.action == "articles_imported")) == 0
    done = flask_command("articles", "import", str(folder))
    assert counts(told) == counts(done)
    again = flask_command("articles", "import", str(folder), "--dry-run")
    assert (again["imported"], again["duplicates"]) == (
        0,
        done["imported"] + done["updated"] + done["duplicates"],
    )
    assert counts(flask_command("articles", "import", str(folder))) == counts(again)


def test_options_fill_what_the_files_do_not_say(flask_command, folder):
    words = (
        "articles", "import", str(folder / "rows.jsonl"), "--section", "port", "--byline", "Desk",
        "--date", "2026-01-05", "--language", "en", "--story", "harbour",
    )  # fmt: skip
    uid = flask_command(*words)["articles"][0]["uid"]
    shown = flask_command("articles", "show", uid)
    assert (shown["section"], shown["byline"], shown["story"]) == ("port", "Desk", "harbour")
    assert shown["published_at"].startswith("2026-01-05")
    assert "Story: harbour" in flask_command.text("articles", "show", uid)


def test_a_column_of_another_name_is_mapped(flask_command, folder):
    words = ("articles", "import", str(folder / "table.csv"))
    answer = flask_command(*words, "--map", "byline=by")
    (article,) = answer["articles"]
    assert flask_command("articles", "show", article["uid"])["byline"] == "Iris Vale"
    assert flask_command(*words, "--map", "text=words")["rejected"][0]["row"] == 1


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--map", "text", "does not say which column"),
        ("--map", "mood=x", "'mood' is not a field"),
        ("--encoding", "rot13", "not the name of an encoding"),
        ("--date", "someday", "is not a date"),
        ("--language", "x" * 17, "language has 17 characters"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused(flask_command, folder, option, value, said):
    words = ("articles", "import", str(folder / "plain.txt"), option, value)
    error = flask_command(*words, exit_code=1)["error"]
    assert error["message"].startswith(option)
    assert said in error["message"]
    assert error["remedy"]


@pytest.mark.parametrize("name", ["rows.jsonl", "more.zip", ""])
def test_a_title_is_said_of_one_article(flask_command, folder, name):
    words = ("articles", "import", str(folder / name), "--title", "Quay")
    assert "--title" in flask_command(*words, exit_code=1)["error"]["message"]


def test_a_title_that_was_said_becomes_the_headline(flask_command, folder):
    answer = flask_command("articles", "import", str(folder / "plain.txt"), "--title", "The Quay")
    (article,) = answer["articles"]
    shown = flask_command("articles", "show", article["uid"])
    assert shown["text"].startswith("The Quay\n\nPlain title")
    assert article["title"] == "The Quay"


def test_an_encoding_is_taken_at_its_word(flask_command, folder):
    (folder / "polish.txt").write_bytes(("Łódź\n\nZażółć " + BODY).encode("iso8859-2", "ignore"))
    words = ("articles", "import", str(folder / "polish.txt"), "--encoding", "iso-8859-2")
    (article,) = flask_command(*words)["articles"]
    assert article["title"] == "Łódź"


def test_another_language_is_pointed_out_and_imported(flask_command, folder):
    french = "Le ministre a dit lundi que le port serait de nouveau ouvert au printemps prochain."
    (folder / "fr.txt").write_text("Le port ouvre\n\n" + french)
    answer = flask_command("articles", "import", str(folder / "fr.txt"))
    assert answer["other_languages"] == {"fr": 1}
    uid = answer["articles"][0]["uid"]
    assert flask_command("articles", "show", uid)["language"] == "fr"
    assert "where en is expected" in flask_command.text("articles", "show", uid)
    (folder / "fr2.txt").write_text("Le port\n\n" + french)
    assert "fr 1" in flask_command.text("articles", "import", str(folder / "fr2.txt"))


def test_an_index_knows_all_fields_and_only_single_articles(flask_command, folder):
    index = folder.parent / "index.csv"
    index.write_text(
        "file,title,byline,language,story,external_id\n"
        "in/plain.txt,The Quay,Ben Hale,de,harbour,x1\nin/rows.jsonl,,,,,\n"
    )
    answer = flask_command("articles", "import", "--index", str(index))
    shown = flask_command("articles", "show", answer["articles"][0]["uid"])
    assert (shown["byline"], shown["language"], shown["story"]) == ("Ben Hale", "de", "harbour")
    ((row, reason),) = [(r["row"], r["reason"]) for r in answer["rejected"]]
    assert row == 3
    assert "holds many articles" in reason


def test_a_row_that_cannot_be_used_is_named_with_the_others_read(flask_command, folder):
    rows = [
        {"text": BODY, "date": "someday"},
        {"text": BODY, "outlet": "o" * 201},
        {"text": "a\0b"},
        {"text": "Watch: Ferry sinks off Harrow"},
        {"text": BODY},
    ]
    (folder / "odd.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    answer = flask_command("articles", "import", str(folder / "odd.jsonl"))
    assert answer["imported"] + len(answer["rejected"]) == 5
    assert [r["row"] for r in answer["rejected"]][:3] == [1, 2, 3]
    assert all(r["reason"].startswith(f"row {r['row']}") for r in answer["rejected"])


def test_a_file_that_cannot_be_opened_is_refused(flask_command, folder):
    (folder / "loop").symlink_to(folder / "loop")
    answer = flask_command("articles", "import", str(folder), "--dry-run")
    assert any("leads out of the folder" in r["reason"] for r in answer["rejected"])


def test_many_are_counted_and_not_all_listed(flask_command, folder, monkeypatch):
    monkeypatch.setattr("app.cli.intake.MOST_LISTED", 2)
    for n in range(5):
        (folder / f"many{n}.txt").write_bytes(article_text(f"boats{n}", paragraphs=2))
    answer = flask_command("articles", "import", str(folder))
    assert answer["imported"] == 12
    assert len(answer["articles"]) == 2
    assert len(answer["rejected"]) == 2
    assert answer["not_listed"] == 10 + 3
    assert "more, not listed" in flask_command.text("articles", "import", str(folder))
