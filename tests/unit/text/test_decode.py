"""An article's bytes become text, or are refused with a reason."""

from __future__ import annotations

import codecs
import contextlib
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from labeling.errors import TextError
from labeling.text import mojibake
from labeling.text.charset import codec_of, required_codec
from labeling.text.decode import decode_article, decode_str
from labeling.text.language import language_of

FORBIDDEN = "".join(map(chr, range(0x20))).replace("\n", "").replace("\t", "").replace("\r", "")
# Two letters that are one letter of UTF-8, read wrongly, are repaired: that is another test.
GARBLED = re.compile(r"[\u00c2-\u00f4][^\x00-\x7f]")
READABLE = (
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters=FORBIDDEN), max_size=60)
    .filter(lambda text: not GARBLED.search(text))
    .map(lambda text: "Town " + text)
)


def normalised(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@given(READABLE)
def test_encoding_and_decoding_gives_the_text_with_its_line_ends_normalised(text: str) -> None:
    assert decode_article(text.encode(), source="a.txt").text == normalised(text)


@given(READABLE, st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]))
def test_a_byte_order_mark_says_the_encoding(text: str, encoding: str) -> None:
    marks = {
        "utf-8": codecs.BOM_UTF8,
        "utf-16-le": codecs.BOM_UTF16_LE,
        "utf-16-be": codecs.BOM_UTF16_BE,
    }
    decoded = decode_article(marks[encoding] + text.encode(encoding), source="a.txt")
    assert decoded.text == normalised(text)
    assert decoded.encoding == encoding
    assert "removed the byte order mark" in decoded.fixes


@given(st.binary(max_size=80))
def test_any_bytes_give_clean_text_or_a_text_error(data: bytes) -> None:
    with contextlib.suppress(TextError):
        text = decode_article(data, source="a.txt").text
        assert text.strip()
        assert not set(FORBIDDEN + "\r") & set(text)
        assert text.encode("utf-8")


@given(READABLE)
def test_text_that_arrives_as_a_string_is_treated_like_a_file(text: str) -> None:
    decoded = decode_str(text, source="row 3")
    assert decoded.text == decode_article(text.encode(), source="row 3").text
    assert decoded.encoding == "unicode"


@pytest.mark.parametrize(
    "text",
    [
        "“Curly” and ‘single’ quotes’",
        "A no-break\u00a0space and a thin\u2009one",
        "Decomposed: cafe\u0301 in Se\u0301ver",
        "An emoji 🗳️ before “a quote”",
        "A byte order mark in\ufeffside",
        "A line separator\u2028and a next line\u0085stay",
        "Tabs\tand trailing blanks  \n\n",
        "ﬁne ligatures, Ⅷ and ½",
    ],
)
def test_what_is_not_a_line_end_survives_untouched(text: str) -> None:
    decoded = decode_article(text.encode(), source="a.txt")
    assert decoded.text == text
    assert decoded.fixes == ()


def test_line_ends_of_all_kinds_become_line_feeds_and_the_fix_is_recorded() -> None:
    decoded = decode_article(b"One\r\nTwo\rThree\nFour", source="a.txt")
    assert decoded.text == "One\nTwo\nThree\nFour"
    assert decoded.fixes == ("turned CRLF or CR line ends into LF",)


def test_page_breaks_become_line_ends_and_the_fix_is_recorded() -> None:
    decoded = decode_article(b"Page one\x0cPage two\x0bLine", source="a.txt")
    assert decoded.text == "Page one\nPage two\nLine"
    assert decoded.fixes == ("turned form feeds or vertical tabs into line ends",)


def test_bytes_that_are_not_utf8_are_read_as_windows_1252() -> None:
    text = "The café’s owner said: “No – never.” It cost €5, a Déjà-vu"
    decoded = decode_article(text.encode("cp1252"), source="a.txt")
    assert decoded.text == text
    assert decoded.encoding == "cp1252"


def test_capitals_before_a_quote_mark_are_not_taken_for_damaged_utf8() -> None:
    text = "The CAFÉ’S roof fell, and the ‘GALÁ’ with it"
    assert decode_article(text.encode("cp1252"), source="a.txt").text == text


@pytest.mark.parametrize("byte", [0x81, 0x8D, 0x8F, 0x90, 0x9D])
def test_a_byte_that_windows_1252_leaves_undefined_is_refused(byte: int) -> None:
    with pytest.raises(TextError, match=rf"a\.txt is not valid .* byte 5 .*0x{byte:02x}"):
        decode_article(b"Caf\xe9 " + bytes([byte]) + b" rest", source="a.txt")


def test_utf8_with_a_broken_byte_is_refused_and_not_turned_into_gibberish() -> None:
    data = "“Never,” said Zoë Marsh. “Not once.”".encode().replace("ë".encode(), b"\xc3")
    with pytest.raises(TextError, match="damaged"):
        decode_article(data, source="a.txt")


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_a_byte_order_mark_before_other_bytes_is_refused(mark: bytes) -> None:
    with pytest.raises(TextError, match="is not valid UTF-"):
        decode_article(mark + b"\xd8\xd8\xd8", source="a.txt")


@pytest.mark.parametrize(
    "data",
    [
        "A half \ud83d of an emoji".encode("utf-8", "surrogatepass"),
        codecs.BOM_UTF8 + "A half \udc00".encode("utf-8", "surrogatepass"),
        codecs.BOM_UTF16_LE + "A half \ud83d of an emoji".encode("utf-16-le", "surrogatepass"),
    ],
)
def test_a_lone_surrogate_in_a_file_is_refused(data: bytes) -> None:
    with pytest.raises(TextError, match=r"a\.txt"):
        decode_article(data, source="a.txt")


def test_a_lone_surrogate_in_a_string_is_refused_with_its_place() -> None:
    with pytest.raises(TextError, match=r"row 7 has a lone surrogate \(U\+D83D\) at character 5"):
        decode_str("Half \ud83d here", source="row 7")


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7 and so on", "a PDF"),
        (b"PK\x03\x04....", "a ZIP archive or an office document"),
        (b"{\\rtf1 Hello}", "an RTF document"),
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"\xff\xd8\xff\xe0 JFIF", "a JPEG image"),
        (b"\xd0\xcf\x11\xe0\xa1", "an old office document"),
        (codecs.BOM_UTF32_LE + "Hi".encode("utf-32-le"), "UTF-32"),
        (codecs.BOM_UTF32_BE + "Hi".encode("utf-32-be"), "UTF-32"),
        ("Plain words".encode("utf-16-le"), "NUL"),
        (b"Caf\xe9 and \x00 bytes", "NUL byte at 9"),
        (b"Words\x00more", "NUL at character 5"),
        (b"Bell \x07 rings", r"the control character U\+0007 at character 5"),
        (b"Escape \x1b[31m red", r"U\+001B"),
    ],
)
def test_what_is_not_plain_text_is_named_and_refused(data: bytes, what: str) -> None:
    with pytest.raises(TextError, match=what) as caught:
        decode_article(data, source="a.txt")
    assert caught.value.message.startswith("a.txt ")
    assert "UTF-8" in caught.value.remedy


@pytest.mark.parametrize(
    "data", [b"", b" \r\n\t\n", codecs.BOM_UTF8, "\u00a0\u3000 \u200b\n\ufeff".encode()]
)
def test_an_empty_or_blank_file_is_refused(data: bytes) -> None:
    with pytest.raises(TextError, match=r"a\.txt is empty or blank"):
        decode_article(data, source="a.txt")


@pytest.mark.parametrize(
    ("garbled", "meant"),
    [
        ("The cafÃ© was “full”", "The café was “full”"),
        ("It cost Â£5", "It cost £5"),
        ("ÐŸÑ€Ð¸Ð²ÐµÑ‚ Ð¼Ð¸Ñ€", "Привет мир"),
        ("Smile ðŸ˜€ now", "Smile 😀 now"),
    ],
)
def test_utf8_that_was_read_wrongly_once_is_repaired_line_by_line(garbled: str, meant: str) -> None:
    kept = "“Curly” café’s\u00a0e\u0301"
    decoded = decode_article(f"{kept}\n{garbled}\n{kept}".encode(), source="a.txt")
    assert decoded.text == f"{kept}\n{meant}\n{kept}"
    assert decoded.fixes == ("repaired letters that were garbled (mojibake) in 1 line",)


@pytest.mark.parametrize(
    "text", ["Déjà-vu: «Ça va?»", "È’È", "The CAFÉ’S ‘GALÁ’", "Town Ü¯", "SÉÑOR® “É–Ö”"]
)
def test_letters_that_only_look_a_little_odd_are_left_alone(text: str) -> None:
    assert decode_article(text.encode(), source="a.txt").text == text


NEWS = st.text(
    st.sampled_from(
        [*"abc .,\n“”‘’«»–—…\u00a0\u202f\u2009\u00ad€£éèüçñøå😀İß", "\u0301", "\u0308"]
    ),
    min_size=1,
    max_size=80,
)


@given(NEWS)
def test_what_news_is_written_in_is_never_changed(text: str) -> None:
    # Letters that stand before quotes or signs, three times in a line, are taken for garbling
    # on purpose: "ß£ß£ß£" is no German.
    assume(all(len(mojibake._PAIR.findall(line)) < 3 for line in ("T" + text).split("\n")))
    assert decode_article(("T" + text).encode(), source="a.txt").text == "T" + text


def test_several_garbled_lines_are_counted_and_controls_of_direction_told() -> None:
    decoded = decode_article("cafÃ©\n\u202ecafÃ©\u202c".encode(), source="a.txt")
    assert decoded.text == "café\n\u202ecafé\u202c"
    assert decoded.fixes == (
        "repaired letters that were garbled (mojibake) in 2 lines",
        "kept as it came: 2 invisible controls of the text's direction",
    )


def test_what_is_declared_goes_before_utf8_and_after_a_mark() -> None:
    data = "Łódź".encode("iso8859-2")
    assert decode_article(data, source="a", declared="iso8859-2").text == "Łódź"
    marked = codecs.BOM_UTF8 + "Łódź".encode()
    assert decode_article(marked, source="a", declared="iso8859-2").encoding == "utf-8"
    wrong = decode_article("Łódź".encode(), source="a", declared="euc-jp")
    assert (wrong.text, wrong.fixes) == ("Łódź", ("it says it is euc-jp, which it is not",))


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        (" UTF-8 ", "utf-8"), ("'latin1'", "cp1252"), ("Shift_JIS", "cp932"),
        ("rot13", None), ("zlib", None), ("", None),
    ],
)  # fmt: skip
def test_only_the_webs_encodings_are_known_by_name(label: str, codec: str | None) -> None:
    assert codec_of(label) == codec


def test_an_encoding_that_somebody_asks_for_must_exist() -> None:
    assert required_codec("windows-1250") == "cp1250"
    with pytest.raises(TextError, match="'rot13' is not the name of an encoding"):
        required_codec("rot13")


def test_the_language_of_a_text_is_told_and_too_little_text_has_none() -> None:
    english = "The minister said on Monday that the harbour would open again in the spring."
    french = "Le ministre a dit lundi que le port serait de nouveau ouvert au printemps."
    assert (language_of(english), language_of(french), language_of("Too short.")) == (
        "en",
        "fr",
        "",
    )


def test_a_line_without_garbled_letters_stays_beside_one_that_is_repaired():
    assert mojibake.repair_mojibake("cafÃ©\nplain\nnaïve") == ("café\nplain\nnaïve", 1)
