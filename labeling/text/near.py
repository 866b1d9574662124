"""Which articles say nearly the same: shingles, signatures and the bands they are found by.

Two texts are near-duplicates when at least some share (half, unless told otherwise) of the
smaller one's shingles, runs of three words, stands in the other one too. To look at all pairs
would take the square of their number. So each text gets a MinHash signature, and the signature
is cut into bands: texts that are alike share a band, others hardly ever do. Words are folded
first: case, quotation marks, dashes and how letters are composed make no difference.
"""

from __future__ import annotations

import hashlib
import operator
import re
import unicodedata
import zlib
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice

_WORD = re.compile(r"\w+")
_PERMUTATIONS = 128
# What datasketch chooses for finding a Jaccard similarity of 0.2 with so many permutations.
BANDS, ROWS = 28, 2
_SLOT_BYTES = 4
# A text of fewer shingles is too short to be alike by more than chance, unless it is equal.
FEWEST = 8
# So many at once: each takes 512 bytes while they are permuted.
_AT_ONCE = 8192


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is kept of a text.

    ``words_sha`` is equal for texts of equal words and empty for one without any; signature and
    bands are empty for one that is too short.
    """

    words_sha: str
    signature: bytes
    bands: tuple[int, ...]


def shingles_of(text: str) -> frozenset[int]:
    """Give the hashes of all runs of three words of a text."""
    return _shingles(_words(text))


def sketch_of(text: str) -> Sketch:
    """Make the sketch of a text, the same on every machine."""
    words = _words(text)
    sha = hashlib.sha256(" ".join(words).encode()).hexdigest() if words else ""
    shingles = _shingles(words)
    if len(shingles) < FEWEST:
        return Sketch(sha, b"", ())
    signature = _signature(shingles)
    return Sketch(sha, signature, _bands(signature))


def likeness(one: bytes, other: bytes) -> float:
    """Estimate the Jaccard similarity of two texts by their signatures."""
    slots = min(len(one), len(other)) // _SLOT_BYTES
    equal = sum(map(operator.eq, memoryview(one).cast("I"), memoryview(other).cast("I")))
    return equal / slots if slots else 0.0


def share_of(one: AbstractSet[int], other: AbstractSet[int]) -> float:
    """Say how much of the smaller set of shingles is in the other one, from 0 to 1."""
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 0.0


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _shingles(words: list[str]) -> frozenset[int]:
    runs = zip(words, words[1:], words[2:], strict=False)
    return frozenset(zlib.crc32(" ".join(run).encode("utf-8", "surrogatepass")) for run in runs)


def _signature(shingles: frozenset[int]) -> bytes:
    from datasketch import MinHash

    minhash = MinHash(num_perm=_PERMUTATIONS, hashfunc=_itself, scheme="affine32")
    left = iter(shingles)
    while some := list(islice(left, _AT_ONCE)):
        minhash.update_batch(some)
    return bytes(minhash.hashvalues.astype("<u4").tobytes())


def _itself(value: int) -> int:
    return value


def _bands(signature: bytes) -> tuple[int, ...]:
    width = ROWS * _SLOT_BYTES
    return tuple(
        int.from_bytes(_band_digest(n, signature[n * width : (n + 1) * width]), "big") >> 1
        for n in range(BANDS)
    )


def _band_digest(n: int, slots: bytes) -> bytes:
    return hashlib.blake2b(bytes([n]) + slots, digest_size=8).digest()
