"""What stands in an article that was found: its frozen text, and the fields it names itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from labeling.errors import TextError
from labeling.text.charset import declared_in_html
from labeling.text.decode import decode_article, decode_page, decode_str, freeze
from labeling.text.readers.found import Form, Found
from labeling.text.readers.html import read_html
from labeling.text.readers.markdown import read_markdown
from labeling.types import DecodedText

_A_PAGE = ("<!doctype html", "<html")
_PUT_ABOVE = "put the title, which stood apart, above the text"


@dataclass(frozen=True, slots=True)
class Reading:
    """An article that was read.

    Args:
        data: its bytes, to be kept and hashed.
        decoded: its frozen text.
        named: fields given with it (a row's, or those above its text).
        seen: fields that its page seems to give; what people say goes before them.
    """

    data: bytes
    decoded: DecodedText
    named: Mapping[str, str]
    seen: Mapping[str, str] = field(default_factory=dict)


def read_article(found: Found, *, title: str = "") -> Reading:
    """Read an article that was found.

    Args:
        found: where and what it is.
        title: its title, where whoever gives the article says it.

    Raises:
        TextError: it cannot be used; the message names the source, and the row.
    """
    reading = _READERS[found.form](found)
    title = reading.named.get("title") or title or reading.seen.get("title", "")
    text = reading.decoded.text
    if not title or _begins_with(text, title):
        return reading
    decoded = decode_str(f"{title}\n\n{text.lstrip()}", source=_name(found))
    fixes = dict.fromkeys((*reading.decoded.fixes, *decoded.fixes, _PUT_ABOVE))
    whole = DecodedText(decoded.text, reading.decoded.encoding, tuple(fixes))
    # A row has no bytes of its own that hold the title too: then the whole text stands for it.
    data = whole.text.encode() if found.words is not None else reading.data
    return Reading(data, whole, reading.named, reading.seen)


def _text(found: Found) -> Reading:
    decoded = _decoded(found)
    if decoded.text.lstrip("\ufeff \n\t")[:20].lower().startswith(_A_PAGE):
        raise TextError(
            f"{_name(found)} is HTML under another name.", remedy="Let its name end in .html."
        )
    return Reading(_bytes(found), decoded, found.fields)


def _markdown(found: Found) -> Reading:
    decoded = _decoded(found)
    words, fields, fixes = read_markdown(decoded.text)
    frozen = freeze(decoded, words, fixes, source=_name(found))
    return Reading(_bytes(found), frozen, {**fields, **found.fields})


def _html(found: Found) -> Reading:
    name = _name(found)
    if found.words is not None:
        page = decode_str(found.words, source=name)
    else:
        declared = found.declared or declared_in_html(found.data)
        page = decode_page(found.data, source=name, declared=declared)
    article = read_html(page.text, source=name)
    frozen = freeze(page, article.words, ("took the article out of its page",), source=name)
    return Reading(_bytes(found), frozen, found.fields, article.fields)


_READERS = {Form.TEXT: _text, Form.MARKDOWN: _markdown, Form.HTML: _html}


def _decoded(found: Found) -> DecodedText:
    if found.words is not None:
        return decode_str(found.words, source=_name(found))
    return decode_article(found.data, source=_name(found), declared=found.declared)


def _bytes(found: Found) -> bytes:
    return found.data if found.words is None else found.words.encode()


def _name(found: Found) -> str:
    return found.source if found.row is None else f"row {found.row}"


def _begins_with(text: str, title: str) -> bool:
    first = text.lstrip().partition("\n")[0]
    return " ".join(first.split()).casefold() == " ".join(title.split()).casefold()
