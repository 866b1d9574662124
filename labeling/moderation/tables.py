"""Tables of a policy's file, read value by value; every fault says where it is and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from labeling.errors import LabelingError

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class PolicyError(LabelingError):
    """A policy cannot be used as it is written; nothing was kept."""

    kind = "bad_policy"


class Table:
    """A table of the file, read value by value; ``where`` names it in messages."""

    def __init__(self, where: str, said: Mapping[str, Any]) -> None:
        self.where = where
        self._said = said

    def fault(self, what: str, remedy: str) -> PolicyError:
        """What is to be raised."""
        return PolicyError(f"{self.where}: {what}.", remedy=remedy)

    def check_keys(self, known: frozenset[str]) -> None:
        """Refuse what is not known: a slip of the pen must not widen a rule."""
        for key in self._said:
            if key not in known:
                raise self.fault(f"{key!r} is not known here", "Known: " + ", ".join(sorted(known)))

    def text(self, key: str) -> str:
        """A text; empty where it is not said."""
        value = self._said.get(key, "")
        if not isinstance(value, str):
            raise self.fault(f"`{key}` is no text", f'Write {key} = "…".')
        if _CONTROL.search(value):
            raise self.fault(f"`{key}` holds a control character", "Take it out.")
        return value.strip()

    def short(self, key: str, most: int) -> str:
        """A text of at most so many characters."""
        value = self.text(key)
        if len(value) > most:
            raise self.fault(f"`{key}` is longer than {most} characters", "Say it more briefly.")
        return value

    def name(self, key: str) -> str:
        """A name that must be there."""
        value = self.text(key)
        if not _NAME.fullmatch(value):
            raise self.fault(
                f"`{key}` is {value[:90]!r}, which is no name",
                "Use lower-case letters, digits, hyphens and underscores, at most 80.",
            )
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self._said.get(key, default)
        if not isinstance(value, bool):
            raise self.fault(f"`{key}` is neither true nor false", f"Write {key} = true.")
        return value

    def count(self, key: str, default: int | None) -> int | None:
        """A number from 1."""
        value = self._said.get(key, default)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise self.fault(f"`{key}` is no whole number", f"Write {key} = 2.")
        if value is not None and not 1 <= value <= 1_000_000:
            raise self.fault(f"`{key}` is {value}", "Give a number from 1 on.")
        return value

    def several(self, key: str) -> tuple[str, ...]:
        """One text or several; empty where it is not said."""
        value = self._said.get(key, [])
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) and one.strip() for one in values):
            raise self.fault(f"`{key}` is no list of texts", f'Write {key} = ["…"].')
        return tuple(one.strip() for one in values)

    def texts(self, key: str) -> dict[str, str]:
        """A table of texts by key."""
        value = self._said.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(t, str) for t in value.values()):
            raise self.fault(f"`{key}` is no table of texts", f'Write [{key}], then key = "…".')
        return {name: " ".join(text.split()) for name, text in value.items()}

    def one_of(self, key: str, value: str, choices: list[str]) -> str:
        """A value that must be one of these."""
        if value not in choices:
            raise self.fault(f"`{key}` is {value[:90]!r}", "Use one of " + ", ".join(choices) + ".")
        return value

    def key_of(self, key: str, known: Mapping[str, str]) -> str:
        """A key of one of the policy's own tables."""
        value = self.text(key)
        if value not in known:
            table = "reasons" if key == "reason" else key
            there = ", ".join(sorted(known)) or "nothing yet"
            raise self.fault(
                f"`{key}` is {value[:90]!r}, which [{table}] does not have",
                f"Add it to [{table}], or use what is there: {there}.",
            )
        return value
