"""From an article to suggested quotations, speakers, cues and who said what."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import Any

from labeling.suggest.interface import (
    Document,
    SuggestedRelation,
    Suggestion,
    Suggestions,
)
from labeling.suggest.quotes.attribution import Attribution, Attributor
from labeling.suggest.quotes.cues import Cue, cues_of
from labeling.suggest.quotes.frames import Frame
from labeling.suggest.quotes.kinds import Kind, kind_of
from labeling.suggest.quotes.scanner import Region, scan
from labeling.types import PASSAGE_ROLES, Block, Role

_LONGEST_LOOK_BACK = 1000
_CONTINUING_SCORE, _NEIGHBOUR_SCORE = 0.5, 0.3


@dataclass(slots=True)
class _Found:
    """A quotation on its way to a suggestion."""

    region: Region
    block: Block
    attribution: Attribution | None = None
    kind: Kind = Kind.DIRECT
    quotation: int = 0
    continues: _Found | None = None


class QuoteSuggester:
    """Suggests QUOTE, SPEAKER and CUE spans and ``said_by`` relations."""

    name = "quotes"
    version = "1"
    config_sha = ""

    def suggest(self, document: Document) -> Suggestions:
        """Find the quotations of an article and who says them."""
        reader = _Reader(document.text, cues_of(document.text))
        for block in document.blocks:
            if block.role in PASSAGE_ROLES:
                reader.read(block)
        return _answer(reader.found)


class _Reader:
    """Reads an article block by block and remembers who spoke last."""

    def __init__(self, text: str, cues: list[Cue]) -> None:
        self._text, self._cues = text, cues
        self._cue_starts = [cue.start for cue in cues]
        self.found: list[_Found] = []
        self._open: _Found | None = None
        self._last: Attribution | None = None
        self._before: Block | None = None

    def read(self, block: Block) -> None:
        """Find the quotations of one block."""
        regions = scan(self._text, block.start, block.end)
        before = self._before
        if block.role is Role.BODY and _first_word(self._text, block) < block.end:
            self._before = block
        if not regions:
            if block.role is Role.BODY:
                self._open = None
            return
        found = [_Found(region, block) for region in regions]
        if self._is_pull_quote(block, regions):
            for one in found:
                one.kind = Kind.PULL_QUOTE
        else:
            self._attribute(found, block.start, block.end)
            self._decide(found, block)
            if block.role is Role.BODY:
                self._carry_on(found, before)
        self.found += found

    def _is_pull_quote(self, block: Block, regions: list[Region]) -> bool:
        if block.role is Role.BODY:
            return False
        around = self._text[block.start : regions[0].start] + self._text[regions[0].end : block.end]
        return not any(char.isalnum() for char in around)

    def _attribute(self, found: list[_Found], start: int, end: int) -> None:
        """Attribute the quotations of one level, then those inside each of them."""
        level: list[_Found] = []
        inside: list[list[_Found]] = []
        for one in found:
            if level and one.region.start < level[-1].region.end:
                inside[-1].append(one)
            else:
                level.append(one)
                inside.append([])
        frame = Frame(
            self._text, (start, end), [one.region for one in level], self._within(start, end)
        )
        for one, attribution, inner in zip(
            level, Attributor(frame).attribute(), inside, strict=True
        ):
            one.attribution = attribution
            if inner:
                self._attribute(inner, one.region.start + 1, one.region.end)

    def _within(self, start: int, end: int) -> list[Cue]:
        first = bisect_left(self._cue_starts, start)
        return self._cues[first : bisect_left(self._cue_starts, end, first)]

    def _decide(self, found: list[_Found], block: Block) -> None:
        start = _first_word(self._text, block)
        end = start + len(self._text[start : block.end].rstrip())
        for one in found:
            cued = one.attribution is not None and one.attribution.score > 0.4
            alone = (one.region.start, one.region.end) == (start, end)
            one.kind = kind_of(
                self._text, one.region.start, one.region.end, cued=cued, stands_alone=alone
            )
            if one.kind is Kind.SCARE:
                one.attribution = None

    def _announced(self, before: Block | None) -> Attribution | None:
        """Say who is announced, or spoke last, in a paragraph without quotations."""
        if before is None:
            return None
        start = max(before.start, before.end - _LONGEST_LOOK_BACK)
        if self._is_last_quoted(before):
            return None
        frame = Frame(self._text, (start, before.end), (), self._within(start, before.end))
        return Attributor(frame).closing()

    def _is_last_quoted(self, before: Block) -> bool:
        return bool(self.found) and self.found[-1].block is before

    def _carry_on(self, found: list[_Found], before: Block | None) -> None:
        """Link a quotation that runs over paragraphs, and let the last speaker go on."""
        first = found[0]
        if self._open is not None and first.region.start == _first_word(self._text, first.block):
            first.continues = self._open
            self._open.region.unclosed = False
            if first.attribution is None and self._open.attribution is not None:
                first.attribution = replace(
                    self._open.attribution, cue=None, score=_CONTINUING_SCORE, why="it goes on"
                )
        for one in found:
            if one.region.depth:
                continue
            if one.attribution is None and one.kind is not Kind.SCARE:
                told = self._announced(before) if one is first else None
                told = told or self._last
                if told is not None:
                    one.attribution = replace(
                        told, cue=None, score=_NEIGHBOUR_SCORE, why="the speaker before"
                    )
            elif one.attribution is not None:
                self._last = one.attribution
        last = [one for one in found if not one.region.depth][-1]
        self._open = last if last.region.unclosed else None


def _first_word(text: str, block: Block) -> int:
    at = block.start
    while at < block.end and text[at].isspace():
        at += 1
    return at


def _answer(found: list[_Found]) -> Suggestions:
    speakers: dict[tuple[int, int], Suggestion] = {}
    cues: dict[tuple[int, int], Suggestion] = {}
    quotes: list[Suggestion] = []
    relations: list[SuggestedRelation] = []
    names: dict[int, str] = {}
    for number, one in enumerate(found, 1):
        identity = f"q{number}"
        names[id(one)] = identity
        quotes.append(_quote(one, identity, names))
        told = one.attribution
        if told is None:
            continue
        if told.speaker not in speakers:
            speakers[told.speaker] = Suggestion(
                f"s{len(speakers) + 1}", "SPEAKER", *told.speaker, told.score, {"form": told.form}
            )
        if told.cue is not None and told.cue not in cues:
            cues[told.cue] = Suggestion(f"c{len(cues) + 1}", "CUE", *told.cue, told.score)
        relations.append(
            SuggestedRelation(identity, speakers[told.speaker].id, "said_by", told.score)
        )
    spans = sorted(
        [*quotes, *speakers.values(), *cues.values()], key=lambda s: (s.start, -s.end, s.id)
    )
    return Suggestions(tuple(spans), tuple(relations))


def _quote(one: _Found, identity: str, names: dict[int, str]) -> Suggestion:
    region = one.region
    attrs: dict[str, Any] = {"kind": str(one.kind), "unclosed": region.unclosed}
    if one.continues is not None:
        attrs["continues"] = names[id(one.continues)]
    if one.attribution is not None:
        attrs["why"] = one.attribution.why
    score = 0.5 if region.unclosed else 0.95
    return Suggestion(identity, "QUOTE", region.start, region.end, score, attrs)
