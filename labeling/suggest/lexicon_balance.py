"""Whether a term bank looks at all sides alike: counts by topic and lean, and what to mend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from labeling.suggest.folding import fold, lower
from labeling.suggest.lexicon_forms import forms_of
from labeling.suggest.lexicon_terms import LEANS, Term

# Who stands opposite whom; terms that lean to nobody have no opposite.
OPPOSITES = (("left", "right"), ("state", "opposition"))


@dataclass(frozen=True, slots=True)
class TopicBalance:
    """How many terms of a topic lean where; ``even`` when both sides of each pair have as many."""

    topic: str
    leans: dict[str, int]
    even: bool


@dataclass(frozen=True, slots=True)
class TermFault:
    """Something about a term that is worth mending; ``term`` is its key, empty for a topic."""

    term: str
    reason: str


@dataclass(frozen=True, slots=True)
class Balance:
    """The balance of a term bank."""

    terms: int
    muted: int
    topics: tuple[TopicBalance, ...]
    types: dict[str, int]
    faults: tuple[TermFault, ...]


def balance_of(terms: Sequence[Term]) -> Balance:
    """Count the active terms of a bank by topic and lean, and list what is worth mending."""
    active = [term for term in terms if term.status == "active"]
    topics = _topics(active)
    uneven = [
        TermFault("", f"the topic {t.topic!r} has {_pairs(t.leans)}.") for t in topics if not t.even
    ]
    return Balance(
        terms=len(active),
        muted=len(terms) - len(active),
        topics=topics,
        types=dict(sorted(Counter(term.type for term in active).items())),
        faults=(*uneven, *_mirror_faults(active, terms), *_twice(active), *_bare(active)),
    )


def _topics(terms: Iterable[Term]) -> tuple[TopicBalance, ...]:
    counted: dict[str, Counter[str]] = {}
    for term in terms:
        counted.setdefault(term.topic, Counter())[term.leans] += 1
    return tuple(
        TopicBalance(
            topic,
            {lean: leans[lean] for lean in LEANS if leans[lean]},
            all(leans[one] == leans[other] for one, other in OPPOSITES),
        )
        for topic, leans in sorted(counted.items())
    )


def _pairs(leans: dict[str, int]) -> str:
    return "; ".join(
        f"{leans.get(one, 0)} {one}, {leans.get(other, 0)} {other}"
        for one, other in OPPOSITES
        if leans.get(one, 0) != leans.get(other, 0)
    )


def _mirror_faults(active: Sequence[Term], terms: Sequence[Term]) -> Iterable[TermFault]:
    by_key = {term.key: term for term in terms}
    for term in active:
        mirror = by_key.get(term.mirror_of)
        if not term.mirror_of:
            continue
        if mirror is None:
            yield TermFault(term.key, f"its mirror {term.mirror_of!r} is not in the bank.")
        elif mirror.mirror_of != term.key:
            yield TermFault(term.key, f"its mirror {mirror.key!r} does not point back to it.")
        elif mirror.status != term.status:
            yield TermFault(term.key, f"its mirror {mirror.key!r} is muted.")
        elif mirror.topic != term.topic:
            yield TermFault(term.key, f"its mirror {mirror.key!r} has another topic.")
        elif mirror.leans == term.leans:
            yield TermFault(term.key, f"its mirror {mirror.key!r} leans to the same side.")


def _twice(terms: Iterable[Term]) -> Iterable[TermFault]:
    """Two terms that are looked for in the same form: only one of them would ever be found."""
    owner: dict[tuple[str, str], str] = {}
    for term in terms:
        for form in forms_of(term):
            shape = (lower(fold(form.text)), term.case)
            first = owner.setdefault(shape, term.key)
            if first != term.key:
                yield TermFault(term.key, f"the form {form.text!r} is also one of {first!r}.")


def _bare(terms: Iterable[Term]) -> Iterable[TermFault]:
    for term in terms:
        missing = [
            words
            for words, there in (
                ("a neutral alternative", term.alternatives),
                ("a note", term.note),
                ("a mirror", term.mirror_of or term.leans == "none"),
            )
            if not there
        ]
        if missing:
            yield TermFault(term.key, f"it has no {' and no '.join(m[2:] for m in missing)}.")
