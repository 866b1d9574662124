"""An article laid out for its page: its blocks, and in each the pieces that are passages."""

from __future__ import annotations

from dataclasses import dataclass

from app.queries.articles import ArticleBlock, ArticlePage, ArticlePassage
from app.queries.segments import cut


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a block: a passage (with its number in the article), or the rest."""

    text: str
    passage: ArticlePassage | None = None
    number: int = 0


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
        passage = article.passages[inside[0]] if inside else None
        number = inside[0] + 1 if inside else 0
        pieces.setdefault(block, []).append(Piece(segment.text, passage, number))
    return tuple(
        LaidOutBlock(block, tuple(pieces.get(index, ())))
        for index, block in enumerate(article.blocks)
    )
