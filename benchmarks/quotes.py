"""Quotations and speakers on real news against human annotations (PolNeAR, development part).

The data is not ours to pass on: get PolNeAR (Political News Attribution Relations), and set
``COPYDESK_POLNEAR`` to a folder with ``text/NAME.txt`` and ``attributions/NAME_XXXX.ann`` (brat).

What is compared. *Gold* is every Content fragment of an article, from all of its annotators, and
the Source fragments of the attributions it belongs to. *Ours* is every suggested QUOTE, on the
blocks that the import itself makes.

- ``quotes_touched``: of the gold fragments that hold a double quotation mark, the share that some
  QUOTE overlaps.
- ``quotes_bounds``: of the gold fragments wholly quoted (they begin and end with a mark, commas
  and full stops behind it apart, and hold no other quotation beside it), the share for which
  some QUOTE begins within one character of the start and ends within one of the end. Where a
  fragment runs over paragraphs, each of its paragraphs is compared for itself.
- ``speakers_of_all``: a QUOTE of four words or more, outside other quotations, is *matched* when
  it overlaps a gold fragment that has a Source. It is right when its speaker overlaps a Source
  fragment of one of the gold attributions that overlap it most, in any annotator's hand. The
  share is of all matched ones.
- ``speakers_of_answered``: the same, of the matched ones for which a speaker is suggested.
- ``paraphrases_in_gold``: of the suggested paraphrases (which the figures above leave out), the
  share that overlaps a gold fragment: an outlet's own words taken for somebody else's would
  give terms the wrong voice.
- ``speakers_of_every_kind``: like ``speakers_of_all`` without the bound of four words.

Where an article has several annotators, every one of them is gold: an answer counts as right
where it agrees with one, and regions are compared once per fragment. ``theirs`` is the target.
The lines that end in ``_half_a`` and ``_half_b`` are the same figures on two halves of the
articles (by hash of the name): rules were tuned on the first, the second was only measured.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.polnear import Article, Gold, Stretch, gold_of
from config import polnear_folder
from labeling.suggest.interface import Document, Suggestion, Suggestions
from labeling.suggest.quotes import QuoteSuggester
from labeling.suggest.voice import PARAPHRASE
from labeling.text.blocks import blocks_of

TARGETS = {
    "quotes_touched": 0.99,
    "quotes_bounds": 0.90,
    "speakers_of_all": 0.75,
    "speakers_of_answered": 0.87,
    "speakers_of_every_kind": 0.75,
    "paraphrases_in_gold": 0.90,
}
FEWEST_WORDS = 4
_MARKS = '“”"'
_HOW = (
    "COPYDESK_POLNEAR is not set. Get PolNeAR (its repository on GitHub is"
    " networkdynamics/PolNeAR), lay out its development part as text/NAME.txt and"
    " attributions/NAME_ANNOTATOR.ann, and set COPYDESK_POLNEAR to that folder."
)


@dataclass
class Tally:
    """Hits and chances of one figure."""

    hits: int = 0
    of: int = 0
    misses: list[str] = field(default_factory=list)

    def count(self, hit: bool, miss: str = "") -> None:
        self.hits, self.of = self.hits + hit, self.of + 1
        if not hit:
            self.misses.append(miss)


def measure() -> Iterator[Figure]:
    """Score the whole, then the two halves."""
    folder = polnear_folder()
    if folder is None:
        print(_HOW, file=sys.stderr)
        return
    paths = sorted((folder / "text").glob("*.txt"))
    halves = {"": paths, "_half_a": [], "_half_b": []}
    for path in paths:
        odd = hashlib.sha256(path.stem.encode()).digest()[0] % 2
        halves["_half_b" if odd else "_half_a"].append(path)
    for half, chosen in halves.items():
        for name, tally in scores(chosen).items():
            share = tally.hits / tally.of if tally.of else 0.0
            yield Figure(name + half, [share] * tally.of, [TARGETS[name]], "share")


def scores(paths: Iterable[Path]) -> dict[str, Tally]:
    """Score some articles."""
    tallies = {name: Tally() for name in TARGETS}
    suggester = QuoteSuggester()
    for path in paths:
        text = path.read_text(encoding="utf-8")
        gold = gold_of(path)
        ours = suggester.suggest(Document(text, blocks_of(text)))
        _score_regions(tallies, Article(path.stem, text, gold), ours)
        _score_speakers(tallies, Article(path.stem, text, gold), ours)
        _score_paraphrases(tallies["paraphrases_in_gold"], Article(path.stem, text, gold), ours)
    return tallies


def _score_regions(tallies: dict[str, Tally], article: Article, ours: Suggestions) -> None:
    quotes = _marked(ours)
    text = article.text
    for start, end in sorted({(g.start, g.end) for g in article.gold}):
        if any(mark in text[start:end] for mark in _MARKS):
            hit = any(q.start < end and start < q.end for q in quotes)
            tallies["quotes_touched"].count(hit, article.at(start, end))
        for first, last in _paragraphs(text, start, end):
            if _wholly_quoted(text[first:last]):
                hit = any(abs(q.start - first) <= 1 and abs(q.end - last) <= 1 for q in quotes)
                tallies["quotes_bounds"].count(hit, article.at(first, last))


def _marked(ours: Suggestions) -> list[Suggestion]:
    return [s for s in ours.spans if s.label == "QUOTE" and s.attrs["kind"] != PARAPHRASE]


def _score_paraphrases(tally: Tally, article: Article, ours: Suggestions) -> None:
    for quote in ours.spans:
        if quote.label == "QUOTE" and quote.attrs["kind"] == PARAPHRASE:
            hit = any(quote.start < gold.end and gold.start < quote.end for gold in article.gold)
            tally.count(hit, article.at(quote.start, quote.end))


def _paragraphs(text: str, start: int, end: int) -> Iterator[Stretch]:
    for found in re.finditer(r"[^\n]*\S[^\n]*", text[start:end]):
        words = found.group()
        first = start + found.start() + len(words) - len(words.lstrip())
        yield first, start + found.start() + len(words.rstrip())


def _wholly_quoted(words: str) -> bool:
    bare = words.rstrip(".,;:!?")
    if len(bare) < 2 or bare[0] not in _MARKS or bare[-1] not in _MARKS:
        return False
    return not any(mark in bare[1:-1] for mark in _MARKS)


def _score_speakers(tallies: dict[str, Tally], article: Article, ours: Suggestions) -> None:
    by_id = {s.id: s for s in ours.spans}
    said_by = {r.from_id: by_id[r.to_id] for r in ours.relations if r.label == "said_by"}
    reach = 0
    for quote in _marked(ours):
        if quote.end <= reach:
            continue
        reach = quote.end
        sources = _sources_of(quote.start, quote.end, article.gold)
        if not sources:
            continue
        speaker = said_by.get(quote.id)
        right = speaker is not None and any(
            speaker.start < end and start < speaker.end for start, end in sources
        )
        miss = " ".join(
            [
                article.at(quote.start, quote.end),
                str(quote.attrs),
                "OURS " + (article.text[speaker.start : speaker.end] if speaker else "nobody"),
                *("GOLD " + article.at(*source) for source in sources),
            ]
        )
        tallies["speakers_of_every_kind"].count(right, miss)
        if len(article.text[quote.start : quote.end].split()) >= FEWEST_WORDS:
            tallies["speakers_of_all"].count(right, miss)
            if speaker is not None:
                tallies["speakers_of_answered"].count(right, miss)


def _sources_of(start: int, end: int, gold: tuple[Gold, ...]) -> list[Stretch]:
    """Return the sources of the gold attributions that overlap a stretch most."""
    overlaps = [
        (min(end, g.end) - max(start, g.start), g)
        for g in gold
        if g.sources and g.start < end and start < g.end
    ]
    most = max((overlap for overlap, _ in overlaps), default=0)
    return [s for overlap, g in overlaps if overlap == most for s in g.sources]
