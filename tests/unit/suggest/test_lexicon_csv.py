"""Term banks as files: what is good is read, what is not is told by its row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.suggest import lexicon_csv
from labeling.suggest.lexicon_csv import COLUMNS, read_terms, write_terms
from labeling.suggest.lexicon_terms import (
    CASES,
    LEANS,
    PARTS,
    STATUSES,
    TYPES,
    Term,
    TermError,
    key_of,
    make_term,
)


def read(text):
    return read_terms(text.encode(), source="bank.csv")


def test_a_file_is_read_with_its_lists_and_defaults():
    file = read(
        "\ufeffsurface,topic,variants,neutral_alternatives\n"
        'death tax,economy,estate levy; grave tax;,"estate tax; inheritance tax"\n'
    )
    (term,) = file.terms
    assert (term.key, term.surface, term.status) == ("death-tax", "death tax", "active")
    assert term.variants == ("estate levy", "grave tax")
    assert term.alternatives == ("estate tax", "inheritance tax")
    assert file.faults == ()
    assert file.columns == {"key", "surface", "topic", "variants", "alternatives"}


def test_a_bad_row_is_set_aside_and_the_rest_is_read():
    file = read(
        "surface,topic,type,case,status,leans,pos\n"
        "regime,t,naming,any,active,none,noun\n"
        "x,t,naming,any,active,none,noun\n"
        "crony,,naming,any,active,none,noun\n"
        "rant,t,shouting,any,active,none,noun\n"
        "rave,t,naming,any,active,centre,noun\n"
        "rave,t,naming,any\n"
        "rave,t,naming,any,active,none,noun,more\n"
        "Regime,t,naming,any,active,none,noun\n"
        "bombshell,t,naming,any,active,none,noun\n"
    )
    assert [term.key for term in file.terms] == ["regime", "bombshell"]
    assert [(fault.row, fault.reason.split(": ", 1)[1]) for fault in file.faults] == [
        (3, "the wording 'x' needs two letters and no space around it."),
        (4, "topic is empty; it says what the term is about."),
        (5, "type 'shouting' is none of naming, emotive, euphemism, intensity, presupposing."),
        (6, "leans 'centre' is none of left, right, state, opposition, none."),
        (7, "it has more or fewer cells than the header names columns."),
        (8, "it has more or fewer cells than the header names columns."),
        (9, "the id 'regime' stands above already."),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no column surface, topic"),
        ("surface\n", "has no column topic"),
        ("surface,topic,mood\n", "names 'mood'"),
        ("surface,topic,topic\n", "names a column twice"),
        ('"surface,topic\n', "row 1 cannot be read"),
    ],
)
def test_a_header_that_is_not_one_is_refused_with_what_it_may_name(text, message):
    with pytest.raises(TermError, match=message):
        read(text)


def test_a_file_that_is_not_utf_8_is_refused():
    with pytest.raises(TermError, match="not UTF-8"):
        read_terms(b"surface,topic\n\xff\xfe,t\n", source="bank.csv")


def test_an_open_quote_ends_the_reading_with_its_row():
    file = read('surface,topic\nregime,t\n"crony,t\nrant,t\n')
    assert [term.key for term in file.terms] == ["regime"]
    assert file.faults[0].row == 3
    assert "No row after it was read" in file.faults[0].reason


def test_a_file_beyond_all_measure_is_read_up_to_the_limit(monkeypatch):
    monkeypatch.setattr(lexicon_csv, "MOST_ROWS", 2)
    file = read("surface,topic\nregime,t\ncrony,t\nrant,t\n")
    assert len(file.terms) == 2
    assert "room for 2 terms" in file.faults[-1].reason


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"surface": "re\ngime"}, "surface holds a line end"),
        ({"surface": "regime", "key": "No Key"}, "lower-case letters"),
        ({"surface": "регіме"}, "lower-case letters"),
        ({"surface": "r" * 121}, "surface has 121 characters"),
        ({"surface": "regime", "variants": ("a" * 121,)}, "too long"),
        ({"surface": "regime", "variants": tuple(f"word {n}" for n in range(41))}, "room for 40"),
        ({"surface": "regime", "mirror_of": "regime"}, "its own mirror"),
        ({"surface": "regime", "case": "some"}, "case 'some' is none of"),
        ({"surface": "regime", "part": "prefix"}, "part 'prefix' is none of"),
        ({"surface": "regime", "status": "gone"}, "status 'gone' is none of"),
    ],
)
def test_a_term_that_cannot_be_used_is_refused_with_the_field(values, message):
    with pytest.raises(TermError, match=message):
        make_term({"topic": "t", **values})


def test_a_key_is_made_of_letters_and_digits():
    assert key_of("Pro-life, the Müller’s way!") == "pro-life-the-mullers-way"


wording = st.text("abc ABC’-é,\"'", min_size=2, max_size=12).map(str.strip).filter(
    lambda text: sum(char.isalnum() for char in text) >= 2
)  # fmt: skip
terms = st.builds(
    Term,
    key=st.text("abc-12", min_size=1).map(lambda text: "k" + text),
    surface=wording,
    variants=st.lists(wording, unique=True, max_size=3).map(tuple),
    part=st.sampled_from(PARTS),
    case=st.sampled_from(CASES),
    type=st.sampled_from(TYPES),
    topic=wording,
    leans=st.sampled_from(LEANS),
    about=wording,
    alternatives=st.lists(wording, unique=True, max_size=3).map(tuple),
    note=wording,
    mirror_of=st.just("other"),
    status=st.sampled_from(STATUSES),
)


@given(st.lists(terms, unique_by=lambda term: term.key, max_size=5))
def test_what_is_written_reads_back(bank):
    file = read(write_terms(bank))
    assert file.terms == tuple(bank)
    assert file.faults == ()
    assert file.columns == set(COLUMNS.values())
