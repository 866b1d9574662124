"""`flask articles`: good files go in once, bad ones are set aside with their reason."""

from __future__ import annotations

import pytest

from app.models.articles import Article
from app.models.audit import Audit
from config import ROOT
from tests.line import article_text

QUOTE = "“We 😀 are glad to be back,” said Omar Teague of the ferry."
LAST = "The quay was dry, and the boats went out before noon."
TEXT = f"Harbour reopens\n\nBy Iris Vale\n\n{QUOTE}\n\n{LAST}"


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


def put(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def test_a_file_goes_in_and_can_be_shown(flask_command, folder):
    answer = flask_command("articles", "import", put(folder, "a.txt", TEXT), "--outlet", "Gull")
    assert (answer["imported"], answer["duplicates"], answer["rejected"]) == (1, 0, [])
    (article,) = answer["articles"]
    assert (article["title"], article["passages"]) == ("Harbour reopens", 3)
    shown = flask_command("articles", "show", article["uid"])
    assert shown["text"] == TEXT
    assert shown["byline"] == "Iris Vale"
    assert [role["role"] for role in shown["roles"]] == ["headline", "byline", "body", "body"]
    assert shown["roles"][0]["start"] == 0
    assert shown["roles"][-1]["end"] == len(TEXT)
    texts = [TEXT[p["start"] : p["end"]] for p in shown["passages"]]
    assert texts == ["Harbour reopens", QUOTE, LAST]
    marked = {s["id"]: (s["label"], TEXT[s["start"] : s["end"]]) for s in shown["suggestions"]}
    assert ("CUE", "said") in marked.values()
    assert ("QUOTE", "“We 😀 are glad to be back,”") in marked.values()
    (said_by,) = shown["relations"]
    assert (marked[said_by["from"]][0], said_by["label"]) == ("QUOTE", "said_by")
    assert marked[said_by["to"]][0] == "SPEAKER"
    assert marked[said_by["to"]][1].startswith("Omar Teague")


def test_importing_again_changes_nothing(flask_command, folder):
    path = put(folder, "a.txt", TEXT)
    first = flask_command("articles", "import", path)
    again = flask_command("articles", "import", path)
    assert (again["imported"], again["duplicates"], again["articles"]) == (0, 1, [])
    assert again["duplicate_articles"][0]["uid"] == first["articles"][0]["uid"]


def test_a_folder_is_walked_and_one_bad_file_never_stops_the_rest(flask_command, folder):
    put(folder, "good.txt", TEXT)
    put(folder, ".hidden.txt", TEXT)
    (folder / "deep").mkdir()
    put(folder / "deep", "too.txt", TEXT + "\n\nMore.")
    (folder / "link.txt").symlink_to(folder / "good.txt")
    bad = {
        "empty.txt": b"",
        "blank.txt": b" \n\t\n",
        "binary.txt": bytes(range(256)) * 20,
        "nul.txt": TEXT.encode() + b"\x00",
        "surrogate.txt": TEXT.encode() + b"\xed\xa0\x80" + "é".encode() * 10,
        "picture.png": b"\x89PNG\r\n\x1a\n",
    }
    for name, content in bad.items():
        put(folder, name, content)
    answer = flask_command("articles", "import", str(folder))
    assert answer["imported"] == 2
    assert {r["source"].rsplit("/", 1)[1] for r in answer["rejected"]} == set(bad)
    for rejected in answer["rejected"]:
        assert rejected["source"] in rejected["reason"]
        assert len(rejected["reason"]) > len(rejected["source"]) + 10


def test_a_file_of_50_mb_is_refused_without_being_read(flask_command, folder):
    path = folder / "huge.txt"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    (rejected,) = flask_command("articles", "import", str(path))["rejected"]
    assert "50,000,000 bytes" in rejected["reason"]
    assert "COPYDESK_MAX_ARTICLE_BYTES" in rejected["reason"]


def test_an_article_of_boilerplate_alone_is_set_aside(flask_command, folder):
    path = put(
        folder, "a.txt", "Watch: Ferry sinks off Harrow\n\nWatch: Mayor resigns over ferry\n"
    )
    answer = flask_command("articles", "import", path)
    assert answer["imported"] + len(answer["rejected"]) == 1


def test_strict_tells_by_its_exit_code(flask_command, folder):
    bad = put(folder, "empty.txt", b"")
    assert len(flask_command("articles", "import", bad)["rejected"]) == 1
    flask_command("articles", "import", bad, "--strict", exit_code=3)


def test_the_demo_articles_go_in_by_their_index(flask_command):
    index = str(ROOT / "seeds" / "articles" / "index.csv")
    answer = flask_command("articles", "import", "--index", index)
    assert answer["imported"] >= 12
    assert answer["rejected"] == []
    assert flask_command("articles", "import", "--index", index)["duplicates"] == answer["imported"]
    listed = flask_command("articles", "list")["articles"]
    assert len(listed) == answer["imported"]
    assert all(article["outlet"] for article in listed)


def test_an_index_with_bad_rows_names_each_row(flask_command, folder):
    put(folder, "a.txt", TEXT)
    index = put(
        folder,
        "index.csv",
        "file,outlet,published_at\na.txt,Gull,2026-01-05\nb.txt,Gull,\n../x.txt,Gull,\n"
        "a.txt,Gull,someday\n,Gull,\n",
    )
    answer = flask_command("articles", "import", "--index", index)
    assert answer["imported"] == 1
    assert [r["row"] for r in answer["rejected"]] == [3, 4, 5, 6]


@pytest.mark.parametrize("header", ["outlet\na\n", "file,colour\na,b\n", ""])
def test_an_index_with_a_wrong_header_is_refused(flask_command, folder, header):
    index = put(folder, "index.csv", header)
    error = flask_command("articles", "import", "--index", index, exit_code=1)["error"]
    assert error["kind"] == "invalid_input"
    assert index in error["message"]


def test_an_index_that_is_not_utf8_is_refused(flask_command, folder):
    index = put(folder, "index.csv", "file,outlet\né.txt,x\n".encode("cp1252"))
    assert (
        "UTF-8"
        in flask_command("articles", "import", "--index", index, exit_code=1)["error"]["message"]
    )


def test_an_external_id_with_another_text_is_a_correction(flask_command, folder):
    put(folder, "a.txt", TEXT)
    put(folder, "b.txt", TEXT + "\n\nAnother end was added to it on the day after.")
    index = put(folder, "index.csv", "file,external_id\na.txt,x1\nb.txt,x1\n")
    answer = flask_command("articles", "import", "--index", index)
    assert (answer["imported"], answer["updated"], answer["rejected"]) == (1, 1, [])
    assert answer["updated_articles"][0]["uid"] == answer["articles"][0]["uid"]
    again = flask_command("articles", "import", "--index", index)
    assert (again["imported"], again["updated"], again["duplicates"]) == (0, 0, 2)


def test_the_same_bytes_without_the_external_id_are_a_duplicate(flask_command, folder):
    path = put(folder, "a.txt", TEXT)
    flask_command(
        "articles", "import", "--index", put(folder, "i.csv", "file,external_id\na.txt,x\n")
    )
    assert flask_command("articles", "import", path)["duplicates"] == 1


def test_a_url_belongs_to_one_article(flask_command, folder):
    paths = [put(folder, "a.txt", TEXT), put(folder, "b.txt", TEXT + " ")]
    error = flask_command(
        "articles", "import", *paths, "--url", "https://x.example.org", exit_code=1
    )
    assert "--url" in error["error"]["message"]


def test_nothing_named_is_an_error(flask_command):
    assert flask_command("articles", "import", exit_code=1)["error"]["remedy"]


def test_an_unknown_uid_is_a_clear_error(flask_command):
    error = flask_command("articles", "show", "a-nothing", exit_code=1)["error"]
    assert error["kind"] == "not_found"
    assert error["remedy"]


def test_many_articles_go_in_by_several_transactions(flask_command, folder, store):
    for n in range(30):
        put(folder, f"{n}.txt", article_text(f"boats{n}", paragraphs=2))
    assert flask_command("articles", "import", str(folder))["imported"] == 30
    with store.reading() as session:
        assert session.query(Article).count() == 30
        assert session.query(Audit).filter_by(action="articles_imported").count() == 1


def test_people_read_words(flask_command, folder):
    path = put(folder, "a.txt", TEXT)
    said = flask_command.text("articles", "import", path, put(folder, "e.txt", b""))
    assert "1 imported" in said
    assert "rejected" in said
    uid = flask_command("articles", "list")["articles"][0]["uid"]
    assert "byline" in flask_command.text("articles", "show", uid)
    assert uid in flask_command.text("articles", "list")
