"""Roles and bounds by hand: what is not touched stays, and corrections keep what was done."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.errors import EditError
from labeling.text.blocks import blocks_of
from labeling.text.byhand import (
    BOUNDS,
    GIVEN,
    Layout,
    carry_bounds,
    carry_roles,
    merge_with_next,
    set_role,
    split_at,
)
from labeling.text.cuts import FARTHEST, Cut, cuts_of
from labeling.types import PASSAGE_ROLES, Role

HEAD = "Harbour to close in March"
FIRST = "The quay was empty by nine, and nobody answered the harbour master’s call. She paused."
TINY = "He left."
SECOND = "“We were never asked,” said Ana Torv, who has kept the log for eleven years."
LAST = "Boats are still moored at the northern quay, where the lamps are lit."


def article(*paragraphs: str) -> tuple[str, Layout]:
    text = "\n\n".join([HEAD, "By Iris Vale", *paragraphs])
    blocks = blocks_of(text)
    return text, Layout(blocks, tuple(cuts_of(text, blocks)))


def texts(text: str, layout: Layout) -> list[str]:
    return [text[cut.start : cut.end] for cut in layout.cuts]


def block_index(text: str, layout: Layout, words: str) -> int:
    return next(n for n, b in enumerate(layout.blocks) if words in text[b.start : b.end])


def test_a_block_that_becomes_boilerplate_is_no_passage_any_more() -> None:
    text, layout = article(FIRST, SECOND, LAST)
    edited = set_role(text, layout, block_index(text, layout, SECOND), Role.BOILERPLATE)
    assert texts(text, edited) == [HEAD, FIRST, LAST]
    assert edited.blocks[3].reason == GIVEN
    back = set_role(text, edited, 3, Role.BODY)
    assert texts(text, back) == texts(text, layout)


def test_a_byline_that_becomes_body_is_a_passage() -> None:
    text, layout = article(FIRST, LAST)
    edited = set_role(text, layout, 1, Role.BODY)
    assert texts(text, edited) == [HEAD, "By Iris Vale", FIRST, LAST]


def test_only_the_passages_of_the_block_are_cut_anew() -> None:
    text, layout = article(FIRST, TINY, SECOND, LAST)
    assert texts(text, layout)[2] == f"{TINY}\n\n{SECOND}"
    apart = split_at(text, layout, 1, len(FIRST) - len("She paused."))
    edited = set_role(text, apart, block_index(text, layout, TINY), Role.DATELINE)
    assert texts(text, edited) == [
        HEAD,
        FIRST.removesuffix(" She paused."),
        "She paused.",
        SECOND,
        LAST,
    ]


def test_a_border_moved_into_the_next_paragraph_is_cut_anew_with_both() -> None:
    text, layout = article(SECOND, TINY)
    moved = split_at(text, layout, 1, len(SECOND) + 3)
    assert texts(text, moved)[1:] == [f"{SECOND}\n\nH", "e left."]
    edited = set_role(text, moved, 2, Role.DEK)
    assert texts(text, edited)[1:] == [SECOND, TINY]


def test_a_passage_is_merged_with_the_next_one() -> None:
    text, layout = article(FIRST, SECOND, LAST)
    edited = merge_with_next(text, layout, 1)
    assert texts(text, edited) == [HEAD, f"{FIRST}\n\n{SECOND}", LAST]
    assert edited.cuts[1].reason == BOUNDS


@pytest.mark.parametrize("index", [0, 2])
def test_a_passage_is_not_merged_with_another_role_or_with_nothing(index: int) -> None:
    text, layout = article(FIRST, LAST)
    with pytest.raises(EditError):
        merge_with_next(text, layout, index)


def test_a_passage_is_not_merged_across_a_block() -> None:
    text, layout = article(FIRST, "Advertisement", LAST)
    with pytest.raises(EditError, match="nothing between"):
        merge_with_next(text, layout, 1)


def test_a_merged_passage_is_not_longer_than_a_task_may_be() -> None:
    text, layout = article("“" + "We wait. " * 500, "“" + "They wait. " * 400)
    with pytest.raises(EditError, match=f"{FARTHEST:,}"):
        merge_with_next(text, layout, 1)


def test_a_passage_is_split_before_a_character() -> None:
    text, layout = article(FIRST, LAST)
    edited = split_at(text, layout, 1, FIRST.index("She"))
    assert texts(text, edited) == [HEAD, FIRST.removesuffix(" She paused."), "She paused.", LAST]
    assert merge_with_next(text, edited, 1).cuts[1] == replace(layout.cuts[1], reason=BOUNDS)


@pytest.mark.parametrize("at", [-3, 0, len(FIRST), len(FIRST) + 40])
def test_a_passage_is_not_split_into_nothing(at: int) -> None:
    text, layout = article(FIRST, LAST)
    with pytest.raises(EditError, match="two parts"):
        split_at(text, layout, 1, at)


EDITS = st.lists(
    st.tuples(st.sampled_from(["role", "merge", "split"]), st.integers(0, 12), st.integers(0, 90)),
    max_size=8,
)
PARTS = st.lists(
    st.sampled_from([FIRST, SECOND, TINY, LAST, "Advertisement", "Read more: The boats"]),
    min_size=1,
    max_size=7,
)


def edited_by(kind: str, text: str, layout: Layout, index: int, at: int) -> Layout:
    if kind == "role":
        role = list(Role)[at % len(Role)]
        return set_role(text, layout, index % len(layout.blocks), role)
    if not layout.cuts:
        return layout
    if kind == "merge":
        return merge_with_next(text, layout, index % len(layout.cuts))
    return split_at(text, layout, index % len(layout.cuts), at)


@given(PARTS, EDITS)
def test_after_any_edits_passages_are_disjoint_and_cover_what_they_should(
    parts: list[str], edits: list[tuple[str, int, int]]
) -> None:
    text, layout = article(*parts)
    for kind, index, at in edits:
        with suppress(EditError):
            layout = edited_by(kind, text, layout, index, at)
    covered = [False] * len(text)
    last = 0
    for cut in layout.cuts:
        assert last <= cut.start < cut.end
        last = cut.end
        words = text[cut.start : cut.end]
        assert words == words.strip()
        covered[cut.start : cut.end] = [True] * len(words)
    for block in layout.blocks:
        for at in range(block.start, block.end):
            if not text[at].isspace():
                assert covered[at] == (block.role in PASSAGE_ROLES)


def carried(old: str, layout: Layout, new: str) -> Layout:
    blocks = carry_roles(old, layout.blocks, new, blocks_of(new))
    kept = [cut for cut in layout.cuts if cut.reason == BOUNDS]
    return carry_bounds(old, kept, new, blocks)


def test_roles_given_by_hand_stay_where_the_words_are_unchanged() -> None:
    text, layout = article(FIRST, SECOND, SECOND, LAST)
    edited = set_role(text, layout, 4, Role.BOILERPLATE)
    new, _ = article("A new first paragraph stands above all of the others.", FIRST, SECOND, SECOND)
    assert texts(new, carried(text, edited, new)) == [
        HEAD,
        "A new first paragraph stands above all of the others.",
        FIRST,
        SECOND,
    ]


def test_bounds_chosen_by_hand_stay_where_the_words_are_unchanged() -> None:
    text, layout = article(FIRST, SECOND, LAST)
    edited = split_at(text, merge_with_next(text, layout, 2), 1, FIRST.index("She"))
    new, _ = article("A new first paragraph stands above all of the others.", FIRST, SECOND, LAST)
    found = carried(text, edited, new)
    assert texts(new, found)[2:] == [
        FIRST.removesuffix(" She paused."),
        "She paused.",
        f"{SECOND}\n\n{LAST}",
    ]
    assert {cut.reason for cut in found.cuts[2:]} == {BOUNDS}


def test_bounds_of_words_that_are_gone_or_stand_elsewhere_are_not_kept() -> None:
    text, layout = article(FIRST, SECOND, LAST)
    edited = split_at(text, layout, 1, FIRST.index("She"))
    for changed in (
        FIRST.replace("She paused", "They paused"),
        FIRST.replace("The quay", "A quay"),
    ):
        new, plain = article(changed, SECOND, LAST)
        found = carried(text, edited, new)
        assert "".join(texts(new, found)).replace(" ", "") == "".join(texts(new, plain)).replace(
            " ", ""
        )
    mixed = Layout(layout.blocks, (Cut(0, len(HEAD), Role.HEADLINE, BOUNDS),))
    new, plain = article(FIRST, SECOND)
    assert carried(text, mixed, new) == plain


def test_bounds_across_blocks_of_other_roles_are_not_kept() -> None:
    text, layout = article(FIRST, SECOND, LAST)
    edited = merge_with_next(text, layout, 1)
    new, plain = article(FIRST, SECOND, LAST)
    blocks = tuple(
        replace(b, role=Role.DEK) if SECOND in new[b.start : b.end] else b for b in plain.blocks
    )
    kept = [cut for cut in edited.cuts if cut.reason == BOUNDS]
    assert carry_bounds(text, kept, new, blocks).cuts == tuple(cuts_of(new, blocks))


def test_equal_words_are_not_placed_twice_in_one_place() -> None:
    one = "She paused for a while and looked at the quay."
    text, layout = article(f"{one} {one}", LAST)
    edited = split_at(text, layout, 1, len(one))
    new, _ = article(f"Once more: {one} {one}", f"{one} {one}", LAST)
    assert texts(new, carried(text, edited, new))[1:] == [f"Once more: {one}", one, one, one, LAST]


def test_words_within_a_paragraph_are_no_place_for_a_passage() -> None:
    text, layout = article(FIRST, SECOND)
    kept = [Cut(layout.cuts[1].start, layout.cuts[1].start + 8, Role.BODY)]
    new, plain = article("At last The quay was seen again, when The quay had been mended.", SECOND)
    assert carry_bounds(text, kept, new, plain.blocks) == plain


def test_all_parts_of_a_long_paragraph_keep_their_bounds() -> None:
    long = " ".join(f"Sentence number {n} is here to be read by somebody." for n in range(90))
    text, layout = article(long, LAST)
    assert len(layout.cuts) == 6
    new, _ = article(long.replace("Sentence number 89", "Another number 89"), LAST)
    found = carry_bounds(text, layout.cuts, new, blocks_of(new))
    assert texts(new, found)[:4] == texts(text, layout)[:4]


def test_words_that_stand_in_very_many_places_are_not_looked_for_for_ever() -> None:
    text, layout = article(FIRST, SECOND)
    kept = [Cut(layout.cuts[1].start, layout.cuts[1].start + 8, Role.BODY)]
    new, plain = article("Then " + "The quay, " * 30 + "again.", f"The quay: {SECOND}")
    assert carry_bounds(text, kept, new, plain.blocks) == plain
