"""Names from a list and from titles, where an annotator would mark them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import ROOT
from labeling.suggest import gazetteer
from labeling.suggest.gazetteer import GazetteerSuggester, Name, read_names
from labeling.suggest.interface import Document, Suggester
from labeling.suggest.lexicon_terms import TermError
from labeling.types import Block, Role

BROUGHT = read_names((ROOT / "seeds" / "gazetteer" / "names.csv").read_bytes(), source="names.csv")
SUGGESTER = GazetteerSuggester(
    [Name("Norland", "GPE"), Name("Bank of Norland", "ORG", ("BoN",)), Name("Tarn Beck", "LOC")]
)


def found(text, suggester=SUGGESTER):
    said = suggester.suggest(Document(text, ()))
    return [(text[s.start : s.end], s.label) for s in said.spans]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("😀 In Norland’s capital", [("Norland", "GPE")]),
        ("the Bank of Norland, or BoN", [("Bank of Norland", "ORG"), ("BoN", "ORG")]),
        ("norland, Norlander, NORLAND", []),
        ("along the Tarn\u00a0Beck", [("Tarn\u00a0Beck", "LOC")]),
        ("said Mr Omar Teague", [("Omar Teague", "PERSON")]),
        ("Prime Minister Ada Orr’s plan", [("Ada Orr", "PERSON")]),
        ("Lord Mayor Ann Bell", [("Ann Bell", "PERSON")]),
        ("Sen. J. R. Smith-Jones spoke", [("J. R. Smith-Jones", "PERSON")]),
        ("Gen Bob de la Cruz", [("Bob de la Cruz", "PERSON")]),
        ("Dr O’Brien", [("O’Brien", "PERSON")]),
        ("Dr. Émile Zürn", [("Émile Zürn", "PERSON")]),
        ("Mr Teague. The quay", [("Teague", "PERSON")]),
        ("Minister Of State", []),
        ("General Election", []),
        ("Undr Mr orr", []),
        ("mr Orr", []),
    ],
)
def test_names_are_found_as_the_guideline_marks_them(text, names):
    assert found(text) == names


def test_who_had_a_title_is_known_again_by_the_surname():
    text = "Mr Omar Teague came. Teague left; Teagues did not. The Teague\u00a0plan."
    assert [words for words, _ in found(text)] == ["Omar Teague", "Teague", "Teague"]
    scores = [s.score for s in SUGGESTER.suggest(Document(text, ())).spans]
    assert scores[0] > scores[1] == scores[2]


def test_a_surname_within_a_listed_name_is_left_to_that_name():
    text = "Mr Beck fell into the Tarn Beck."
    assert found(text) == [("Beck", "PERSON"), ("Tarn Beck", "LOC")]


def test_an_empty_list_leaves_the_titles():
    assert found("Mr Orr of Norland", GazetteerSuggester([])) == [("Orr", "PERSON")]


def test_only_what_becomes_passages_is_looked_at():
    text = "By Mr Orr\n\nIn Norland"
    blocks = (Block(Role.BYLINE, 0, 11, ""), Block(Role.BODY, 11, len(text), ""))
    said = SUGGESTER.suggest(Document(text, blocks))
    assert [text[s.start : s.end] for s in said.spans] == ["Norland"]


def test_the_list_that_is_brought_along_is_sound():
    assert BROUGHT.faults == ()
    assert len({name.name for name in BROUGHT.names}) == len(BROUGHT.names) > 400
    assert {name.label for name in BROUGHT.names} <= {"GPE", "LOC", "NORP", "ORG", "EVENT", "WORK"}
    suggester = GazetteerSuggester(BROUGHT.names)
    assert isinstance(suggester, Suggester)
    assert found("the U.S. Senate, Germans and the EU", suggester) == [
        ("U.S.", "GPE"), ("Senate", "ORG"), ("Germans", "NORP"), ("EU", "ORG"),
    ]  # fmt: skip


def test_another_list_is_another_run():
    assert GazetteerSuggester([]).config_sha != SUGGESTER.config_sha


@given(st.text(st.sampled_from("Mr Orr.’'- \nDé😀NorlandABab"), max_size=60))
def test_spans_are_in_order_disjoint_and_hold_words(text):
    spans = SUGGESTER.suggest(Document(text, ())).spans
    assert all(0 <= s.start < s.end <= len(text) for s in spans)
    assert all(one.end <= two.start for one, two in pairwise(spans))
    assert all(text[s.start].isalpha() and not text[s.end - 1].isspace() for s in spans)


def test_a_file_of_names_is_read_with_the_row_of_every_fault():
    rows = ("name,label,variants", "Norland,GPE,The Realm; N.", "nope,GPE,", "X,GPE,", "Orland,,")
    file = read_names("\n".join([*rows, "Orland,GPE"]).encode(), source="names.csv")
    assert file.names == ()
    assert [fault.row for fault in file.faults] == [2, 3, 4, 5, 6]
    assert "needs two letters" in file.faults[0].reason
    assert "has no capital" in file.faults[1].reason
    good = read_names(b"label,name\nGPE,Norland\n", source="names.csv")
    assert good.names == (Name("Norland", "GPE"),)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"name\nNorland\n", "must name the columns name and label"),
        (b"name,label,mood\n", "must name the columns name and label"),
        (b"name,label\n\xff\xfe,GPE\n", "cannot be read"),
        (b'name,label\n"' + b"x" * 200_000 + b'",GPE\n', "cannot be read"),
    ],
)
def test_a_file_that_is_none_is_refused(data, message):
    with pytest.raises(TermError, match=message):
        read_names(data, source="names.csv")


def test_there_is_an_end_to_the_names(monkeypatch):
    monkeypatch.setattr(gazetteer, "MOST_NAMES", 1)
    file = read_names(b"name,label\nNorland,GPE\nOrland,GPE\n", source="names.csv")
    assert len(file.names) == 1
    assert "no room for more names" in file.faults[0].reason


def test_a_first_name_before_a_known_surname_belongs_to_it():
    text = "Mrs Oake swam. “Cold,” said Beryl Oake, 74. Yesterday Oake won, and Oake's duck too."
    assert [words for words, _ in found(text)] == ["Oake", "Beryl Oake", "Oake", "Oake"]
