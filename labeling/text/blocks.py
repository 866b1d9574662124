"""From frozen text to blocks: paragraphs, each with a role and the reason for it.

The top of a news file is read first: a headline, then perhaps deks, a byline and a dateline in
any order, until the first paragraph that can only be body. Below that everything is body,
except boilerplate, dates alone, sign-offs and pull-quotes that repeat a sentence of the body.
Roles are proposals: nothing is deleted, and whoever reads an article can correct them.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from labeling.text.boilerplate import LONGEST, boilerplate_reason
from labeling.text.bylines import (
    byline_reason,
    is_bare_name,
    is_post,
    sign_off_reason,
)
from labeling.text.datelines import date_reason, place_reason
from labeling.text.paragraphs import Paragraph, paragraphs_of
from labeling.types import Block, Role

_LONGEST_HEADLINE = 200
_LONGEST_SENTENCE_HEADLINE = 130
_LONGEST_DEK = 350
_LONGEST_BARE_DEK = 200
_MOST_DEKS = 3
# A byline ends the top for certain; a date may also stand in the middle of a running report.
_DEKS_ABOVE = {Role.BYLINE: _MOST_DEKS, Role.DATELINE: 2}
_TOP_PARAGRAPHS = 12
_MOST_PULL_QUOTES = 20
_VISIBLE = re.compile(r"\S")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*$")
_SINGLE_QUOTED = re.compile(r"[‘'](?!\s)[^\n]{2,348}(?<!\s)[’'][.,]?")
_ANY_QUOTED = re.compile(r"[‘'“\"](?!\s)[^\n]{8,348}(?<!\s)[’'”\"][.,]?")
_INLINE_DATELINE = re.compile(
    r"[A-ZÀ-Þ][A-ZÀ-Þ .'’-]{2,40}(?:, [^–—-]{1,30})?(?: ?\([^()]{1,30}\))? ?[–—-]{1,2} "
)
_QUOTE_MARKS = "‘’'“”\""


@dataclass(slots=True)
class _Piece:
    """A paragraph on its way to a role; ``line`` is its text with whitespace collapsed."""

    paragraph: Paragraph
    line: str
    role: Role | None = None
    reason: str = ""

    def be(self, role: Role, reason: str) -> None:
        self.role, self.reason = role, reason


def blocks_of(text: str) -> tuple[Block, ...]:
    r"""Cut a text into blocks that tile it, each with its role.

    Args:
        text: frozen text with ``\\n`` line ends.

    Returns:
        Blocks in order: the first starts at 0, each begins where the one before ended, the last
        ends at ``len(text)``. Blank lines belong to the block before them.
    """
    pieces = [_Piece(paragraph, _collapsed(text, paragraph)) for paragraph in paragraphs_of(text)]
    _mark_what_stands_anywhere(pieces)
    headline = _mark_headline(pieces)
    top = _mark_top(pieces, headline)
    _mark_pull_quotes(pieces, text, top)
    return tuple(
        Block(
            role=piece.role or Role.BODY,
            start=piece.paragraph.start,
            end=piece.paragraph.end,
            reason=piece.reason or "a paragraph of the article",
        )
        for piece in pieces
    )


def _collapsed(text: str, paragraph: Paragraph) -> str:
    visible = _VISIBLE.search(text, paragraph.start, paragraph.end)
    if visible is None:
        return ""
    # A long paragraph is body whatever it says: its head is enough to see that it is long.
    longest = min(paragraph.end, visible.start() + 3 * LONGEST)
    return " ".join(text[visible.start() : longest].split())


def _mark_what_stands_anywhere(pieces: list[_Piece]) -> None:
    for index, piece in enumerate(pieces):
        if not piece.line:
            piece.be(Role.BODY, "blank")
        elif reason := boilerplate_reason(piece.line, first=index == 0):
            piece.be(Role.BOILERPLATE, reason)
        elif reason := date_reason(piece.line):
            piece.be(Role.DATELINE, reason)
        elif reason := sign_off_reason(piece.line):
            piece.be(Role.BYLINE, reason)


def _mark_headline(pieces: list[_Piece]) -> int:
    """Mark the headline and return its index, or -1 when there is none."""
    open_pieces = [index for index, piece in enumerate(pieces) if piece.role is None]
    for index, following in itertools.pairwise(open_pieces):
        line = pieces[index].line
        if byline_reason(line) and _is_headline(pieces[following].line):
            pieces[index].be(Role.BYLINE, "a byline above the headline")
            continue
        if not _is_headline(line):
            return -1
        pieces[index].be(Role.HEADLINE, "the first line: short, with more text below it")
        return index
    return -1


def _is_headline(line: str) -> bool:
    if _INLINE_DATELINE.match(line) and _SENTENCE_END.search(line):
        return False  # an agency report without a headline
    longest = _LONGEST_SENTENCE_HEADLINE if _SENTENCE_END.search(line) else _LONGEST_HEADLINE
    return len(line) <= longest


def _mark_top(pieces: list[_Piece], headline: int) -> int:
    """Mark deks, bylines and datelines above the body; return where the body begins."""
    last = headline
    waiting: list[int] = []
    for index in range(headline + 1, min(_last_open(pieces), headline + 1 + _TOP_PARAGRAPHS)):
        piece = pieces[index]
        if piece.role is None:
            _mark_top_line(pieces, index, last)
        elif piece.role is Role.BYLINE:
            continue  # a sign-off closes an article: what is above it is body
        if piece.role in _DEKS_ABOVE and len(waiting) <= _DEKS_ABOVE[piece.role]:
            _mark_deks(pieces, waiting)
            last, waiting = index, []
        elif piece.role is None:
            waiting.append(index)
            if len(waiting) > _MOST_DEKS or not _may_be_dek(piece.line):
                break
    if waiting and headline >= 0:
        _mark_dek_without_byline(pieces, waiting[0], headline)
    return last + 1


def _last_open(pieces: list[_Piece]) -> int:
    """Return the index of the last paragraph without a role: there the body is reached."""
    return next((at for at in range(len(pieces) - 1, -1, -1) if pieces[at].role is None), 0)


def _mark_deks(pieces: list[_Piece], waiting: list[int]) -> None:
    for index in waiting:
        pieces[index].be(Role.DEK, "a short paragraph between headline and byline")


def _may_be_dek(line: str) -> bool:
    return len(line) <= _LONGEST_DEK and not _INLINE_DATELINE.match(line)


def _mark_top_line(pieces: list[_Piece], index: int, last: int) -> None:
    piece, line = pieces[index], pieces[index].line
    if reason := byline_reason(line):
        piece.be(Role.BYLINE, reason)
    elif reason := place_reason(line):
        piece.be(Role.DATELINE, reason)
    elif last >= 0 and pieces[last].role is Role.BYLINE and index == last + 1:
        _mark_below_byline(piece)
    elif is_bare_name(line):
        below = pieces[index + 1]
        if below.role is Role.DATELINE or is_post(below.line) or place_reason(below.line):
            piece.be(Role.BYLINE, "a name alone above a post or a date")


def _mark_below_byline(piece: _Piece) -> None:
    if is_post(piece.line):
        piece.be(Role.BYLINE, "a post below a name")
    elif piece.line.isupper() and len(piece.line.split()) <= 3:
        piece.be(Role.DATELINE, "a place in capitals below the byline")
    elif is_bare_name(piece.line):
        piece.be(Role.BYLINE, "a name or an outlet below the byline")


def _mark_dek_without_byline(pieces: list[_Piece], index: int, headline: int) -> None:
    piece = pieces[index]
    if _SINGLE_QUOTED.fullmatch(piece.line):
        piece.be(Role.DEK, "a pull-quote in single quotes above the body")
        return
    if index + 1 >= len(pieces) or index != headline + 1:
        return
    below = pieces[index + 1]
    if len(piece.line) <= _LONGEST_BARE_DEK and not _SENTENCE_END.search(piece.line):
        if not piece.line.endswith((":", ",")):
            piece.be(Role.DEK, "a short line without a full stop below the headline")
    elif len(piece.line) <= _LONGEST_DEK and piece.paragraph.close and not below.paragraph.close:
        piece.be(Role.DEK, "set close below the headline and apart from the body")


def _mark_pull_quotes(pieces: list[_Piece], text: str, top: int) -> None:
    """Mark quotes that stand alone and repeat words of the article: they are deks."""
    tried = 0
    for piece in pieces[top:]:
        if tried == _MOST_PULL_QUOTES:
            return
        if piece.role is None and _ANY_QUOTED.fullmatch(piece.line):
            tried += 1
            if _stands_elsewhere(piece, text):
                piece.be(Role.DEK, "a pull-quote: it repeats words of the article")


def _stands_elsewhere(piece: _Piece, text: str) -> bool:
    words = piece.line.strip(_QUOTE_MARKS + ".,")
    if len(words.split()) < 3:
        return False
    here = piece.paragraph
    return text.find(words, 0, here.start) >= 0 or text.find(words, here.end) >= 0
