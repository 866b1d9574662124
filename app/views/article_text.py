"""An article laid out for its page: its blocks, and in each the pieces that are passages."""

from __future__ import annotations

from dataclasses import dataclass

from app.queries.articles import ArticleBlock, ArticlePage, ArticlePassage
from app.queries.segments import Segment, cut


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a block: a passage (with its number in the article), or the rest.

    A passage of several blocks has a piece in each: ``first`` and ``last`` tell them apart.
    """

    text: str
    start: int = 0
    passage: ArticlePassage | None = None
    number: int = 0
    first: bool = True
    last: bool = True


@dataclass(frozen=True, slots=True)
class LaidOutBlock:
    """A block and its pieces, in order; together they are the block's text."""

    block: ArticleBlock
    pieces: tuple[Piece, ...]


def lay_out(article: ArticlePage) -> tuple[LaidOutBlock, ...]:
    """Cut an article at the borders of its blocks and passages."""
    passages = [(p.start, p.end) for p in article.passages]
    blocks = [(b.start, b.end) for b in article.blocks]
    pieces: dict[int, list[Piece]] = {}
    for segment in cut(article.text, [*passages, *blocks]):
        inside = [i for i in segment.covering if i < len(passages)]
        block = next((i - len(passages) for i in segment.covering if i >= len(passages)), None)
        if block is None:
            continue
        pieces.setdefault(block, []).append(_piece(article, segment, inside))
    return tuple(
        LaidOutBlock(block, tuple(pieces.get(index, ())))
        for index, block in enumerate(article.blocks)
    )


def _piece(article: ArticlePage, segment: Segment, inside: list[int]) -> Piece:
    if not inside:
        return Piece(segment.text, segment.start)
    passage = article.passages[inside[0]]
    last = segment.end == passage.end
    return Piece(
        # The blank lines between two blocks of one passage are drawn as the space between them.
        text=segment.text if last else segment.text.rstrip(),
        start=segment.start,
        passage=passage,
        number=inside[0] + 1,
        first=segment.start == passage.start,
        last=last,
    )
