"""Reads an article block by block: quotations, their kinds, and speakers across paragraphs."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace

from labeling.suggest.quotes.attribution import Attribution, Attributor
from labeling.suggest.quotes.cues import Cue
from labeling.suggest.quotes.frames import Frame
from labeling.suggest.quotes.kinds import Kind, kind_of
from labeling.suggest.quotes.paraphrase import Paraphrase, paraphrases_of, reports
from labeling.suggest.quotes.scanner import Region, scan
from labeling.suggest.quotes.subjects import Subjects
from labeling.types import Block, Role

_LONGEST_LOOK_BACK = 1000
_CONTINUING_SCORE, _NEIGHBOUR_SCORE, _GUESS = 0.5, 0.3, 0.4


@dataclass(slots=True, eq=False)
class Found:
    """A quotation on its way to a suggestion."""

    start: int
    end: int
    unclosed: bool = False
    kind: Kind = Kind.DIRECT
    attribution: Attribution | None = None
    continues: Found | None = None


class Reader:
    """Reads blocks in their order and remembers who spoke last; ``found`` grows."""

    def __init__(self, text: str, cues: list[Cue]) -> None:
        self._text, self._cues = text, cues
        self._cue_starts = [cue.start for cue in cues]
        self.found: list[Found] = []
        self._open: Found | None = None
        self._last: Attribution | None = None
        self._before: Block | None = None
        self._quoted_before = False

    def read(self, block: Block) -> None:
        """Find the quotations and paraphrases of one block."""
        start, end = self._trimmed(block)
        if start == end:
            return
        cues = self._within(block.start, block.end)
        regions = scan(self._text, block.start, block.end)
        if regions or any(reports(self._text, cue) for cue in cues):
            self._read_words(block, regions, (start, end))
        if block.role is Role.BODY:
            self._before, self._quoted_before = block, bool(regions)
            if not regions:
                self._open = None

    def _read_words(self, block: Block, regions: list[Region], bounds: tuple[int, int]) -> None:
        found = [Found(region.start, region.end, region.unclosed) for region in regions]
        if self._is_pull_quote(block, found, bounds):
            for one in found:
                one.kind = Kind.PULL_QUOTE
            self.found += found
            return
        frame, subjects, top = self._attribute(found, block.start, block.end)
        self._decide(found, bounds)
        if block.role is Role.BODY and top:
            self._carry_on(top, bounds[0])
        paraphrases = [_found(one) for one in paraphrases_of(frame, subjects)]
        self.found += sorted(paraphrases + found, key=lambda one: (one.start, -one.end))

    def _trimmed(self, block: Block) -> tuple[int, int]:
        words = self._text[block.start : block.end]
        start = block.start + len(words) - len(words.lstrip())
        return start, max(start, block.start + len(words.rstrip()))

    def _is_pull_quote(self, block: Block, found: list[Found], bounds: tuple[int, int]) -> bool:
        """Say whether a headline or dek is nothing but one quotation."""
        if block.role is Role.BODY or not found:
            return False
        around = self._text[bounds[0] : found[0].start] + self._text[found[0].end : bounds[1]]
        return not any(char.isalnum() for char in around)

    def _attribute(
        self, found: list[Found], start: int, end: int
    ) -> tuple[Frame, Subjects, list[Found]]:
        """Attribute the quotations of one level, then those inside each of them."""
        top: list[Found] = []
        inside: list[list[Found]] = []
        for one in found:
            if top and one.start < top[-1].end:
                inside[-1].append(one)
            else:
                top.append(one)
                inside.append([])
        frame = Frame(self._text, (start, end), top, self._within(start, end))
        subjects = Subjects(frame)
        answers = Attributor(frame, subjects).attribute() if top else []
        for one, attribution, inner in zip(top, answers, inside, strict=True):
            one.attribution = attribution
            if inner:
                self._attribute(inner, one.start + 1, one.end)
        return frame, subjects, top

    def _within(self, start: int, end: int) -> list[Cue]:
        first = bisect_left(self._cue_starts, start)
        return self._cues[first : bisect_left(self._cue_starts, end, first)]

    def _decide(self, found: list[Found], bounds: tuple[int, int]) -> None:
        for one in found:
            cued = one.attribution is not None and one.attribution.score > _GUESS
            alone = (one.start, one.end) == bounds
            one.kind = kind_of(self._text, one.start, one.end, cued=cued, stands_alone=alone)
            if one.kind is Kind.SCARE:
                one.attribution = None

    def _carry_on(self, top: list[Found], start: int) -> None:
        """Link a quotation that runs over paragraphs, and let the last speaker go on."""
        first = top[0]
        if self._open is not None and first.start == start:
            first.continues = self._open
            self._open.unclosed = False
            if first.attribution is None:
                first.attribution = _lowered(
                    self._open.attribution, _CONTINUING_SCORE, "the quotation goes on"
                )
        for one in top:
            if one.attribution is None and one.kind is not Kind.SCARE:
                told = (self._announced() if one is first else None) or self._last
                one.attribution = _lowered(told, _NEIGHBOUR_SCORE, "the speaker before")
            elif one.attribution is not None:
                self._last = one.attribution
        self._open = top[-1] if top[-1].unclosed else None

    def _announced(self) -> Attribution | None:
        """Say who is announced, or reported, at the end of a paragraph without quotations."""
        before = self._before
        if before is None or self._quoted_before:
            return None
        start = max(before.start, before.end - _LONGEST_LOOK_BACK)
        frame = Frame(self._text, (start, before.end), (), self._within(start, before.end))
        return Attributor(frame, Subjects(frame)).closing()


def _lowered(told: Attribution | None, score: float, why: str) -> Attribution | None:
    return None if told is None else replace(told, cue=None, score=score, why=why)


def _found(one: Paraphrase) -> Found:
    speaker = (one.speaker.start, one.speaker.end)
    cue = (one.cue.start, one.cue.end)
    told = Attribution(speaker, one.speaker.form, cue, one.score, "reported without marks")
    return Found(one.start, one.end, kind=Kind.PARAPHRASE, attribution=told)
