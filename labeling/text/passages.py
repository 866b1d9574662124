"""From blocks to passages: what annotators are given, under names that are the same everywhere.

A uid depends on nothing but the article's uid, the passage's words and which of several equal
passages it is, so any machine that reads the same article gives its passages the same uids.
"""

from __future__ import annotations

import base64
import hashlib
from bisect import bisect_left, bisect_right
from collections import Counter
from typing import TYPE_CHECKING

from labeling.text.cuts import cuts_of
from labeling.types import Block, PassageSlice, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from labeling.text.cuts import Cut

_UID_BYTES = 15
_LONGEST_TITLE = 90
_LONGEST_CONTEXT = 300
_ENOUGH = 4 * _LONGEST_CONTEXT
_CONTEXT_ROLES = frozenset({Role.DEK, Role.BODY})
_HERE = "[…]"


def article_uid(external_id: str | None, data: bytes) -> str:
    """Name an article: by the id its source gives it, else by its content.

    Args:
        external_id: the source's own id; None or blank when it has none.
        data: the original bytes of the article.

    Returns:
        ``a-`` and 24 letters or digits (120 bits), the same on every machine.
    """
    named = (external_id or "").strip()
    if named:
        # An id from a command line may hold surrogate escapes: they must not raise here.
        return "a-" + _digest(b"article by id", named.encode("utf-8", "surrogatepass"))
    return "a-" + _digest(b"article by content", hashlib.sha256(data).digest())


def text_sha(text: str) -> str:
    """Return the sha256 of a text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def passages_of(article: str, text: str, blocks: Sequence[Block]) -> tuple[PassageSlice, ...]:
    """Cut the passages out of an article.

    Args:
        article: the article's uid.
        text: its frozen text.
        blocks: the blocks that tile the text.

    Returns:
        Disjoint slices in order, without outer whitespace, which together cover all that is not
        blank in headline, dek and body, and nothing of the other roles.
    """
    return name_cuts(article, text, cuts_of(text, blocks))


def name_cuts(article: str, text: str, cuts: Iterable[Cut]) -> tuple[PassageSlice, ...]:
    """Give each cut of an article, in order, the uid of its words."""
    seen: Counter[str] = Counter()
    passages = []
    for cut in cuts:
        sha = text_sha(text[cut.start : cut.end])
        occurrence = seen[sha]
        seen[sha] += 1
        uid = "p-" + _digest(b"passage", f"{article}\0{sha}\0{occurrence}".encode())
        passages.append(
            PassageSlice(uid, cut.start, cut.end, sha, occurrence, cut.role, cut.reason)
        )
    return tuple(passages)


def title_of(text: str, blocks: Sequence[Block]) -> str:
    """Return the headline on one line; without one, the first words of the first passage."""
    for block in blocks:
        if block.role is Role.HEADLINE:
            return _one_line(text, block)
    for cut in cuts_of(text, blocks):
        return _head(" ".join(text[cut.start : cut.end].split()), _LONGEST_TITLE)
    return ""


def byline_of(text: str, blocks: Sequence[Block]) -> str:
    """Return who wrote the article, on one line and without the word "By" ("" if unsaid)."""
    for block in blocks:
        if block.role is Role.BYLINE:
            line = _one_line(text, block)
            first, _, rest = line.partition(" ")
            return rest if first.casefold() in ("by", "by:") else line
    return ""


def context_of(text: str, blocks: Sequence[Block], passage: PassageSlice) -> str:
    """Return the text around a passage, for reading only.

    The headline is left out, since annotators see it anyway, and so is whatever is no passage.

    Args:
        text: the frozen text of the article.
        blocks: the blocks that tile it.
        passage: one of its passages.

    Returns:
        What stands before it and after it, in the same paragraph where the passage is a part
        of one, else in the next that is not blank: at most 300 characters each and cut between
        words, parted by a line that stands for the passage. Empty when neither exists.
    """
    first = bisect_right(blocks, passage.start, key=_start_of) - 1
    after_last = bisect_left(blocks, passage.end, key=_start_of)
    begun = max(blocks[first].start, passage.start - _ENOUGH)
    before = _words(text, begun, passage.start)
    after = _words(text, passage.end, min(blocks[after_last - 1].end, passage.end + _ENOUGH))
    before = before or _neighbour(text, blocks, range(first - 1, -1, -1))
    after = after or _neighbour(text, blocks, range(after_last, len(blocks)))
    if not before and not after:
        return ""
    parts = (_tail(before, _LONGEST_CONTEXT), _HERE, _head(after, _LONGEST_CONTEXT))
    return "\n\n".join(part for part in parts if part)


def _neighbour(text: str, blocks: Sequence[Block], order: range) -> str:
    for index in order:
        block = blocks[index]
        if block.role in _CONTEXT_ROLES and (words := _one_line(text, block)):
            return words
    return ""


def _one_line(text: str, block: Block) -> str:
    return _words(text, block.start, block.end)


def _words(text: str, start: int, end: int) -> str:
    return " ".join(text[start:end].split())


def _start_of(block: Block) -> int:
    return block.start


def _head(words: str, longest: int) -> str:
    """Keep the first words of a line."""
    if len(words) <= longest:
        return words
    kept, space, _ = words[: longest - 1].rpartition(" ")
    return (kept if space else words[: longest - 1]) + "…"


def _tail(words: str, longest: int) -> str:
    """Keep the last words of a line."""
    if len(words) <= longest:
        return words
    _, space, kept = words[1 - longest :].partition(" ")
    return "…" + (kept if space else words[1 - longest :])


def _digest(kind: bytes, content: bytes) -> str:
    hashed = hashlib.sha256(kind + b"\0" + content).digest()
    return base64.b32encode(hashed[:_UID_BYTES]).decode("ascii").lower()
