"""HTML: the article of a page, from bytes that we hold. Nothing is ever fetched.

The reader of pages collapses every kind of space to a plain one and drops what is invisible.
In news these are meant (a no-break space in a price, a soft hyphen), so they travel through it
in the shape of letters that no newspaper prints, and come out as they went in.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field

from labeling.errors import TextError

_RANGES = (range(0x2000, 0x2010), range(0x2028, 0x2030), range(0x2060, 0x206A))
_KEPT = "\u00a0\u00ad\u1680\u205f\u3000" + "".join(chr(at) for run in _RANGES for at in run)
# Linear A: letters to every program, and in no newspaper.
_STAND_INS = str.maketrans({mark: chr(0x10600 + n) for n, mark in enumerate(_KEPT)})
_BACK = str.maketrans({chr(0x10600 + n): mark for n, mark in enumerate(_KEPT)})
_ANY_STAND_IN = re.compile("[\U00010600-\U000106ff]")
_ENTITY = re.compile(r"&(?:nbsp|#160|#[xX]0{0,4}[aA]0);")
_AT_A_TAG = re.compile("(?<=>)[\U00010600-\U000106ff]{1,99}|[\U00010600-\U000106ff]{1,99}(?=<)")
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,400}\?>")
_SCRIPT = re.compile(r"<script\b", re.IGNORECASE)
# News pages have a few thousand. The reader's work grows faster than their number.
_TAG = re.compile("<[a-zA-Z]")
_MOST_TAGS = 30_000
# Fixed, so that a page gives the same article whenever it is read.
_DATES = {"original_date": True, "extensive_search": False, "max_date": "2100-01-01"}
_WEB = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Page:
    """The article of a page, and what the page says about it by the names of ``NAMES``."""

    words: str
    fields: dict[str, str] = field(default_factory=dict)


def read_html(html: str, *, source: str) -> Page:
    """Find the article in a page: what is surely part of it, rather than all that may be.

    Args:
        html: the decoded source of the page.
        source: what it is called in messages.

    Raises:
        TextError: there is no article to be found, such as in a page made by a script.
    """
    if sum(1 for _ in _TAG.finditer(html)) > _MOST_TAGS:
        raise TextError(
            f"{source}: the page has more than {_MOST_TAGS:,} tags, which is no article.",
            remedy=_SAVE_AS,
        )
    from trafilatura import bare_extraction

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    shielded = not _ANY_STAND_IN.search(html)
    try:
        found = bare_extraction(
            _shield(html) if shielded else html,
            favor_precision=True,
            include_comments=False,
            include_tables=False,
            with_metadata=True,
            date_extraction_params=_DATES,
        )
    except (ValueError, RecursionError, AssertionError) as err:
        raise TextError(f"{source}: the page cannot be read ({type(err).__name__}).") from None
    if found is None or not (found.text or "").strip():
        raise TextError(f"{source}: {_why_nothing(html)}", remedy=_SAVE_AS)
    words = "\n\n".join(filter(None, map(str.strip, found.text.split("\n"))))
    fields = {
        "title": found.title,
        "byline": found.author,
        "date": found.date,
        "url": found.url if (found.url or "").startswith(_WEB) else "",
    }
    told = {name: _unshielded(value, shielded) for name, value in fields.items() if value}
    return Page(_unshielded(words, shielded), told)


_SAVE_AS = "Open it in a browser, copy the article, and save that as plain text."


def _shield(html: str) -> str:
    html = _XML_DECLARATION.sub("", html, count=1)
    # Beside a tag a space only keeps boxes apart.
    return _AT_A_TAG.sub(" ", _ENTITY.sub("\u00a0", html).translate(_STAND_INS))


def _unshielded(text: str, shielded: bool) -> str:
    return text.translate(_BACK) if shielded else text


def _why_nothing(html: str) -> str:
    if _SCRIPT.search(html):
        return "no article stands in the page itself; a script would make it, and none is run."
    return "no article was found in the page."
