"""How values look on a page, and what every template may ask: filters, roles, the theme."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Flask, request

from app.queries.quarantine import title_of_kind
from app.security.access import may

THEMES = ("system", "light", "dark")
THEME_COOKIE = "copydesk_theme"

# A sign and a word: no state is told by its colour alone. (tone, sign, word)
STATES = {
    "draft": ("quiet", "○", "draft"),
    "pushing": ("accent", "◐", "pushing"),
    "open": ("accent", "●", "open"),
    "closed": ("good", "✓", "closed"),
    "archived": ("quiet", "▪", "archived"),
    "queued": ("quiet", "○", "queued"),
    "running": ("accent", "◐", "running"),
    "cancelling": ("warn", "◐", "cancelling"),
    "succeeded": ("good", "✓", "succeeded"),
    "failed": ("bad", "!", "failed"),
    "cancelled": ("quiet", "×", "cancelled"),
    "submitted": ("good", "✓", "submitted"),
    "skipped": ("warn", "»", "skipped"),
    "withdrawn": ("quiet", "×", "withdrawn"),
    "checking": ("accent", "◐", "being checked"),
    "checked": ("warn", "?", "waiting for you"),
    "importing": ("accent", "◐", "being imported"),
    "done": ("good", "✓", "done"),
    "discarded": ("quiet", "×", "discarded"),
    "planned": ("quiet", "○", "not pushed yet"),
    "pushed": ("accent", "●", "waiting for an answer"),
    "accepted": ("good", "✓", "accepted"),
    "ignored": ("quiet", "×", "ignored"),
    "asked": ("accent", "◐", "asked again"),
    "superseded": ("quiet", "»", "superseded"),
    "building": ("accent", "◐", "being built"),
    "ready": ("good", "✓", "ready"),
    "set_aside": ("warn", "!", "refused by Label Studio"),
    "second": ("accent", "●", "waiting for a second look"),
    "adjudication": ("warn", "≠", "waiting for adjudication"),
    "rework": ("warn", "↩", "sent back"),
    "waiting": ("quiet", "○", "waiting for annotators"),
    "reviewed": ("good", "✓", "reviewed"),
    "stale": ("warn", "!", "newer answers than reviewed"),
    "flagged": ("warn", "⚑", "flagged"),
}
KNOWN_LABELS = frozenset(
    {
        *("PERSON", "ORG", "GPE", "LOC", "NORP", "EVENT", "WORK"),
        *("QUOTE", "SPEAKER", "CUE", "LOADED_TERM"),
    }
)


def init_app(app: Flask) -> None:
    """Give the templates their filters and functions."""
    for function in (
        number,
        share,
        moment,
        day,
        pretty,
        label_class,
        plural,
        facet_value,
        state_facet,
        counted_state,
        counted_kind,
        duration,
        span_of_time,
        decimals,
        along,
        ends,
        words,
    ):
        app.add_template_filter(function)
    app.add_template_global(may, "may")
    app.add_template_global(theme, "theme")
    app.add_template_global(state_look, "state_look")
    app.add_template_global(url_with, "url_with")


def number(value: int) -> str:
    """1820 as 1,820."""
    return f"{value:,}"


def plural(n: int, one: str, many: str = "") -> str:
    """``3 passages``, ``1 passage``."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def facet_value(counted: tuple[str, int]) -> tuple[str, str, int]:
    """A counted value as a facet shows it: value, words, count."""
    value, count = counted
    return value, value or "not known", count


def state_facet(state: str, counts: dict[str, int]) -> tuple[str, str, int]:
    """A state as a facet shows it: value, words, count."""
    return state, STATES[state][2].capitalize(), counts[state]


def counted_state(counted: tuple[str, int]) -> tuple[str, str, int]:
    """A counted state as a facet shows it: value, words, count."""
    state, count = counted
    return state, state_look(state)[2].capitalize(), count


def counted_kind(counted: tuple[str, int]) -> tuple[str, str, int]:
    """A counted kind of what was set aside: value, words, count."""
    kind, count = counted
    return kind, title_of_kind(kind), count


def duration(seconds: float) -> str:
    """72.4 seconds as ``1 min 12 s``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def span_of_time(seconds: float) -> str:
    """A long time by its two largest parts: ``3 d 4 h``, ``2 h 5 min``, ``40 s``."""
    days, rest = divmod(max(0, round(seconds)), 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, left = divmod(rest, 60)
    parts = [f"{days} d"] if days else []
    parts += [f"{hours} h"] if hours else []
    parts += [f"{minutes} min"] if minutes and len(parts) < 2 else []
    return " ".join(parts[:2]) or f"{left} s"


def decimals(value: float) -> str:
    """0.4137 as 0.41; minus zero is zero."""
    return f"{round(value, 2) + 0.0:.2f}"


def along(value: float, first: float, last: float) -> float:
    """Where a share from 0 to 1 stands on a line between two places; beyond, at its end."""
    return round(first + (last - first) * min(1.0, max(0.0, value)), 1)


def ends(text: str) -> str:
    """A long text by its two ends, where the bounds of spans differ."""
    return text if len(text) <= 90 else f"{text[:40]} … {text[-40:]}"


def words(value: object) -> str:
    """An attribute's answer as people read it."""
    if isinstance(value, list | tuple):
        return ", ".join(words(part) for part in value)
    return str(value).replace("_", " ")


def share(part: int, whole: int) -> str:
    """A part of a whole in per cent; never 100 % before the whole is reached, nor 0 % after 0."""
    if whole <= 0:
        return "–"
    percent = round(100 * part / whole)
    if 0 < part < whole:
        percent = min(99, max(1, percent))
    return f"{percent}%"


def moment(at: datetime) -> str:
    """A time to the minute, in UTC, as people write it."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def day(at: date) -> str:
    """A date as people write it."""
    return f"{at.day} {at:%b %Y}"


def pretty(value: Any) -> str:
    """JSON to read."""
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)


def label_class(label: str) -> str:
    """The class that gives a label its colour; labels of other schemes share one."""
    return f"label-{label.lower().replace('_', '-') if label in KNOWN_LABELS else 'other'}"


def state_look(state: str) -> tuple[str, str, str]:
    """Tone, sign and word of a state; an unknown one is shown by its name."""
    return STATES.get(state, ("quiet", "·", state.replace("_", " ")))


def theme() -> str:
    """The look this browser asked for: system, light or dark."""
    wanted = request.cookies.get(THEME_COOKIE, "")
    return wanted if wanted in THEMES else "system"


def url_with(**changes: object) -> str:
    """This page's address with some of its query changed; None takes a part away.

    The place in a list (``after``) is dropped unless it is given: another choice begins anew.
    """
    query: dict[str, object] = {**request.args.to_dict(), "after": None, **changes}
    kept = {name: value for name, value in query.items() if value is not None}
    return f"{request.path}?{urlencode(kept)}" if kept else request.path
