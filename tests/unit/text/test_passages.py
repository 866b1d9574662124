"""Passages have stable names, cover what they should and show their neighbours."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.text.blocks import blocks_of
from labeling.text.passages import (
    article_uid,
    byline_of,
    context_of,
    passages_of,
    text_sha,
    title_of,
)
from labeling.types import PASSAGE_ROLES, Block, Role

LINES = st.sampled_from(
    [
        "",
        " \u00a0",
        "Harbour to close",
        "‘We were never asked’",
        "By Ana Torv",
        "LISBON, March 3 —",
        "Published 4 March 2026",
        "Read more: The boats that stayed",
        "Advertisement",
        "* * *",
        "🗳️🗳️",
        "Photograph: Ana Torv/The Agency",
        "“We were never asked,” said the harbour master, who has kept the log for years. " * 3,
        "The quay was empty by nine, and nobody answered.",
        "She paused",
        "They would say:",
        "“We were never asked, and nobody told us. " * 60,
        "She said: “It is over.” He left. Mr. Vale of the U.S. office stayed. " * 40,
        "word " * 2000,
        "x" * 9000,
    ]
)
ARTICLES = st.lists(LINES, max_size=12).map("\n".join) | st.text(max_size=60)
BODY = "The quay was empty by nine o’clock, and nobody answered the harbour master’s call. " * 3


@given(ARTICLES)
def test_blocks_tile_any_text(text: str) -> None:
    blocks = blocks_of(text)
    assert "".join(text[block.start : block.end] for block in blocks) == text
    assert all(block.start < block.end and block.reason for block in blocks)


@given(ARTICLES)
def test_passages_cover_all_that_is_not_blank_in_their_roles_and_nothing_else(text: str) -> None:
    blocks = blocks_of(text)
    covered = [False] * len(text)
    last = 0
    for passage in passages_of("a-x", text, blocks):
        assert last <= passage.start < passage.end
        last = passage.end
        words = text[passage.start : passage.end]
        assert words == words.strip()
        assert passage.text_sha == text_sha(words)
        covered[passage.start : passage.end] = [True] * len(words)
    for block in blocks:
        for at in range(block.start, block.end):
            if block.role not in PASSAGE_ROLES:
                assert not covered[at]
            elif not text[at].isspace():
                assert covered[at]


@given(ARTICLES, st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
def test_the_same_input_gives_the_same_uids_and_no_uid_comes_twice(text: str, uid: str) -> None:
    uids = [passage.uid for passage in passages_of(uid, text, blocks_of(text))]
    assert uids == [passage.uid for passage in passages_of(uid, text, blocks_of(text))]
    assert len(set(uids)) == len(uids)
    assert all(re.fullmatch(r"p-[a-z2-7]{24}", uid) for uid in uids)


def test_equal_paragraphs_are_told_apart_by_their_occurrence() -> None:
    last = "The end of it came at ten, as all of them agreed."
    text = f"Harbour to close\n\n{BODY}\n\n{BODY}\n\n{last}\n\n{BODY}"
    passages = passages_of("a-x", text, blocks_of(text))
    assert [passage.occurrence for passage in passages] == [0, 0, 1, 0, 2]
    assert len({passage.uid for passage in passages}) == 5
    assert [passage.role for passage in passages] == [Role.HEADLINE] + [Role.BODY] * 4


def test_a_passage_keeps_its_uid_when_other_paragraphs_change() -> None:
    last = "The end of it came at ten, as all of them agreed."
    before = f"Harbour to close\n\n{BODY}\n\n{last}"
    after = f"Harbour to close at last\n\n🗳️ New: {last}\n\n{BODY}\n\n{last}"
    uids = [{p.uid for p in passages_of("a-x", text, blocks_of(text))} for text in (before, after)]
    assert len(uids[0] & uids[1]) == 2


def test_uids_are_the_same_on_every_machine() -> None:
    text = "Only one paragraph stands here, and it ends with a full stop."
    (passage,) = passages_of("a-x", text, blocks_of(text))
    assert passage.uid == "p-xyw4ymnabvzb4exje6oj2tcv"
    assert article_uid("x-1", b"") == "a-mhm36eqp7hqgcsfq62u5cxqm"
    assert article_uid(None, b"Words") == "a-yllvlha2nk66y4izjfzujnr2"


def test_an_article_is_named_by_its_external_id_or_else_by_its_content() -> None:
    assert article_uid("x-1", b"one") == article_uid(" x-1 ", b"two")
    assert article_uid("x-1", b"one") != article_uid("x-2", b"one")
    assert article_uid(" ", b"one") == article_uid(None, b"one") != article_uid(None, b"two")
    assert article_uid("one", b"") != article_uid(None, b"one")
    assert re.fullmatch(r"a-[a-z2-7]{24}", article_uid("bad \udcff bytes", b""))


def test_the_title_is_the_headline_on_one_line() -> None:
    text = f"\n Harbour\u00a0to  close \n\nBy Ana Torv\n\n{BODY}"
    assert title_of(text, blocks_of(text)) == "Harbour to close"


def test_without_a_headline_the_title_is_the_opening_words() -> None:
    title = title_of(BODY, blocks_of(BODY))
    assert (
        title
        == "The quay was empty by nine o’clock, and nobody answered the harbour master’s call. The…"
    )
    assert len(title) <= 90
    assert title_of("", ()) == ""


@pytest.mark.parametrize(
    ("line", "byline"),
    [
        ("By Ana Torv", "Ana Torv"),
        ("By: Ana Torv and Jon Vale, The Lantern", "Ana Torv and Jon Vale, The Lantern"),
        ("Ana Torv, Health Correspondent", "Ana Torv, Health Correspondent"),
        ("Published 4 March 2026", ""),
    ],
)
def test_the_byline_is_given_without_the_word_by(line: str, byline: str) -> None:
    text = f"Harbour to close\n\n{line}\n\n{BODY}\n\n{BODY}"
    assert byline_of(text, blocks_of(text)) == byline


def tiled(*parts: tuple[Role, str]) -> tuple[str, tuple[Block, ...]]:
    text, blocks = "", []
    for role, words in parts:
        blocks.append(Block(role, len(text), len(text) + len(words) + 2, "given"))
        text += words + "\n\n"
    return text, tuple(blocks)


def contexts(*parts: tuple[Role, str]) -> list[str]:
    text, blocks = tiled(*parts)
    return [context_of(text, blocks, passage) for passage in passages_of("a-x", text, blocks)]


def test_the_context_is_the_paragraph_before_and_the_one_after() -> None:
    assert contexts(
        (Role.HEADLINE, "Head"),
        (Role.BYLINE, "By Ana Torv"),
        (Role.BODY, "One\ntwo"),
        (Role.BOILERPLATE, "Advertisement"),
        (Role.BODY, "Three"),
        (Role.BODY, "  "),
        (Role.DEK, "Four"),
    ) == ["[…]\n\nOne two", "[…]\n\nThree", "One two\n\n[…]\n\nFour", "Three\n\n[…]"]


def test_a_passage_without_neighbours_has_no_context() -> None:
    assert contexts((Role.BOILERPLATE, "Advertisement"), (Role.BODY, "One")) == [""]


def test_a_part_of_a_long_paragraph_has_the_rest_of_it_as_context() -> None:
    long = " ".join(f"Sentence number {n} is here to be read by somebody." for n in range(60))
    first, second = contexts((Role.BODY, BODY), (Role.BODY, long))[1:3]
    assert first.startswith(BODY[:200])
    assert re.search(r"\[…]\n\nSentence number \d+ is here", first)
    assert first.count("Sentence number 0 ") == 0
    assert re.search(r"^…[^[]*is here to be read by somebody\.\n\n\[…]", second)


def test_a_long_context_is_cut_between_words_with_an_ellipsis() -> None:
    words = " ".join(f"word{n}" for n in range(200))
    parts = ((Role.BODY, words), (Role.BODY, BODY), (Role.BODY, words))
    before, _, after = contexts(*parts)[1].split("\n\n")
    assert before.startswith("…word")
    assert before.endswith(" word199")
    assert after.startswith("word0 ")
    assert re.search(r" word\d+…$", after)
    assert all(280 < len(side) <= 300 for side in (before, after))


def test_a_long_context_without_spaces_is_cut_all_the_same() -> None:
    long = "x" * 1000
    middle = contexts((Role.BODY, long), (Role.BODY, BODY), (Role.BODY, long))[1]
    assert middle == "…" + "x" * 299 + "\n\n[…]\n\n" + "x" * 299 + "…"
