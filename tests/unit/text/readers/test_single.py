"""Files that are one article: plain text, Markdown, pages."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.errors import TextError
from labeling.text.readers import read_article
from labeling.text.readers.found import unknown_columns
from tests.unit.text.readers.reading import found, limits, read, reasons, zipped

BODY = "".join(
    f"<p>“We waited number {n} for this,” said Omar\u00a0Teague, and cafe\u0301s stayed open.</p>"
    for n in range(5)
)
HEAD = (
    '<title>Harbour reopens</title><meta name="author" content="Iris Vale">'
    '<meta property="article:published_time" content="2026-01-05T10:00:00+01:00">'
    '<link rel="canonical" href="https://pier.example.org/a">'
)


def page(body: str = BODY, head: str = HEAD) -> bytes:
    text = f"<!doctype html><html><head>{head}</head><body><article>{body}</article></body></html>"
    return text.encode()


def test_plain_text_is_taken_as_it_is():
    (reading,) = read("a.txt", b"Harbour reopens\r\n\r\nThe quay was dry.")
    assert reading.decoded.text == "Harbour reopens\n\nThe quay was dry."
    assert reading.data.endswith(b"dry.")


@pytest.mark.parametrize("data", [page(), b"  <HTML><body>x"])
def test_html_under_another_name_is_refused(data):
    assert "HTML under another name" in reasons("a.txt", data)[0][1]


def test_a_title_that_was_said_stands_above_and_the_bytes_stay():
    (one,) = found("a.txt", b"The quay was dry.")
    reading = read_article(one, title="Harbour reopens")
    assert reading.decoded.text == "Harbour reopens\n\nThe quay was dry."
    assert reading.data == b"The quay was dry."


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a.txt", limits(article_bytes=10)),
        ("a.md", limits(markdown_bytes=10)),
        ("a.html", limits(html_bytes=10)),
    ],
)
def test_what_is_too_large_is_refused_with_its_size(name, kept):
    ((row, reason),) = reasons(name, b"x" * 5000, limits=kept)
    assert row is None
    assert "5,000 bytes is more than" in reason


@pytest.mark.parametrize("name", ["a.pdf", "a", "a.docx", "a.json"])
def test_another_kind_of_file_is_refused(name):
    assert "only .csv, .htm, .html" in reasons(name, b"x")[0][1]


def test_markdown_loses_its_marks_and_keeps_its_words():
    text = (
        '---\ntitle: "Harbour reopens"\nauthor: Iris Vale\nmood: fine\nbad line\ntext: no\n---\n'
        "## The *quay* was **dry**\n\nSee [the pier](https://x.example.org) or `it`,\nand wait.\n\n"
        "- one\n- two\n\n> “Never,” she said.\\\nNot once.\n\n```\ncode  here\n```\n\n"
        "<b>raw</b> ![pic](a.png)\n\n<div>x</div>\n"
    )
    (reading,) = read("a.md", text.encode())
    assert reading.decoded.text == (
        "Harbour reopens\n\nThe quay was dry\n\nSee the pier or it, and wait.\n\none\n\ntwo\n\n"
        "“Never,” she said.\nNot once.\n\ncode  here\n\nraw"
    )
    assert reading.named == {"title": "Harbour reopens", "byline": "Iris Vale"}
    assert len(reading.decoded.fixes) == 3


@pytest.mark.parametrize(
    "text", ["Plain words.\n\nMore of them.", "--- no\nfront", "---\nnever closed"]
)
def test_markdown_without_marks_is_not_said_to_be_changed(text):
    (reading,) = read("a.md", text.encode())
    assert not any("front matter" in fix for fix in reading.decoded.fixes)


def test_a_page_gives_its_article_and_what_it_says_about_it():
    (reading,) = read("a.html", page())
    assert reading.decoded.text.startswith("Harbour reopens\n\n“We waited number 0 for this,”")
    assert reading.seen == {
        "title": "Harbour reopens", "byline": "Iris Vale", "date": "2026-01-05",
        "url": "https://pier.example.org/a",
    }  # fmt: skip
    assert reading.data == page()
    assert "took the article out of its page" in reading.decoded.fixes


def test_spaces_and_letters_that_are_meant_survive_a_page():
    meant = "Omar\u00a0Teague paid 5\u202f000\u2009euros, cafe\u0301, so\u00adft, \u202ahere\u202c"
    body = (
        f"<p>&nbsp;</p>\u00a0<p>{meant} and a&nbsp;price &#160;or&#xA0;two for all of them.</p>"
        + BODY
    )
    (reading,) = read("a.html", page(body))
    assert (
        f"\n\n{meant} and a\u00a0price \u00a0or\u00a0two for all of them.\n\n"
        in reading.decoded.text
    )
    assert any("2 invisible controls" in fix for fix in reading.decoded.fixes)


def test_a_page_in_linear_a_is_read_without_the_shield():
    (reading,) = read(
        "a.html", page(BODY + "<p>They wrote \U00010600 on clay, as scholars say.</p>")
    )
    assert "\U00010600 on clay" in reading.decoded.text


@pytest.mark.parametrize(
    ("declaration", "encoding"),
    [
        ('<meta charset="iso-8859-2">', "iso8859-2"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">', "cp1251"),
        ("<meta charset=latin1>", "cp1252"),
    ],
)
def test_a_page_is_read_in_the_encoding_it_declares(declaration, encoding):
    words = {"iso8859-2": "Łódź", "cp1251": "Привет", "cp1252": "Déjà"}[encoding]
    data = page(
        f"<p>{words}, said the mayor of the town to all.</p>" + BODY.replace("\u0301", ""),
        declaration,
    )
    (reading,) = read("a.html", data.decode().encode(encoding, "ignore"))
    assert words in reading.decoded.text
    assert reading.decoded.encoding == encoding


@pytest.mark.parametrize(
    "declaration", ['<meta charset="utf-16">', '<meta charset="rot13"><meta name="a">']
)
def test_a_declaration_that_cannot_be_is_passed_over(declaration):
    (reading,) = read("a.html", page(head=declaration))
    assert reading.decoded.encoding == "utf-8"


def test_an_xml_declaration_says_the_encoding_too():
    data = b'<?xml version="1.0" encoding="iso-8859-2"?>' + page(
        BODY.replace("\u0301", "") + "<p>Łódź was there, they say.</p>"
    ).decode().encode("iso8859-2", "ignore")
    (reading,) = read("a.xhtml", data)
    assert "Łódź" in reading.decoded.text


def test_a_page_that_declares_what_it_is_not_is_read_as_it_is():
    (reading,) = read("a.html", page(head='<meta charset="euc-jp">'))
    assert reading.decoded.encoding == "utf-8"
    assert "it says it is euc-jp, which it is not" in reading.decoded.fixes


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<script>" + "var a = 1;" * 200 + "</script>", "a script would make it"),
        ("", "no article was found"),
        ("<p>Words.</p>" * 30_001, "more than 30,000 tags"),
    ],
)
def test_a_page_without_an_article_is_refused(body, said):
    data = f"<html><body>{body}</body></html>".encode()
    assert said in reasons("a.html", data)[0][1]


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
LAUGHING = (
    f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>'
    "<html><body><p>&l9;</p></body></html>"
)


@pytest.mark.parametrize(
    "data",
    [
        LAUGHING.encode(),
        b"<html><body>" + b"<div>" * 20_000 + b"text",
        b"<html><body><article>" + b"<b><i>" * 10_000 + b"text",
    ],
    ids=["laughs", "nested", "unclosed"],
)
def test_a_page_that_is_made_to_harm_is_read_or_refused(data):
    try:
        (reading,) = read("a.html", data)
    except TextError:
        return
    assert len(reading.decoded.text) < 1000


@given(st.binary(max_size=300))
def test_any_bytes_as_a_page_give_an_article_or_a_reason(data):
    for one in found("a.html", b"<html><body><p>" + data):
        with contextlib.suppress(TextError):
            assert read_article(one).decoded.text.strip()


@given(st.text(st.sampled_from(list("ab \n*_#>`[]()!-<&\\~|:1.\t")), max_size=80))
def test_any_marks_give_text_or_a_reason(text):
    for one in found("a.md", text.encode()):
        with contextlib.suppress(TextError):
            assert read_article(one).decoded.text.strip()


def test_a_nul_in_a_page_is_refused_and_not_passed_over():
    data = page().replace(b"number 3", b"num\0ber 3")
    assert "has a NUL at character" in reasons("a.html", data)[0][1]


def test_a_page_that_breaks_its_reader_is_refused(monkeypatch):
    # A stand-in for faults of the library: none of the pages above finds one.
    def breaks(*_args, **_kwargs):
        raise RecursionError

    monkeypatch.setattr("trafilatura.bare_extraction", breaks)
    assert "the page cannot be read (RecursionError)" in reasons("a.html", page())[0][1]


def test_an_entry_of_an_archive_that_is_too_large_is_refused_without_its_size():
    data = zipped({"a.txt": b"some words " * 1000})
    ((_, reason),) = reasons("in.zip", data, limits=limits(article_bytes=5000))
    assert "More than 5,000 bytes" in reason


def test_a_mapping_names_fields_that_there_are():
    assert unknown_columns({"text": "body", "mood": "x", "axe": "y"}) == ["axe", "mood"]
