"""A guideline's Markdown becomes blocks a page can draw, and loses no word on the way."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from config import ROOT
from labeling.guideline import GuidelineBlock, Words, inline, read_guideline

NEWS = (ROOT / "seeds" / "schemes" / "news" / "guideline.md").read_text(encoding="utf-8")


def words_of(blocks: tuple[GuidelineBlock, ...]) -> list[str]:
    lines = [line for block in blocks for line in block.lines]
    lines += [cell for block in blocks for row in block.rows for cell in row]
    return re.findall(r"\w+", " ".join("".join(word.text for word in line) for line in lines))


def test_headings_paragraphs_lists_tables_and_quotes_are_told_apart() -> None:
    blocks = read_guideline(
        "# Names\n\nOne line\nand another.\n\n- first\n  goes on\n- second\n\n1. one\n2) two\n"
        "| Key | Label |\n|---|---|\n| 1 | **ORG** |\n\n> said\n> so\n## Next\nText"
    )
    kinds = ["heading", "paragraph", "list", "numbers", "table", "quote", "heading", "paragraph"]
    assert [block.kind for block in blocks] == kinds
    assert blocks[0].level == 1
    assert blocks[1].lines == (inline("One line and another."),)
    assert blocks[2].lines == (inline("first goes on"), inline("second"))
    assert blocks[4].rows[1] == (inline("1"), (Words("strong", "ORG"),))
    assert blocks[5].lines == (inline("said so"),)


def test_strong_em_and_code_are_read_within_a_line() -> None:
    assert inline("a **b** *c* `d` e") == (
        Words("", "a "),
        Words("strong", "b"),
        Words("", " "),
        Words("em", "c"),
        Words("", " "),
        Words("code", "d"),
        Words("", " e"),
    )
    assert inline("") == ()
    assert inline("2 * 3 * 4") == (Words("", "2 * 3 * 4"),)


def test_the_shipped_guideline_keeps_every_word() -> None:
    written = re.sub(r"^\d+[.)] ", "", NEWS, flags=re.MULTILINE)
    assert sorted(words_of(read_guideline(NEWS))) == sorted(re.findall(r"\w+", written))


@given(st.lists(st.text(alphabet="ab#|>-* 1.\n`", max_size=12), max_size=8))
def test_any_text_can_be_read_and_no_letter_is_lost(parts: list[str]) -> None:
    written = "\n".join(parts)
    read = "".join(words_of(read_guideline(written)))
    for letter in "ab":
        assert read.count(letter) == written.count(letter)


def test_no_guideline_is_no_blocks() -> None:
    assert read_guideline("") == ()
