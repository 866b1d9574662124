"""The rules of thumb behind simulated annotators."""

from hypothesis import given
from hypothesis import strategies as st

from local.findings import find

TEXT = "“We won’t pay this death tax,” said Ada Lovelace of the Tenants’ Party in Riverton."


def _slices(text: str) -> set[tuple[str, str]]:
    return {(one.label, text[one.start : one.end]) for one in find(text)}


def test_quote_cue_speaker_names_and_loaded_terms_are_found() -> None:
    assert _slices(TEXT) == {
        ("QUOTE", "“We won’t pay this death tax,”"),
        ("CUE", "said"),
        ("SPEAKER", "Ada Lovelace"),
        ("PERSON", "Ada Lovelace"),
        ("ORG", "Tenants’ Party"),
        ("GPE", "Riverton"),
        ("LOADED_TERM", "death tax"),
    }


def test_offsets_count_code_points_after_an_emoji() -> None:
    assert ("QUOTE", "“No 😀 way,”") in _slices("😀😀 “No 😀 way,” she said.")


def test_a_quote_that_is_never_closed_ends_with_the_passage() -> None:
    assert ("QUOTE", "“It goes on") in _slices("He said: “It goes on")


def test_a_plain_word_that_opens_a_sentence_is_no_name() -> None:
    assert _slices("Voters stayed home. Rain fell.") == set()


@given(st.text(max_size=200))
def test_every_finding_is_a_stretch_of_the_text(text: str) -> None:
    for one in find(text):
        assert 0 <= one.start < one.end <= len(text)
