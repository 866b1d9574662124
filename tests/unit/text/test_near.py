"""Sketches are the same everywhere, and bands are those that datasketch would choose."""

from __future__ import annotations

import random

import pytest
from datasketch import MinHashLSH
from hypothesis import given
from hypothesis import strategies as st

from labeling.text.near import BANDS, FEWEST, ROWS, likeness, share_of, shingles_of, sketch_of

TEXT = "“We were never asked,” said the harbour master, who’d kept the log for eleven years."
LONG = " ".join(f"word{n}" for n in range(12_000))


def test_the_bands_are_those_for_a_similarity_of_a_fifth() -> None:
    chosen = MinHashLSH(threshold=0.2, num_perm=128)
    assert (chosen.b, chosen.r) == (BANDS, ROWS)


def test_a_sketch_is_the_same_on_every_machine() -> None:
    sketch = sketch_of(TEXT)
    assert sketch.words_sha[:12] == "0d1663de9611"
    assert sketch.signature[:6].hex() == "bb0c3e0b86e2"
    assert sketch.bands[:2] == (3341956034819634842, 6126430993885221532)
    assert len(sketch.bands) == BANDS


@pytest.mark.parametrize(
    "other",
    [
        TEXT.upper(),
        TEXT.replace("“", '"').replace("”", '"').replace("’", "'"),
        TEXT.replace(" ", "\u00a0\n"),
    ],
)
def test_case_quotes_and_spaces_make_no_difference(other: str) -> None:
    assert sketch_of(other) == sketch_of(TEXT)


def test_composed_and_decomposed_letters_are_equal() -> None:
    assert sketch_of("caf\u00e9 " * 3) == sketch_of("cafe\u0301 " * 3)


def test_a_text_too_short_to_compare_has_no_bands() -> None:
    short = " ".join(f"w{n}" for n in range(FEWEST + 1))
    assert len(shingles_of(short)) == FEWEST - 1
    assert sketch_of(short).bands == ()
    assert sketch_of(f"{short} more").bands != ()
    assert sketch_of("🙂 — “”").words_sha == ""


def test_a_long_text_is_permuted_in_parts_to_the_same_end() -> None:
    assert len(shingles_of(LONG)) > 8192
    assert likeness(sketch_of(LONG).signature, sketch_of(LONG + " end").signature) > 0.98


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_the_likeness_of_signatures_is_near_the_real_one(seed: int, part: float) -> None:
    told = random.Random(seed)
    words = [f"w{told.randrange(10_000)}" for _ in range(400)]
    other = words[: int(400 * part)] + [f"v{told.randrange(10_000)}" for _ in range(300)]
    one, two = " ".join(words), " ".join(other)
    a, b = shingles_of(one), shingles_of(two)
    real = len(a & b) / len(a | b)
    assert abs(likeness(sketch_of(one).signature, sketch_of(two).signature) - real) < 0.25
    assert share_of(a, b) == share_of(b, a)
    assert real <= share_of(a, b) <= 1


def test_nothing_is_like_nothing() -> None:
    assert likeness(b"", b"") == 0
    assert share_of(frozenset(), frozenset({1})) == 0
