"""Short paragraphs are joined, long ones cut between sentences, and no quotation is parted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.text import cuts
from labeling.text.blocks import blocks_of
from labeling.text.cuts import FARTHEST, LONGEST, TINY, cuts_of
from labeling.text.openquotes import OpenQuotes
from labeling.types import Block, Role

SENTENCE = "The quay was empty by nine o’clock, and nobody answered the master’s call. "
WORDS = st.sampled_from(
    ["Word ", "one. ", "“", "” ", "‘", "’ ", '"', " '", "' ", "«", "» ", "He’s ", "dogs’ ",
     "Mr. ", "U.S. ", "?” ", ".\n", "…", "é. É", "\U0001f469\u200d\U0001f680", "a\u0301", "„"]
)  # fmt: skip
TEXTS = st.lists(WORDS, min_size=400, max_size=1500).map("".join)


def tiled(*parts: tuple[Role, str]) -> tuple[str, tuple[Block, ...]]:
    text, blocks = "", []
    for role, words in parts:
        blocks.append(Block(role, len(text), len(text) + len(words) + 2, "given"))
        text += words + "\n\n"
    return text, tuple(blocks)


def pieces(*parts: tuple[Role, str] | str) -> list[tuple[str, str]]:
    given_parts = [(Role.BODY, part) if isinstance(part, str) else part for part in parts]
    text, blocks = tiled(*given_parts)
    return [(text[cut.start : cut.end], cut.reason) for cut in cuts_of(text, blocks)]


def texts(*parts: tuple[Role, str] | str) -> list[str]:
    return [words for words, _ in pieces(*parts)]


LONG = SENTENCE.strip() * 1


def test_a_paragraph_is_a_passage() -> None:
    assert pieces(LONG, LONG) == [(LONG, ""), (LONG, "")]


def test_a_short_paragraph_is_joined_with_the_one_below() -> None:
    assert pieces(LONG, "He paused.", LONG) == [
        (LONG, ""),
        (f"He paused.\n\n{LONG}", cuts.JOINED),
    ]


def test_a_short_paragraph_below_a_colon_is_joined_with_the_one_above() -> None:
    asked = LONG.rstrip(".") + ":"
    assert texts(asked, "“It is over.”", LONG) == [f"{asked}\n\n“It is over.”", LONG]


def test_a_short_paragraph_at_the_end_is_joined_with_the_one_above() -> None:
    assert texts(LONG, LONG, "He left.") == [LONG, f"{LONG}\n\nHe left."]


def test_short_paragraphs_are_joined_until_they_are_long_enough() -> None:
    lines = [f"Line {n}." for n in range(20)]
    joined = texts(*lines)
    assert "\n\n".join(joined).split("\n\n") == lines
    assert all(TINY <= len(words) < 2 * TINY + 20 for words in joined)


@pytest.mark.parametrize("between", [Role.BOILERPLATE, Role.DATELINE, Role.DEK])
def test_nothing_is_joined_across_a_block_of_another_role(between: Role) -> None:
    found = texts(LONG, "He paused.", (between, "Advertisement"), "So did she.", LONG)
    assert found[0] == f"{LONG}\n\nHe paused."
    assert found[-1] == f"So did she.\n\n{LONG}"


def test_a_short_paragraph_between_others_of_another_role_stays_alone() -> None:
    assert texts((Role.HEADLINE, "Harbour shut"), (Role.DEK, "It is over"), LONG) == [
        "Harbour shut",
        "It is over",
        LONG,
    ]


def test_joining_never_makes_a_passage_too_long() -> None:
    nearly = (SENTENCE * 40)[: LONGEST - 5].strip()
    assert texts("He paused.", nearly, "She too.") == ["He paused.", nearly, "She too."]


def test_a_long_paragraph_is_cut_between_sentences_into_like_parts() -> None:
    found = pieces(SENTENCE * 50)
    assert {reason for _, reason in found} == {cuts.BETWEEN_SENTENCES}
    assert all(words.startswith("The quay") and words.endswith("call.") for words, _ in found)
    lengths = [len(words) for words, _ in found]
    assert len(lengths) == -(-len(SENTENCE * 50) // LONGEST)
    assert max(lengths) <= LONGEST
    assert max(lengths) - min(lengths) <= 2 * len(SENTENCE)


def test_no_cut_falls_behind_an_abbreviation() -> None:
    words = "On Monday Mr. Vale met Dr. Torv of the U.S. Navy in St. Anne to talk about boats. "
    for part in texts(words * 60):
        assert part.startswith("On Monday")


def test_where_nothing_but_abbreviations_end_a_long_paragraph_is_cut_all_the_same() -> None:
    parts = texts("with Mr. Vale and Dr. Torv and " * 100)
    assert len(parts) == 3
    assert max(map(len, parts)) <= LONGEST


def test_the_places_where_sentences_begin_are_known() -> None:
    text = "He left. “Why?” she asked. It was 3 p.m. then."
    assert [text[at : at + 4] for at in cuts.sentence_starts(text)] == ["“Why", "It w"]


def test_no_cut_falls_into_a_quotation() -> None:
    quoted = f"She said: “{(SENTENCE * 14).strip()}” And then she left the room for good. "
    for part in texts(quoted * 6):
        assert part.count("“") == part.count("”") == 1


def test_a_quotation_longer_than_a_passage_stays_whole() -> None:
    quoted = f"She said: “{(SENTENCE * 40).strip()}” {SENTENCE * 10}"
    first, *_ = texts(quoted)
    assert len(first) > LONGEST
    assert first.endswith("call.”")


def test_a_long_paragraph_without_a_place_to_cut_stays_whole_and_says_so() -> None:
    quoted = f"She said: “{(SENTENCE * 40).strip()}”"
    assert pieces(quoted) == [(quoted, cuts.WHOLE)]


def test_a_quotation_longer_than_any_task_may_be_is_cut_and_the_reason_says_so() -> None:
    found = pieces("“" + SENTENCE * 200)
    assert len(found) > 2
    assert all(len(words) <= FARTHEST for words, _ in found)
    assert found[0][1] == cuts.IN_QUOTATION
    assert all(words.endswith("call.") for words, _ in found)


def test_words_without_sentences_are_cut_between_words() -> None:
    found = pieces("word " * 5000)
    assert found[0][1] == cuts.BETWEEN_WORDS
    assert {word for words, _ in found for word in words.split()} == {"word"}


def test_what_has_no_words_is_cut_between_whole_characters() -> None:
    family = "\U0001f469\u200d\U0001f469\u200d\U0001f467\ufe0f"
    found = pieces(family * 3000)
    assert found[0][1] == cuts.ANYWHERE
    assert all(words.startswith("\U0001f469") for words, _ in found)
    assert all(words.endswith("\ufe0f") for words, _ in found)


def test_marks_without_end_are_cut_all_the_same() -> None:
    assert len(pieces("\u0301" * 20_000)) > 3


def inside(text: str) -> str:
    quotes = OpenQuotes(text, 0, len(text))
    return "".join("#" if quotes.hold(at) else "." for at in range(len(text)))


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("a “b c” d", "...####.."),
        ('a "b c" d', "...####.."),
        ("a «b» d", "...##.."),
        ("„b” d", ".##.."),
        ("a ‘b c’ d", "...####.."),
        ("a 'b c' d", "...####.."),
        ("he’s in the dogs’ den", "." * 21),
        ("‘90s he’s", "." * 9),
        ("a “b ‘c’ d” e", "...########.."),
        ("a “b ‘c d” e", "...#######.."),
        ("a “b c", "...###"),
        ("b” c", "...."),
        ("6' 2\" tall", "." * 10),
        ('"a. "b" c', ".###.##.."),
        ("don't 'say' it", ".......####..."),
    ],
)
def test_what_lies_in_quotation_marks_is_known(text: str, held: str) -> None:
    assert inside(text) == held


@given(TEXTS)
def test_cuts_cover_what_is_not_blank_and_part_no_quotation_without_saying_so(text: str) -> None:
    blocks = blocks_of(text)
    covered = [False] * len(text)
    last = 0
    quotes = [OpenQuotes(text, block.start, block.end) for block in blocks]
    for cut in cuts_of(text, blocks):
        assert last <= cut.start < cut.end <= len(text)
        last = cut.end
        assert text[cut.start : cut.end] == text[cut.start : cut.end].strip()
        covered[cut.start : cut.end] = [True] * (cut.end - cut.start)
        if cut.reason == cuts.BETWEEN_SENTENCES:
            assert (
                not any(
                    block.start < cut.start < block.end and quote.hold(cut.start)
                    for block, quote in zip(blocks, quotes, strict=True)
                )
                or cut.end - cut.start <= FARTHEST
            )
    assert all(
        covered[at]
        for block in blocks
        if block.role in (Role.HEADLINE, Role.DEK, Role.BODY)
        for at in range(block.start, block.end)
        if not text[at].isspace()
    )


@pytest.mark.parametrize("unit", ['"', "“", "‘", "'Ab. ", '"Ab.” ', ". ", " ' ", "“a” ", "‘’"])
def test_a_hundred_thousand_marks_are_no_trouble(unit: str) -> None:
    text, blocks = tiled((Role.BODY, unit * 100_000))
    found = list(cuts_of(text, blocks))
    assert len(found) >= len(text) // (FARTHEST + LONGEST)
    assert max(cut.end - cut.start for cut in found) <= FARTHEST
