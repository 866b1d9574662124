"""What an index of terms holds: a text's words, alike for all that a search takes for one.

An index only proposes where to look; ``concordance.find_term`` decides. So it may propose too
much, never too little: whatever a search without case takes for the same letter is the same
here (docs/adr/0031).
"""

from __future__ import annotations

import re
import struct
import unicodedata
import zlib
from collections.abc import Iterable, Sequence

# Names what an index was made with: another Unicode may part words in another way.
FORM = f"1/{unicodedata.unidata_version}"

# So many passages share a block; a place in it takes two bytes.
BLOCK = 16_384

# The one mark that is no letter and yet, without case, equals one (ι). Where it stands in a
# text nothing can be told by words, so such a text is proposed for every term.
ODD = "\u0345"
ANYWHERE = ""

_PARTS = re.compile(r"\w+|[^\w\s]")


class _Fold(dict[int, str]):
    """One character for one, learned as they come."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        # Upper case first: `ı` and `ſ` meet `i` and `s` only there. The first character of a
        # longer form will do, since the same one is taken everywhere.
        folded = self[code] = char if char == ODD else char.upper().casefold()[0]
        return folded


_FOLD = _Fold()


def words_of(text: str) -> set[str]:
    """The words and signs of a text; with ``ANYWHERE`` where they do not tell enough.

    A word is what the concordance takes for one: letters, digits and underscores in a row. Every
    other character but white space is a sign.
    """
    words = set(_PARTS.findall(_folded(text)))
    if ODD in text:
        words.add(ANYWHERE)
    return words


def words_of_term(term: str) -> frozenset[str] | None:
    """What a text must hold for the term to stand in it; None when words cannot tell.

    A text that holds ``ANYWHERE`` may have the term without them.
    """
    return None if ODD in term else frozenset(_PARTS.findall(_folded(term)))


def key_of(word: str) -> int:
    """A word as a whole number of four bytes. Two words may share one."""
    return zlib.crc32(word.encode("utf-8", "surrogatepass")) - 2**31


def pack(places: Iterable[int]) -> bytes:
    """Places within a block, in order and once each, as bytes."""
    ordered = sorted(set(places))
    return struct.pack(f"<{len(ordered)}H", *ordered)


def unpack(data: bytes) -> Sequence[int]:
    """The places of ``pack``."""
    return struct.unpack(f"<{len(data) // 2}H", data)


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else text.translate(_FOLD)
