"""From the bytes of an article to its frozen text.

The order is the web's: a byte order mark, then what is declared, then strict UTF-8, then
Windows-1252. Guessing from letter statistics is refused, because it turns no-break spaces of
real news into letters. UTF-8 that somebody once read as Windows-1252 is put right line by line.
All that is changed is said in ``DecodedText.fixes``; everything else survives as it came, curly
quotes, no-break spaces and decomposed letters included.

What is not text is refused: known file signatures (PDF, ZIP and so on), NUL and the other
control characters below the space. Line feed and tab stay, a carriage return becomes a line
feed, and so do form feed and vertical tab, which PDF and word processor exports use as page and
line breaks.
"""

from __future__ import annotations

import codecs
import re

from labeling.errors import TextError
from labeling.text.mojibake import repair_mojibake
from labeling.types import DecodedText

_SIGNATURES = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x1f\x8b", "a gzip archive"),
)
_UTF32_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_UTF16_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
# Well-formed UTF-8 beyond ASCII, and the three bytes a lone surrogate is written with.
_UTF8_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_HIGH_BYTES = bytes(range(0x80, 0x100))
_BREAKS = str.maketrans({"\f": "\n", "\v": "\n"})
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# They change the direction in which text is shown, so that it may read other than it is.
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Invisible characters that are not whitespace to Python; text of nothing else is blank.
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"
_SAVE_AS = "Save it as plain text in UTF-8 and import it again."


def decode_article(data: bytes, *, source: str, declared: str | None = None) -> DecodedText:
    r"""Turn the bytes of one article into frozen text, or say why that cannot be done.

    Args:
        data: the whole file; how large it may be is the caller's business.
        source: what the file is called in messages, such as its name.
        declared: the codec that the file, or whoever gave it, says it is in (``codec_of``).

    Returns:
        The text with ``\\n`` as its only line end, the encoding, and what was changed.

    Raises:
        TextError: the bytes are not text, are damaged, or hold nothing to read.
    """
    _refuse_known_binary(data, source)
    text, encoding, fixes = decode_bytes(data, source=source, declared=declared)
    return _frozen(text, encoding, fixes, source)


def decode_str(text: str, *, source: str) -> DecodedText:
    """Check and freeze text that arrives decoded already, as out of JSON.

    Args:
        text: the article, any line ends.
        source: what the text is called in messages.

    Returns:
        The same as ``decode_article``, with ``unicode`` as the encoding.

    Raises:
        TextError: the text holds lone surrogates or control characters, or nothing to read.
    """
    return _frozen(text, "unicode", [], source)


def decode_page(data: bytes, *, source: str, declared: str | None = None) -> DecodedText:
    """Decode the source of an HTML page, which is not an article yet: it is not frozen.

    Raises:
        TextError: the bytes are not text, or are damaged.
    """
    _refuse_known_binary(data, source)
    text, encoding, fixes = decode_bytes(data, source=source, declared=declared)
    if "\x00" in text:
        raise TextError(
            f"{source} has a NUL at character {text.index(chr(0))}: it is not a page.",
            remedy=_SAVE_AS,
        )
    return DecodedText(text, encoding, tuple(fixes))


def freeze(page: DecodedText, text: str, fixes: tuple[str, ...], *, source: str) -> DecodedText:
    """Check and freeze the text that was read out of a page.

    Args:
        page: the decoded source of the page, which knows the encoding and its fixes.
        text: what was read out of it, any line ends.
        fixes: what was done on the way.
        source: what the page is called in messages.

    Raises:
        TextError: the text holds lone surrogates or control characters, or nothing to read.
    """
    return _frozen(text, page.encoding, [*page.fixes, *fixes], source)


def _refuse_known_binary(data: bytes, source: str) -> None:
    for signature, what in _SIGNATURES:
        if data.startswith(signature):
            raise TextError(f"{source} is {what}, not plain text.", remedy=_SAVE_AS)
    if data.startswith(_UTF32_MARKS):
        raise TextError(f"{source} is UTF-32, which is not supported.", remedy=_SAVE_AS)


def decode_bytes(
    data: bytes, *, source: str, declared: str | None = None
) -> tuple[str, str, list[str]]:
    """Decode by byte order mark, declaration, strict UTF-8, Windows-1252, in this order.

    Returns:
        The text, the encoding, and what is worth telling about it.

    Raises:
        TextError: the bytes are damaged or no text.
    """
    marked = _by_mark(data, source)
    if marked is not None:
        return marked
    fixes = []
    if declared is not None:
        try:
            return data.decode(declared), declared, []
        except UnicodeDecodeError:
            fixes = [f"it says it is {declared}, which it is not"]
    try:
        return data.decode("utf-8"), "utf-8", fixes
    except UnicodeDecodeError as fault:
        _refuse_nul(data, source)
        _refuse_damaged_utf8(data, fault.start, source)
    text = _strictly(data, "cp1252", source, "UTF-8 and not Windows-1252 either")
    return text, "cp1252", fixes


def _by_mark(data: bytes, source: str) -> tuple[str, str, list[str]] | None:
    fixes = ["removed the byte order mark"]
    for mark, encoding in _UTF16_MARKS.items():
        if data.startswith(mark):
            return _strictly(data[len(mark) :], encoding, source, "UTF-16"), encoding, fixes
    if data.startswith(codecs.BOM_UTF8):
        text = _strictly(data[len(codecs.BOM_UTF8) :], "utf-8", source, "UTF-8")
        return text, "utf-8", fixes
    return None


def _strictly(data: bytes, encoding: str, source: str, claim: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as fault:
        where = f"byte {fault.start} of the text (0x{data[fault.start]:02x})"
        raise TextError(f"{source} is not valid {claim}: {where}.", remedy=_SAVE_AS) from fault


def _refuse_nul(data: bytes, source: str) -> None:
    # Said before the encoding is discussed: a binary file is not a file in a wrong encoding.
    if b"\x00" in data:
        raise TextError(
            f"{source} has a NUL byte at {data.index(0)}: it is a binary file, or UTF-16 "
            "without a byte order mark.",
            remedy=_SAVE_AS,
        )


def _refuse_damaged_utf8(data: bytes, at: int, source: str) -> None:
    """Refuse bytes that are UTF-8 but for a few: as Windows-1252 they would be gibberish."""
    within = sum(len(found[0]) for found in _UTF8_SEQUENCE.finditer(data))
    high = len(data) - len(data.translate(None, _HIGH_BYTES))
    # One two-byte sequence happens by chance in capitals before a quote mark; three bytes do not.
    if within >= 3 and within > high - within:
        raise TextError(
            f"{source} is UTF-8 that is damaged, or holds a lone surrogate, at byte {at}.",
            remedy="Export it again from where it came, as UTF-8.",
        )


def _frozen(text: str, encoding: str, fixes: list[str], source: str) -> DecodedText:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        fixes.append("turned CRLF or CR line ends into LF")
    if "\f" in text or "\v" in text:
        text = text.translate(_BREAKS)
        fixes.append("turned form feeds or vertical tabs into line ends")
    _refuse_unprintable(text, source)
    text, repaired = repair_mojibake(text)
    if repaired:
        fixes.append(f"repaired letters that were garbled (mojibake) in {_lines(repaired)}")
    if turns := len(_DIRECTION.findall(text)):
        fixes.append(f"kept as it came: {turns} invisible controls of the text's direction")
    if not text.strip().strip(_INVISIBLE).strip():
        raise TextError(f"{source} is empty or blank.", remedy="Give a file with an article in it.")
    return DecodedText(text=text, encoding=encoding, fixes=tuple(dict.fromkeys(fixes)))


def _lines(n: int) -> str:
    return "1 line" if n == 1 else f"{n} lines"


def _refuse_unprintable(text: str, source: str) -> None:
    if control := _CONTROL.search(text):
        what = "a NUL" if control[0] == "\x00" else f"the control character U+{ord(control[0]):04X}"
        raise TextError(
            f"{source} has {what} at character {control.start()}: it is not plain text.",
            remedy=_SAVE_AS,
        )
    if lone := _SURROGATE.search(text):
        raise TextError(
            f"{source} has a lone surrogate (U+{ord(lone[0]):04X}) at character {lone.start()}, "
            "half of a character that was cut in two.",
            remedy="Export it again from where it came, as UTF-8.",
        )
