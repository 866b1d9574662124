"""All suggesters asked about one article: none can stop another, each answer is checked.

The voice of loaded terms is added here, because it takes the quotations of one suggester to
say it of the terms of another.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from labeling.suggest.interface import Document, Suggester, Suggestion, Suggestions
from labeling.suggest.lexicon import LABEL as LOADED
from labeling.suggest.voice import Voices

# The suggester whose quotations the voice is computed from.
QUOTES = "quotes"
NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
# The attribute that names another suggestion of the same answer: the quotation it goes on from.
CONTINUES = "continues"
# Of one suggester for one article; what comes after is counted and left out.
MOST_SPANS = 20_000
_LONGEST_LABEL = 120
_LONGEST_ATTRS = 4_000
_LONGEST_PLAIN, _MOST_PLAIN = 200, 10


@dataclass(frozen=True, slots=True)
class Run:
    """Who answers: name, version, and the hash of all else that shapes the answer."""

    name: str
    version: str
    config_sha: str


@dataclass(frozen=True, slots=True)
class Link:
    """A proposed relation between two spans of one answer, by their places in it."""

    source: int
    target: int
    label: str
    score: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What one suggester said of one article.

    Args:
        run: who said it.
        spans: in the order of the text.
        links: relations between them.
        problem: why there is nothing, where the suggester failed; else empty.
        left_out: how many spans and relations could not be used.
    """

    run: Run
    spans: tuple[Suggestion, ...] = ()
    links: tuple[Link, ...] = ()
    problem: str = ""
    left_out: int = 0


class Lineup:
    """The suggesters of an instance, ready to be asked.

    Args:
        suggesters: each has a name of its own.
        broken: name → why a suggester could not be made; they answer with that problem.
    """

    def __init__(
        self, suggesters: Sequence[Suggester], broken: Mapping[str, str] | None = None
    ) -> None:
        self._suggesters = tuple(suggesters)
        self._broken = dict(broken or {})
        quotes = [_own_run(s) for s in suggesters if s.name == QUOTES]
        self._runs = tuple(_run_of(s, quotes) for s in suggesters)

    @property
    def runs(self) -> tuple[Run, ...]:
        """Everyone who answers, the broken ones included."""
        return (*self._runs, *(Run(name, "", "") for name in self._broken))

    def answers(self, document: Document) -> tuple[Answer, ...]:
        """Ask everyone about an article: one answer each, in the order of ``runs``."""
        answers = [
            _ask(suggester, run, document)
            for suggester, run in zip(self._suggesters, self._runs, strict=True)
        ]
        spans = [span for answer in answers for span in answer.spans]
        if any(span.label == LOADED for span in spans):
            voices = Voices(spans, document.blocks)
            answers = [replace(a, spans=_voiced(a.spans, voices)) for a in answers]
        broken = (Answer(Run(name, "", ""), problem=why) for name, why in self._broken.items())
        return (*answers, *broken)


def _own_run(suggester: Suggester) -> Run:
    return Run(suggester.name, suggester.version, suggester.config_sha)


def _run_of(suggester: Suggester, quotes: Sequence[Run]) -> Run:
    """A suggester's run; but for the quotes' own, it counts whose quotations gave the voice."""
    run = _own_run(suggester)
    if run.name == QUOTES or not quotes:
        return run
    whole = [run.config_sha, *((q.version, q.config_sha) for q in quotes)]
    sha = hashlib.sha256(json.dumps(whole).encode("ascii")).hexdigest()
    return Run(run.name, run.version, sha)


def _ask(suggester: Suggester, run: Run, document: Document) -> Answer:
    try:
        return _checked(run, suggester.suggest(document), len(document.text))
    except Exception as err:  # noqa: BLE001 - whatever somebody else's code raises stops here
        return Answer(run, problem=f"{type(err).__name__}: {err}"[:500])


def _checked(run: Run, said: Suggestions, length: int) -> Answer:
    usable = [span for span in said.spans if _is_usable(span, length)]
    kept = sorted(usable[:MOST_SPANS], key=lambda span: (span.start, -span.end, span.label))
    places: dict[str, int] = {}
    for place, span in enumerate(kept):
        places.setdefault(span.id, place)
    links = tuple(
        Link(places[r.from_id], places[r.to_id], r.label, float(r.score))
        for r in said.relations
        if r.from_id in places and r.to_id in places and _is_label(r.label) and _is_score(r.score)
    )
    kept = [_renamed(s, run.name, places) if CONTINUES in s.attrs else s for s in kept]
    left_out = len(said.spans) - len(kept) + len(said.relations) - len(links)
    return Answer(run, tuple(kept), links, left_out=left_out)


def public_id(name: str, n: int) -> str:
    """What a suggestion is called outside: its suggester, and its number within the answer."""
    return f"{name}-{n}"


def _renamed(span: Suggestion, name: str, places: Mapping[str, int]) -> Suggestion:
    """Let what names another suggestion name it as it is known outside."""
    place = places.get(str(span.attrs[CONTINUES]))
    if place is None:
        return span
    return replace(span, attrs={**span.attrs, CONTINUES: public_id(name, place + 1)})


def _is_usable(span: Suggestion, length: int) -> bool:
    return (
        type(span.start) is int
        and type(span.end) is int
        and 0 <= span.start < span.end <= length
        and _is_label(span.label)
        and _is_score(span.score)
        and _are_attrs(span.attrs)
    )


def _is_label(label: object) -> bool:
    return isinstance(label, str) and _is_short_word(label)


@lru_cache(maxsize=1_000)
def _is_short_word(label: str) -> bool:
    return 0 < len(label) <= _LONGEST_LABEL and label.isprintable()


def _is_score(score: object) -> bool:
    # No comparison holds for what is not a number.
    return type(score) in (float, int) and 0 <= score <= 1  # type: ignore[operator]


def _are_attrs(attrs: Mapping[str, Any]) -> bool:
    if not attrs or (len(attrs) <= _MOST_PLAIN and all(map(_is_plain, attrs.items()))):
        return True
    try:
        written = json.dumps(dict(attrs), allow_nan=False, ensure_ascii=False)
        written.encode("utf-8")
    except (TypeError, ValueError):
        return False
    return len(written) <= _LONGEST_ATTRS and "\\u0000" not in written


def _is_plain(attribute: tuple[str, Any]) -> bool:
    """Whether an attribute surely can be kept; most can, and writing each as JSON takes long."""
    name, value = attribute
    if type(name) is not str or not name.isidentifier() or len(name) > _LONGEST_PLAIN:
        return False
    if type(value) is str:
        return len(value) < _LONGEST_PLAIN and value.isprintable()
    return type(value) is bool


def _voiced(spans: Iterable[Suggestion], voices: Voices) -> tuple[Suggestion, ...]:
    return tuple(
        Suggestion(
            span.id,
            span.label,
            span.start,
            span.end,
            span.score,
            {**span.attrs, "voice": voices.of(span.start, span.end).value},
        )
        if span.label == LOADED and "voice" not in span.attrs
        else span
        for span in spans
    )
