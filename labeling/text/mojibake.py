"""UTF-8 that was once read as Windows-1252, put right; every other text is left as it is.

Only lines that look garbled are touched, and only their encoding: quotes are not straightened,
letters not composed, spaces not changed.
"""

from __future__ import annotations

import re

# The first byte of a UTF-8 sequence, read as Windows-1252 (or Latin-1), and one that goes on:
# a text without such a pair cannot be this kind of garbled, and almost none has one.
_PAIR = re.compile(
    "[\u00c2-\u00f4]"
    "[\u0080-\u00bf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d"
    "\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178]"
)


# What a single garbled pair may turn out to be: Latin letters and the marks of a news text. Two
# characters that happen to make a letter of another script are left alone; three are a text.
_USUAL = re.compile(r"[\x00-\u024f\u0300-\u036f\u2010-\u203a\u20ac\u2122\U0001f300-\U0001faff]*")
_ENOUGH_PAIRS = 3


def repair_mojibake(text: str) -> tuple[str, int]:
    """Repair the lines of a text that are garbled.

    Args:
        text: decoded text.

    Returns:
        The text, and how many of its lines were repaired (0: it is the very same text).
    """
    if text.isascii() or not _PAIR.search(text):
        return text, 0
    lines = text.split("\n")
    repaired = 0
    for n, line in enumerate(lines):
        if _PAIR.search(line):
            lines[n] = _repaired(line)
            repaired += lines[n] != line
    return "\n".join(lines), repaired


def _repaired(line: str) -> str:
    from ftfy import TextFixerConfig, fix_encoding
    from ftfy.badness import badness, is_bad

    if not is_bad(line):
        return line
    # Lossy repairs guess; C1 controls may be meant (U+0085 is a line end); both are left.
    config = TextFixerConfig(
        unescape_html=False,
        remove_terminal_escapes=False,
        replace_lossy_sequences=False,
        fix_c1_controls=False,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        fix_surrogates=False,
        remove_control_chars=False,
        normalization=None,
    )
    fixed: str = fix_encoding(line, config)
    sure = _USUAL.fullmatch(fixed) or len(_PAIR.findall(line)) >= _ENOUGH_PAIRS
    return fixed if sure and badness(fixed) < badness(line) else line
