"""What an article says its own encoding is, read the way browsers read it.

A label is only believed when it names one of the web's encodings: a name out of a file never
reaches Python's codec registry, which knows things that are no encodings of text.
"""

from __future__ import annotations

import re

from labeling.errors import TextError

_CODECS = {
    "utf-8": ("utf-8", "utf8", "unicode-1-1-utf-8", "x-unicode20utf8"),
    "utf-16-le": ("utf-16", "utf-16le", "utf16", "unicode", "ucs-2", "iso-10646-ucs-2"),
    "utf-16-be": ("utf-16be",),
    # Browsers read what calls itself ASCII or Latin-1 as Windows-1252, since it nearly always is.
    "cp1252": (
        *("windows-1252", "cp1252", "x-cp1252", "latin1", "latin-1", "l1"),
        *("ascii", "us-ascii", "iso-8859-1", "iso8859-1", "iso_8859-1", "iso88591"),
    ),
    "cp1250": ("windows-1250", "cp1250"),
    "cp1251": ("windows-1251", "cp1251"),
    "cp1253": ("windows-1253", "cp1253"),
    "cp1254": ("windows-1254", "cp1254", "iso-8859-9", "latin5"),
    "cp1255": ("windows-1255", "cp1255"),
    "cp1256": ("windows-1256", "cp1256"),
    "cp1257": ("windows-1257", "cp1257"),
    "cp1258": ("windows-1258", "cp1258"),
    "iso8859-2": ("iso-8859-2", "latin2"),
    "iso8859-5": ("iso-8859-5",),
    "iso8859-7": ("iso-8859-7", "greek"),
    "iso8859-15": ("iso-8859-15", "latin9"),
    "koi8-r": ("koi8-r", "koi8"),
    "koi8-u": ("koi8-u",),
    "mac-roman": ("macintosh", "mac"),
    "gb18030": ("gb18030", "gbk", "gb2312", "x-gbk"),
    "big5": ("big5", "big5-hkscs"),
    "euc-jp": ("euc-jp", "x-euc-jp"),
    "cp932": ("shift_jis", "shift-jis", "sjis", "windows-31j"),
    "cp949": ("euc-kr", "windows-949", "ks_c_5601-1987"),
}
_CODEC_OF = {label: codec for codec, labels in _CODECS.items() for label in labels}
_WIDE = frozenset({"utf-16-le", "utf-16-be"})

# How far into a page a declaration is looked for: what the HTML standard asks for.
_PRESCAN = 1024
_XML_DECLARATION = re.compile(
    rb"\s*<\?xml\s[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([\w.:-]{1,40})"
)
_META = re.compile(rb"<meta\s[^>]{0,400}", re.IGNORECASE)
_CHARSET = re.compile(rb"charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]{1,40})", re.IGNORECASE)


def codec_of(label: str) -> str | None:
    """Return Python's name for a web encoding; None where the label names none."""
    return _CODEC_OF.get(label.strip().strip("\"'").lower())


def required_codec(label: str) -> str:
    """Return the codec a person asked for by name.

    Raises:
        TextError: there is no such encoding.
    """
    codec = codec_of(label)
    if codec is None:
        raise TextError(
            f"{label[:60]!r} is not the name of an encoding.",
            remedy="Give a name of the web's, such as utf-8, windows-1252 or iso-8859-2.",
        )
    return codec


def declared_in_html(data: bytes) -> str | None:
    """Return the codec that the head of an HTML page declares; None where it declares none.

    UTF-16 in a declaration that could be read without it is taken for UTF-8, as browsers do.
    """
    head = data[:_PRESCAN]
    labels = [found[1] for found in (_XML_DECLARATION.match(head),) if found]
    for meta in _META.finditer(head):
        labels += [found[1] for found in (_CHARSET.search(meta[0]),) if found]
    for label in labels:
        codec = codec_of(label.decode("ascii", "replace"))
        if codec is not None:
            return "utf-8" if codec in _WIDE else codec
    return None
