"""A house policy in plain TOML: its house style, its reasons, and the rules that rest on them."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from labeling.moderation.tables import PolicyError, Table
from labeling.suggest.voice import Voice

LARGEST = 500_000
MOST_RULES = 200
_KNOWN = frozenset({"name", "title", "note", "in_force", "style", "reasons", "rule"})
_LISTS = ("label", "type", "voice", "term", "outlet", "section")
_RULE = frozenset({"name", "verdict", "reason", "style", "of", "at_least", "at_most", *_LISTS})


class Verdict(StrEnum):
    """What may be said of an article; a rule proposes one, a person gives one."""

    FINE = "fine"
    NEEDS_EDIT = "needs_edit"
    ESCALATE = "escalate"


class Of(StrEnum):
    """Which spans a rule looks at: those that reviewers decided, those only suggested, or both."""

    ANY = "any"
    DECIDED = "decided"
    SUGGESTED = "suggested"


@dataclass(frozen=True, slots=True)
class Rule:
    """What to look for, and what to propose where it is found.

    Args:
        name: its name within the policy.
        verdict: what it proposes.
        reason: the code of the reason, one of the policy's.
        style: the key of the passage of the house style that it rests on.
        label, type, voice, term: what a span must be; an empty list asks for nothing. A term is
            the id of one in the term bank, or words as they stand in the text.
        outlet, section: in which articles it holds; likewise.
        of: whether it looks at decided spans, suggested ones, or both.
        at_least: so many such spans there must be.
        at_most: and no more than so many.
    """

    name: str
    verdict: Verdict
    reason: str
    style: str
    label: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    voice: tuple[str, ...] = ()
    term: tuple[str, ...] = ()
    outlet: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    of: Of = Of.ANY
    at_least: int = 1
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as it was read. ``in_force`` false: it is kept, and proposes nothing.

    ``style`` are passages of the house style and ``reasons`` the words of reasons, by key.
    """

    name: str
    title: str
    note: str
    in_force: bool
    style: Mapping[str, str]
    reasons: Mapping[str, str]
    rules: tuple[Rule, ...]

    @property
    def sha(self) -> str:
        """The sha256 of what it says; blanks and comments of its file do not matter."""
        said = json.dumps(asdict(self), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(said.encode("ascii")).hexdigest()


def read_policy(text: str, *, source: str) -> Policy:
    """Read a policy.

    Args:
        text: TOML.
        source: the file's name, for messages.

    Raises:
        PolicyError: it cannot be used; the message names the file and the rule.
    """
    if len(text) > LARGEST:
        raise PolicyError(
            f"{source}: a policy may have {LARGEST:,} characters.",
            remedy="Part it in two, with a name each.",
        )
    try:
        said = tomllib.loads(text)
    except (ValueError, RecursionError) as err:
        raise PolicyError(
            f"{source} is not TOML: {err}", remedy="Mend the file where it says so."
        ) from None
    table = Table(source, said)
    table.check_keys(_KNOWN)
    name = table.name("name")
    style, reasons = table.texts("style"), table.texts("reasons")
    return Policy(
        name=name,
        title=table.short("title", 200) or name,
        note=table.text("note"),
        in_force=table.flag("in_force", default=True),
        style=style,
        reasons=reasons,
        rules=_rules(source, said.get("rule", []), style, reasons),
    )


def _rules(
    source: str, said: Any, style: Mapping[str, str], reasons: Mapping[str, str]
) -> tuple[Rule, ...]:
    if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
        raise PolicyError(f"{source}: `rule` is no list.", remedy="Begin each rule with [[rule]].")
    if not 1 <= len(said) <= MOST_RULES:
        raise PolicyError(
            f"{source}: it has {len(said)} rules; a policy has from 1 to {MOST_RULES}.",
            remedy="Begin each rule with [[rule]].",
        )
    rules: dict[str, Rule] = {}
    for n, one in enumerate(said, start=1):
        rule = _rule(Table(f"{source}: rule {n}", one), source, style, reasons)
        if rule.name in rules:
            raise PolicyError(
                f"{source}: two rules are called {rule.name!r}.", remedy="Give each its own name."
            )
        rules[rule.name] = rule
    return tuple(rules.values())


def _rule(table: Table, source: str, style: Mapping[str, str], reasons: Mapping[str, str]) -> Rule:
    name = table.name("name")
    table.where = f"{source}: rule {name!r}"
    table.check_keys(_RULE)
    lists = {key: table.several(key) for key in _LISTS}
    for voice in lists["voice"]:
        table.one_of("voice", voice, [one.value for one in Voice])
    if not any(lists[key] for key in ("label", "type", "voice", "term")):
        raise table.fault(
            "it does not say which spans it is about",
            "Give it at least one of label, type, voice and term.",
        )
    at_least, at_most = table.count("at_least", 1), table.count("at_most", None)
    if at_least is not None and at_most is not None and at_most < at_least:
        raise table.fault("at_most is less than at_least", "No number can be both: mend one.")
    return Rule(
        name=name,
        verdict=Verdict(table.one_of("verdict", table.text("verdict"), list(Verdict))),
        reason=table.key_of("reason", reasons),
        style=table.key_of("style", style),
        of=Of(table.one_of("of", table.text("of") or Of.ANY, list(Of))),
        at_least=at_least or 1,
        at_most=at_most,
        **lists,
    )
