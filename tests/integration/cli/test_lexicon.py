"""`flask lexicon`: terms in by a file, the balance out, suggestions renewed at once."""

from __future__ import annotations

import pytest

ARTICLE = "Council meets\n\nThe gobbledygook went on."
BANK = "surface,topic,leans\ngobbledygook,any,none\nx,any,none\n"


@pytest.fixture
def bank(tmp_path):
    def write(text):
        path = tmp_path / "bank.csv"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_an_import_renews_the_articles_that_are_there(flask_command, bank, tmp_path):
    (tmp_path / "a.txt").write_text(ARTICLE)
    (article,) = flask_command("articles", "import", str(tmp_path / "a.txt"))["articles"]
    answer = flask_command("lexicon", "import", bank(BANK), "--as", "admin@example.org")
    assert (answer["version"], answer["added"], answer["articles_renewed"]) == (2, 1, 1)
    assert answer["rejected"] == [
        {"row": 3, "reason": "row 3: the wording 'x' needs two letters and no space around it."}
    ]
    (term,) = flask_command("articles", "show", article["uid"])["suggestions"]
    assert (term["label"], term["attrs"]["term"]) == ("LOADED_TERM", "gobbledygook")
    again = flask_command("lexicon", "import", bank(BANK))
    assert (again["version"], again["unchanged"], again["articles_renewed"]) == (2, 1, 0)


def test_rows_set_aside_fail_a_strict_import_only(flask_command, bank):
    flask_command("lexicon", "import", bank(BANK), "--strict", exit_code=3)
    assert "1 set aside" in flask_command.text("lexicon", "import", bank(BANK))


def test_the_balance_of_the_bank_is_told_by_topic_and_lean(flask_command):
    answer = flask_command("lexicon", "check", "--strict")
    assert answer["version"] == 1
    assert answer["terms"] >= 200
    assert answer["topics"] == len(answer["balance"]) >= 8
    assert answer["balanced"]
    assert answer["faults"] == answer["rejected"] == []
    for leans in answer["balance"].values():
        assert leans.get("left") == leans.get("right")
        assert leans.get("state") == leans.get("opposition")
    text = flask_command.text("lexicon", "check")
    assert "= migration" in text
    assert "Nothing is worth mending." in text


def test_a_file_is_checked_without_being_imported(flask_command, bank):
    lopsided = bank("surface,topic,leans,mirror_of\nfat cat,pay,left,boss\nx,pay,right,\n")
    answer = flask_command("lexicon", "check", lopsided, "--strict", exit_code=3)
    assert answer["version"] is None
    assert not answer["balanced"]
    assert answer["balance"] == {"pay": {"left": 1}}
    assert {"term": "fat-cat", "reason": "its mirror 'boss' is not in the bank."} in answer[
        "faults"
    ]
    assert answer["rejected"][0]["row"] == 3
    text = flask_command.text("lexicon", "check", lopsided)
    assert "≠ pay" in text
    assert "worth mending: the topic 'pay' has 1 left, 0 right." in text
    assert flask_command("lexicon", "check")["version"] == 1


@pytest.mark.parametrize("command", ["import", "check"])
def test_a_file_that_is_none_is_refused_with_what_to_do(flask_command, bank, command, monkeypatch):
    answer = flask_command("lexicon", command, bank("word\nregime\n"), exit_code=1)
    assert answer["error"]["kind"] == "bad_term"
    assert "It may name: id, surface" in answer["error"]["remedy"]
    monkeypatch.setattr("app.cli.lexicon._LARGEST_FILE", 3)
    answer = flask_command("lexicon", command, bank("surface,topic\n"), exit_code=1)
    assert "larger than a term bank may be" in answer["error"]["message"]
