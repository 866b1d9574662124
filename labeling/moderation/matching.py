"""What a policy matches in an article: rule by rule, with the spans that made it match."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from labeling.moderation.policy import Of, Policy, Rule, Verdict
from labeling.suggest.folding import fold, lower
from labeling.suggest.lexicon import LABEL as LOADED
from labeling.suggest.voice import QUOTE

# How heavy a proposal weighs in the order of the desk; nothing matched weighs nothing.
WEIGHTS = {Verdict.FINE: 0, Verdict.NEEDS_EDIT: 1, Verdict.ESCALATE: 2}
_MOST_SPANS = 9_999


@dataclass(frozen=True, slots=True)
class Finding:
    """A span of an article that rules look at: decided by reviewers, or only suggested.

    Args:
        id: its name within the article.
        label: its label.
        start, end: code points of the article's text.
        text: the words.
        decided: it is gold; otherwise it is only suggested.
        type: of a loaded term what it does, of a quote how it is quoted.
        voice: of a loaded term, in whose voice it stands.
        term: the id of the term in the term bank.
        speaker: of a quote, whose words they are.
    """

    id: str
    label: str
    start: int
    end: int
    text: str
    decided: bool
    type: str = ""
    voice: str = ""
    term: str = ""
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an article comes from, as rules ask for it."""

    outlet: str = ""
    section: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that found something, and the spans it found, in the order of the text."""

    policy: str
    rule: Rule
    findings: tuple[Finding, ...]


def match_policy(policy: Policy, place: Place, findings: Sequence[Finding]) -> tuple[Match, ...]:
    """Every rule of a policy that finds what it looks for, in the policy's order.

    A policy that is not in force matches nothing.
    """
    if not policy.in_force:
        return ()
    matches = []
    for rule in policy.rules:
        if not _holds(rule.outlet, place.outlet) or not _holds(rule.section, place.section):
            continue
        found = tuple(one for one in findings if fits(rule, one))
        if len(found) >= rule.at_least and (rule.at_most is None or len(found) <= rule.at_most):
            matches.append(Match(policy.name, rule, found))
    return tuple(matches)


def fits(rule: Rule, finding: Finding) -> bool:
    """Whether a rule is about this span; how many there must be is not asked here."""
    if rule.of is not Of.ANY and (rule.of is Of.DECIDED) != finding.decided:
        return False
    return (
        _holds(rule.label, finding.label)
        and _holds(rule.type, finding.type)
        and _holds(rule.voice, finding.voice)
        and (not rule.term or _is_term(rule.term, finding))
    )


def proposal(matches: Iterable[Match]) -> Verdict | None:
    """The most serious verdict that any rule proposes; None when nothing matched."""
    return max((one.rule.verdict for one in matches), key=WEIGHTS.__getitem__, default=None)


def severity(matches: Sequence[Match]) -> int:
    """How far up an article stands on the desk: first by the verdict, then by how many spans."""
    heaviest = proposal(matches)
    if heaviest is None:
        return 0
    spans = {f.id for one in matches if one.rule.verdict is heaviest for f in one.findings}
    return (WEIGHTS[heaviest]) * (_MOST_SPANS + 1) + min(len(spans), _MOST_SPANS)


def basis(place: Place, findings: Sequence[Finding], policies: str) -> str:
    """A name for what a verdict rests on: the article's spans and the policies, by their sha256.

    Whoever had an article open while either changed holds another name than the newest.
    """
    said: list[Any] = [policies, asdict(place), [asdict(one) for one in findings]]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode("ascii")).hexdigest()


def rule_in_words(rule: Rule) -> str:
    """What a rule looks for, as one reads it aloud."""
    words = [_spans(rule)]
    if rule.term:
        words.append("of these: " + _either([f"“{term}”" for term in rule.term]))
    if rule.voice:
        words.append(_either([_VOICES[voice] for voice in rule.voice]))
    if rule.of is not Of.ANY:
        words.append("decided" if rule.of is Of.DECIDED else "suggested, not yet decided")
    said = ", ".join(words)
    if rule.at_least > 1 or rule.at_most is not None:
        said += f"; {_number(rule)} of them in one article"
    where = [f"of {_either(list(rule.outlet))}"] if rule.outlet else []
    where += [f"in the section {_either(list(rule.section))}"] if rule.section else []
    return said + (f"; only articles {' '.join(where)}" if where else "")


def match_in_words(match: Match) -> str:
    """What a rule matched in this article: how many spans, in whose voice, and which words."""
    found = match.findings
    decided = sum(one.decided for one in found)
    noun = _NOUNS.get(found[0].label, found[0].label) if _alike(found, "label") else "span"
    said = f"{len(found)} {noun}{'s' if len(found) > 1 else ''}"
    if _alike(found, "voice") and found[0].voice in _VOICES:
        said += f" {_VOICES[found[0].voice]}"
    texts = list(dict.fromkeys(" ".join(one.text.split()) for one in found))
    shown = ", ".join(f"“{_short(text)}”" for text in texts[:_SHOWN])
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return f"{said}: {shown}{more} ({_known(decided, len(found) - decided)})"


_SHOWN = 4
_NOUNS = {LOADED: "loaded term", QUOTE: "quote"}
_VOICES = {
    "outlet": "in the outlet's own voice",
    "quoted": "quoted",
    "paraphrased": "in a paraphrase",
    "headline": "in the headline",
}


def _holds(wanted: Sequence[str], value: str) -> bool:
    return not wanted or value in wanted


def _is_term(wanted: Sequence[str], finding: Finding) -> bool:
    return finding.term in wanted or _plain(finding.text) in {_plain(one) for one in wanted}


def _plain(text: str) -> str:
    return " ".join(lower(fold(text)).split())


def _alike(findings: Sequence[Finding], name: str) -> bool:
    return len({getattr(one, name) for one in findings}) == 1


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59].rstrip() + "…"


def _known(decided: int, suggested: int) -> str:
    counts = [f"{decided} decided"] if decided else []
    counts += [f"{suggested} only suggested"] if suggested else []
    return ", ".join(counts)


def _spans(rule: Rule) -> str:
    nouns = [f"{_NOUNS.get(label, label)}s" for label in rule.label]
    said = _either(nouns) if nouns else "spans of any label"
    return f"{said} of the type {_either(list(rule.type))}" if rule.type else said


def _number(rule: Rule) -> str:
    if rule.at_most is None:
        return f"at least {rule.at_least}"
    if rule.at_least == rule.at_most:
        return f"exactly {rule.at_least}"
    return f"from {rule.at_least} to {rule.at_most}"


def _either(words: Sequence[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last
