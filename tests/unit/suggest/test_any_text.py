"""Whatever the text, quotations stay within their paragraph, nest, and are the same each time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labeling.suggest.interface import Document
from labeling.suggest.quotes import QuoteSuggester
from labeling.suggest.quotes.scanner import scan
from labeling.text.blocks import blocks_of
from labeling.types import PASSAGE_ROLES, Block, Role

PIECES = st.sampled_from(
    [
        *"“”\"‘’'«»„`.,:;!?—-() \n", "\n\n", "''", " said ", "Torv", " the mayor", " he", " that ",
        "who", " and ", "According to ", " told ", " called ", "rents fell", "’s", "90s", "5'10\"",
        "\u00a0", "İ", "🗳️", "Read: ", " adding", "Mr.", " of ", "the ", "On Monday", " we sell it",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=60)
MARKS = "“”\"‘’'«»„‟`"


def article(text: str) -> Document:
    return Document(text, blocks_of(text))


@given(TEXTS)
def test_spans_lie_within_one_passage_block_and_relations_between_them(text: str) -> None:
    document = article(text)
    answer = QuoteSuggester().suggest(document)
    ids = {span.id for span in answer.spans}
    assert len(ids) == len(answer.spans)
    quotes = {span.id for span in answer.spans if span.label == "QUOTE"}
    for span in answer.spans:
        assert 0 <= span.start < span.end <= len(text)
        assert 0 <= span.score <= 1
        words = text[span.start : span.end]
        assert words == words.strip()
        assert any(
            block.start <= span.start and span.end <= block.end
            for block in document.blocks
            if block.role in PASSAGE_ROLES
        )
        if span.label == "QUOTE" and span.attrs["kind"] != "paraphrase":
            assert words[0] in MARKS
            assert span.attrs["unclosed"] or words[-1] in MARKS or "continues" in str(answer)
    for relation in answer.relations:
        assert relation.from_id in quotes
        assert relation.to_id in ids - quotes


@given(TEXTS)
def test_any_two_marked_quotations_are_apart_or_one_holds_the_other(text: str) -> None:
    answer = QuoteSuggester().suggest(article(text))
    quotes = [s for s in answer.spans if s.label == "QUOTE" and s.attrs["kind"] != "paraphrase"]
    for first in quotes:
        for second in quotes:
            if first.start < second.start < first.end:
                assert second.end <= first.end


@given(TEXTS)
def test_depth_counts_the_regions_around(text: str) -> None:
    regions = scan(text, 0, len(text))
    for region in regions:
        around = [r for r in regions if r.start < region.start and region.end <= r.end]
        assert region.depth == len(around)


@given(TEXTS)
def test_the_same_text_gives_the_same_answer(text: str) -> None:
    assert QuoteSuggester().suggest(article(text)) == QuoteSuggester().suggest(article(text))


@given(TEXTS, TEXTS)
def test_boilerplate_changes_nothing(above: str, below: str) -> None:
    def document(between: str) -> Document:
        parts = [(Role.BODY, above), (Role.BOILERPLATE, between), (Role.BODY, below)]
        text, blocks = "", []
        for role, words in parts:
            blocks.append(Block(role, len(text), len(text) + len(words) + 1, "a test says so"))
            text += words + "\n"
        return Document(text, tuple(blocks))

    def told(between: str) -> list[tuple[str, str, str, float]]:
        answer = document(between)
        suggested = QuoteSuggester().suggest(answer)
        return [
            (span.id, span.label, answer.text[span.start : span.end], span.score)
            for span in suggested.spans
        ]

    assert told("") == told("Read: “The ‘long’ tide” said Torv")
