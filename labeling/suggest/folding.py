"""A shadow of a text for looking words up: every character stays where it stands.

Curly apostrophes, no-break spaces and the short dashes become their plain forms, each one for
one, so that an offset in the shadow is an offset in the text.
"""

from __future__ import annotations

# From the plain form to the characters that are taken for it.
_PLAIN = {
    "'": "’‘ʼ",
    " ": "\n\t\r\u00a0\u2007\u2009\u202f",
    "-": "‐‑‒–",
}
_SWAPS = tuple((odd, plain) for plain, odds in _PLAIN.items() for odd in odds)


def fold(text: str) -> str:
    """Make apostrophes, spaces and short dashes plain; case stays.

    A line end becomes one space, so words match across the lines of a wrapped paragraph and
    not across the blank line between two.
    """
    for odd, plain in _SWAPS:
        # Much faster than `translate`: each character is looked for in one sweep of memory.
        text = text.replace(odd, plain)
    return text


def lower(text: str) -> str:
    """Lower the case without moving a character: where Unicode would write two, none changes."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    # The one letter whose lower case depends on its neighbours.
    return lowered.replace("ς", "σ")
