"""What leaves a trace is found; what two people can do alike is not held against them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.blindness import COPIED, PARENT, STRANGER, Region, Witness, find_signs

TEXT = "The greedy bankers of Northfold bullied pensioners, said Ada Venn."
ADA, BEN, CHLOE = 11, 12, 13
MEMBERS = {1: frozenset({ADA}), 2: frozenset({BEN})}
EARLY, LATE = "2026-01-01T10:00:00.000000Z", "2026-01-01T11:00:00.000000Z"


def region(
    key: str, words: str, *, since: str = EARLY, label: str = "X", raw: bool = False, **more: bool
) -> Region:
    start = TEXT.index(words)
    return Region(
        key if raw else named(key), "loaded", label, start, start + len(words), since, **more
    )


def named(key: str) -> str:
    """A name as Label Studio's page gives it."""
    return f"Zk3_pQ-x{ord(key[0]) % 10}{ord(key[-1]) % 10}"


def made(lane: int, *regions: Region, by: int | None = 0, has_parent: bool = False) -> Witness:
    who = {1: ADA, 2: BEN}[lane] if by == 0 else by
    return Witness(lane, lane, who, has_parent, regions)


def kinds(*witnesses: Witness) -> dict[int, list[str]]:
    found = find_signs(TEXT, MEMBERS, witnesses)
    return {key: [sign.kind for sign in signs] for key, signs in found.items()}


def test_two_who_mark_the_same_words_are_clean() -> None:
    assert kinds(made(1, region("a", "greedy")), made(2, region("b", "greedy"))) == {}


@pytest.mark.parametrize("who", [BEN, CHLOE, None])
def test_anybody_but_the_lanes_annotator_is_a_stranger(who: int | None) -> None:
    assert kinds(made(1, by=who)) == {1: [STRANGER]}


def test_a_copy_of_another_annotation_is_a_sign() -> None:
    assert kinds(made(1, has_parent=True), made(2)) == {1: [PARENT]}


def test_who_has_the_same_region_later_copied_it() -> None:
    first, later = region("a", "greedy"), region("a", "greedy", since=LATE)
    assert kinds(made(1, first), made(2, later)) == {2: [COPIED]}
    assert kinds(made(1, later), made(2, first)) == {1: [COPIED]}


def test_at_the_same_moment_both_are_kept_out() -> None:
    same = region("a", "greedy")
    assert kinds(made(1, same), made(2, same)) == {1: [COPIED], 2: [COPIED]}


def test_the_same_region_twice_in_one_lane_is_no_sign() -> None:
    same = region("a", "greedy")
    again = replace(made(1, same), key=9)
    assert kinds(made(1, same), again) == {}


def test_our_own_suggestions_are_apart() -> None:
    taken = region("a", "greedy", suggested=True)
    assert kinds(made(1, taken), made(2, taken)) == {}
    cut = region("b", "nker", suggested=True)
    assert kinds(made(1, cut), made(2, cut)) == {}


def test_borders_through_two_words_in_both_lanes_are_a_sign() -> None:
    one = made(1, region("a", "nker"))
    other = made(2, region("b", "nker", since=LATE))
    assert kinds(one, other) == {2: [COPIED]}
    (sign,) = find_signs(TEXT, MEMBERS, [one, other])[2]
    assert sign.reason == "2 borders in the middle of a word are the same as in lane 1."


def test_one_border_through_a_word_is_none() -> None:
    one, other = region("a", "banker"), region("b", "banker", since=LATE)
    assert kinds(made(1, one), made(2, other)) == {}


def test_other_labels_on_the_same_cut_words_are_none() -> None:
    one, other = region("a", "nker"), region("b", "nker", since=LATE, label="Y")
    assert kinds(made(1, one), made(2, other)) == {}


def test_the_reason_counts_the_regions() -> None:
    two = (region("a", "greedy"), region("b", "Ada Venn"))
    late = tuple(replace(one, since=LATE) for one in two)
    signs = find_signs(TEXT, MEMBERS, [made(1, *two), made(2, *late)])
    assert [sign.reason for sign in signs[2]] == ["2 regions carry the same id as in lane 1."]
    (sign,) = find_signs(TEXT, MEMBERS, [made(1, two[0]), made(2, late[0])])[2]
    assert sign.reason == "A region carries the same id as in lane 1."


words = st.sampled_from(["greedy", "bankers", "bullied", "nker", "Ada Venn", "The"])


@pytest.mark.parametrize("key", ["r1", "a", "region-001", "person0001", "Quote_0001", "abcdefghij"])
def test_names_that_a_program_gives_to_every_region_alike_tell_nothing(key: str) -> None:
    one, other = region(key, "greedy", raw=True), region(key, "greedy", since=LATE, raw=True)
    assert kinds(made(1, one), made(2, other)) == {}


@pytest.mark.parametrize("key", ["0Z1Fk_x-9a", "abcdefgHij", "4f9c01a7be"])
def test_names_by_chance_tell_it(key: str) -> None:
    one, other = region(key, "greedy", raw=True), region(key, "greedy", since=LATE, raw=True)
    assert kinds(made(1, one), made(2, other)) == {2: [COPIED]}


@given(st.lists(words), st.lists(words))
def test_who_works_alone_in_their_own_lane_is_always_clean(ada: list[str], ben: list[str]) -> None:
    """Whatever words they mark: unless both cut words in the same way."""
    one = made(
        1, *(region(f"a{n}", word, raw=True) for n, word in enumerate(ada) if word != "nker")
    )
    other = made(2, *(region(f"b{n}", word, raw=True) for n, word in enumerate(ben)))
    assert kinds(one, other) == {}


@given(st.lists(words, min_size=1), st.integers(0))
def test_a_copied_region_is_found_wherever_it_stands(marked: list[str], n: int) -> None:
    own = [region(f"Zk3_pQ-{n:03}", word, raw=True) for n, word in enumerate(marked)]
    copied = replace(own[n % len(own)], since=LATE)
    other = made(2, region("mine", "Northfold", since=LATE), copied)
    assert kinds(made(1, *own), other) == {2: [COPIED]}
