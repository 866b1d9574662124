"""Simulated annotators: imperfect, each in a way of their own, the same on every run.

They give a new instance something to show. They are never a measure of anything, and the
accounts they use are the demo annotators', said to be simulated wherever we speak of them.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labeling.types import Relation, Span
from local.findings import Finding, find

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from labeling.types import Attribute, Layer, Scheme

_LEFT_OUT = 0.10
_CONFUSED = {"PERSON": "ORG", "ORG": "GPE", "GPE": "LOC", "LOC": "GPE", "NORP": "ORG"}


@dataclass(frozen=True, slots=True)
class Tendency:
    """How an annotator errs; every number is a chance from 0 to 1, ``pace`` a factor.

    Args:
        misses: per layer, how often a stretch is not marked at all.
        shifts: how often a border is drawn a word or a mark off.
        confuses: how often an entity gets another label.
        leaves_marks: how often a quote is marked without its quotation marks.
        relates: how often a quote is joined to its speaker.
        skips: how often a passage is skipped.
        pace: 1 for ordinary; more is slower.
    """

    misses: Mapping[str, float]
    shifts: float
    confuses: float
    leaves_marks: float
    relates: float
    skips: float
    pace: float


TENDENCIES = (
    # Careful, slow; sees loaded words everywhere.
    Tendency({"entity": 0.05, "quote": 0.03, "loaded": 0.05}, 0.04, 0.03, 0.02, 0.95, 0.02, 1.3),
    # Quick with names, hesitant to call a word loaded.
    Tendency({"entity": 0.10, "quote": 0.08, "loaded": 0.45}, 0.10, 0.08, 0.10, 0.80, 0.02, 0.8),
    # New to it: quotes without their marks, labels mixed up, relations forgotten.
    Tendency({"entity": 0.18, "quote": 0.10, "loaded": 0.25}, 0.18, 0.15, 0.45, 0.60, 0.05, 1.0),
)


@dataclass(frozen=True, slots=True)
class Work:
    """What a simulated annotator makes of one task.

    Args:
        spans: what is marked.
        relations: quotes joined to their speakers.
        skipped: the passage was skipped; then nothing is marked.
        lead_time: seconds it is said to have taken.
    """

    spans: tuple[Span, ...]
    relations: tuple[Relation, ...]
    skipped: bool
    lead_time: float


def is_left_out(task_uid: str) -> bool:
    """Whether nobody gets to this task, so that progress bars have something left to do."""
    return _chance("left out", task_uid).random() < _LEFT_OUT


def annotate(task_uid: str, text: str, tendency: Tendency, scheme: Scheme) -> Work:
    """Do one task.

    Args:
        task_uid: makes the errors the same on every run.
        text: the passage.
        tendency: whose work it is.
        scheme: only its layers, labels and attributes are used.

    Returns:
        spans that are valid for ``text`` and ``scheme``.
    """
    chance = _chance("work", task_uid)
    seconds = (4 + len(text.split()) * 0.35) * tendency.pace * chance.uniform(0.7, 1.5)
    if chance.random() < tendency.skips:
        return Work((), (), skipped=True, lead_time=round(seconds * 0.4, 1))
    layers = {layer.name: layer for layer in scheme.layers}
    marked: dict[Finding, Span] = {}
    found = find(text)
    for finding in found:
        layer = layers.get(finding.layer)
        if layer is None:
            continue
        span = _mark(finding, text, tendency, layer, chance)
        if span is not None:
            attrs = _attributes(layer, finding, found, chance)
            marked[finding] = replace(span, attrs=attrs)
    relations = _relate(marked, tendency, scheme, chance)
    seconds += len(marked) * 3.5 * tendency.pace
    return Work(tuple(marked.values()), relations, skipped=False, lead_time=round(seconds, 1))


def _mark(
    finding: Finding,
    text: str,
    tendency: Tendency,
    layer: Layer,
    chance: random.Random,
) -> Span | None:
    label = _label(finding, tendency, chance)
    missed = chance.random() < tendency.misses.get(finding.layer, 0.2)
    start, end = _borders(finding, text, tendency, chance)
    if label not in layer.labels or missed or not text[start:end].strip():
        return None
    return Span(f"{chance.getrandbits(40):010x}", layer.name, label, start, end)


def _label(finding: Finding, tendency: Tendency, chance: random.Random) -> str:
    if chance.random() < tendency.confuses:
        return _CONFUSED.get(finding.label, finding.label)
    return finding.label


def _borders(
    finding: Finding, text: str, tendency: Tendency, chance: random.Random
) -> tuple[int, int]:
    start, end = finding.start, finding.end
    if finding.label == "QUOTE" and chance.random() < tendency.leaves_marks:
        return start + 1, end - (1 if text[end - 1] in '”"' else 0)
    if chance.random() >= tendency.shifts:
        return start, end
    first, space, _ = text[start:end].partition(" ")
    if space and chance.random() < 0.5:
        return start + len(first) + 1, end
    next_space = text.find(" ", end + 1)
    return start, next_space if next_space > 0 else end


def _attributes(
    layer: Layer, finding: Finding, found: Sequence[Finding], chance: random.Random
) -> dict[str, object]:
    """Answer the questions of the layer; the page asks them about two labels only."""
    if finding.label not in {"QUOTE", "LOADED_TERM"}:
        return {}
    likely = _likely(finding, found)
    return {
        attribute.name: _answer(attribute, likely.get(attribute.name), chance)
        for attribute in layer.attributes
        if attribute.kind == "choices" and attribute.values and chance.random() < 0.9
    }


def _likely(finding: Finding, found: Sequence[Finding]) -> dict[str, str]:
    """What a careful reader would answer, by the name of the question."""
    is_quoted = any(
        one.label == "QUOTE" and one.start <= finding.start and finding.end <= one.end
        for one in found
    )
    is_long = finding.end - finding.start > 30
    return {
        "kind": "direct" if is_long else "partial",
        "voice": "quoted" if is_quoted else "outlet",
    }


def _answer(attribute: Attribute, likely: str | None, chance: random.Random) -> object:
    # The first answer of a list is the usual one.
    weights = [3.0 / (1 + place) ** 2 for place in range(len(attribute.values))]
    answer = chance.choices(attribute.values, weights)[0]
    if likely in attribute.values and chance.random() < 0.85:
        answer = str(likely)
    return [answer] if attribute.multiple else answer


def _relate(
    marked: Mapping[Finding, Span], tendency: Tendency, scheme: Scheme, chance: random.Random
) -> tuple[Relation, ...]:
    if "said_by" not in scheme.relations:
        return ()
    quotes = {one.start: span for one, span in marked.items() if one.label == "QUOTE"}
    return tuple(
        Relation(quotes[finding.belongs_to].id, span.id, "said_by")
        for finding, span in marked.items()
        if finding.label == "SPEAKER"
        and finding.belongs_to in quotes
        and chance.random() < tendency.relates
    )


def _chance(purpose: str, task_uid: str) -> random.Random:
    digest = hashlib.sha256(f"{purpose}\0{task_uid}".encode()).digest()
    return random.Random(digest)  # noqa: S311 -- made-up annotators, no secret


def tendency_of(email: str, emails: Sequence[str]) -> Tendency:
    """The tendency of an account: by its place among the accounts, in alphabetical order."""
    return TENDENCIES[sorted(emails).index(email) % len(TENDENCIES)]
