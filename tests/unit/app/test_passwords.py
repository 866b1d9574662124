"""Which passwords are refused: the short ones, the long ones, and the first anybody would try."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidInputError
from app.services.passwords import LONGEST, SHORTEST, check_new

EMAIL = "nora.quill@gazette.example.org"


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Password1234!",
        "P@ssw0rd2026!!",
        "passwordpassword",
        "qwertyuiop123",
        "123456789012",
        "aaaaaaaaaaaa",
        "abcabcabcabcabc",
        "abcdefghijklm",
        "letmeinletmein",
        "correcthorsebatterystaple",
        "noraquill2026",
        "Nora.Quill.Gazette!",
        "copydesk-admin-1",
        "newsroom newsroom",
        "summer2026summer",
        "iloveyou!iloveyou!",
        "111111222222333333",
        "            ",
    ],
)
def test_a_guessable_password_is_refused(password):
    with pytest.raises(InvalidInputError, match="too easy to guess"):
        check_new(password, email=EMAIL)


@pytest.mark.parametrize(
    "password",
    [
        "plum gravel teapot 41",
        "kestrel over wet slate",
        "vJ8#qLz2!mTw",
        "Zwölf Boxkämpfer jagen",
        "пять синих лодок у моста",
        "🚲🌧️ twelve quiet bicycles",
        "my correct tadpole umbrella",
    ],
)
def test_an_unusual_password_is_taken(password):
    assert check_new(password, email=EMAIL)


@pytest.mark.parametrize("length", [0, 1, SHORTEST - 1, LONGEST + 1, 5000])
def test_a_password_of_the_wrong_length_is_refused_with_the_limits(length):
    with pytest.raises(InvalidInputError, match=f"{SHORTEST} to {LONGEST}"):
        check_new(("v7#kQzM!pL2w" * 500)[:length], email=EMAIL)


def test_one_password_typed_on_two_keyboards_is_one_password():
    composed, decomposed = "caf\u00e9 lantern mist", "cafe\u0301 lantern mist"
    assert check_new(composed, email=EMAIL) == check_new(decomposed, email=EMAIL)


@given(st.text(max_size=200))
def test_any_text_is_either_taken_or_refused_in_words(password):
    try:
        taken = check_new(password, email=EMAIL)
    except InvalidInputError as err:
        taken, remedy = None, err.remedy
    assert remedy if taken is None else SHORTEST <= len(taken) <= LONGEST


@given(st.text(alphabet="0123456789!?. -", min_size=SHORTEST, max_size=40))
def test_digits_and_signs_around_a_common_word_do_not_save_it(decoration):
    few_kinds = decoration[:2] * 3
    with pytest.raises(InvalidInputError):
        check_new(f"password{few_kinds}", email=EMAIL)
