"""JSON Lines and CSV: an article a row, and a bad row costs that row alone."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.text.readers.reading import found, items, limits, read, reasons

BODY = "The quay was dry.\n\n“We are glad,” said Omar Teague."


def jsonl(*rows: object) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def as_csv(*rows: list[str], delimiter: str = ",") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode()


def test_an_article_is_found_in_each_line_with_its_fields():
    rows = [
        {"id": 7, "title": "Quay dry", "text": BODY, "authors": ["Iris Vale", "Ben Hale"]},
        {"external_id": "x", "body": BODY, "outlet": None, "date": "2026-01-05", "extra": [1]},
    ]
    one, two = found("a.jsonl", jsonl(*rows))
    assert (one.row, one.words) == (1, BODY)
    assert one.fields == {"external_id": "7", "title": "Quay dry", "byline": "Iris Vale, Ben Hale"}
    assert (two.row, two.fields) == (2, {"external_id": "x", "date": "2026-01-05"})


def test_a_title_that_stands_apart_is_put_above_the_text_and_the_fix_is_recorded():
    above, within = read(
        "a.jsonl",
        jsonl({"title": "Quay dry", "text": BODY}, {"title": "the  QUAY was dry.", "text": BODY}),
    )
    assert above.decoded.text == f"Quay dry\n\n{BODY}"
    assert above.data == above.decoded.text.encode()
    assert above.decoded.fixes == ("put the title, which stood apart, above the text",)
    assert within.decoded.text == BODY
    assert within.decoded.fixes == ()


def test_html_in_a_row_is_read_as_a_page():
    page = "<html><body><article>" + "<p>The quay was dry for years.</p>" * 5 + "</article></body>"
    (reading,) = read("a.jsonl", jsonl({"html": page, "headline": "Dry"}))
    assert reading.decoded.text.startswith("Dry\n\nThe quay was dry for years.")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "no JSON at character 2"),
        (b"[]", "not an object"),
        (b'"text"', "not an object"),
        (b'{"text": "a", "text": "b"}', "a key stands twice"),
        (b'{"text": NaN}', "NaN is no number"),
        (b'{"words": "a"}', "looked for text, body"),
        (b'{"text": {"a": 1}}', "'text' is no text but a dict"),
        (b'{"text": "  "}', "it has no text"),
        (b'{"text": null}', "it has no text"),
        (b'{"text": "half \\ud83d"}', "U+D83D"),
        (b'{"text": "a\\u0000b"}', "a NUL"),
        (b'{"text": "' + "é".encode() * 9 + b'\xc3 x"}', "damaged"),
        (b'{"text":' + b"[" * 100 + b"]" * 100 + b"}", "nested too deep"),
        (b'{"text":' + b"[" * 100_000, "nested too deep"),
        (b'{"text": "a", "id": ' + b"9" * 5000 + b"}", "cannot be read"),
        (b'{"text": "' + b"x" * 3000 + b'"}', "longer than an article may be"),
    ],
)
def test_a_bad_line_is_refused_by_its_row_and_the_others_are_read(line, said):
    data = jsonl({"text": "One."}) + b"\n" + line + b"\n" + jsonl({"text": "Two."})
    kept = limits(article_bytes=2000 if b"xxx" in line else 200_000)
    refused = reasons("a.jsonl", data, limits=kept)
    assert [row for row, _ in refused] == [3]
    assert refused[0][1].startswith("row 3")
    assert said in refused[0][1]


def test_a_last_line_that_is_too_long_ends_the_file_in_peace():
    refused = reasons("a.jsonl", b'{"text": "' + b"x" * 200_000, limits=limits(article_bytes=100))
    assert len(refused) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_rows_are_read_in_the_encoding_they_are_in(name, encoding):
    text = (
        "text,outlet\r\nDéjà “vu”,Gull\r\n" if name.endswith("csv") else '{"text": "Déjà “vu”"}\n'
    )
    declared = {"encoding": "utf-16-be"} if encoding == "utf-16-be" else {}
    (one,) = found(name, text.encode(encoding), **declared)
    assert one.words == "Déjà “vu”"


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_a_file_that_is_not_in_the_encoding_it_says_is_refused_where_it_breaks(name):
    refused = reasons(name, b"\xff\xfe" + "text\n".encode("utf-16-le") + b"\x00\xd8" * 3)
    assert "No row after it was read." in refused[-1][1]


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).map(
            lambda text: "A" + text + "Z"
        ),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_what_a_csv_writer_writes_is_read_as_it_was(texts, delimiter):
    data = as_csv(
        ["id", "text"], *[[str(n), text] for n, text in enumerate(texts)], delimiter=delimiter
    )
    assert [one.words for one in found("a.csv", data)] == texts
    assert [one.row for one in found("a.csv", data)] == list(range(2, len(texts) + 2))


@given(st.binary(max_size=200))
def test_any_bytes_are_cut_into_rows_or_refused(data):
    for one in items("a.csv", b"text,title\n" + data):
        assert one.row >= 2
    items("a.jsonl", data)
    items("a.csv", data)


def test_columns_are_mapped_by_what_was_said():
    (one,) = found("a.csv", as_csv(["Story Text", "by"], ["One.", "Iris"]),
                   columns={"text": "story text", "byline": "BY"})  # fmt: skip
    assert (one.words, one.fields) == ("One.", {"byline": "Iris"})


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("words,outlet", "looked for text, body"),
        ("", "looked for text"),
        (",".join(f"c{n}" for n in range(1000)), "names 1,000 columns"),
        ("text,text", "names the column 'text' twice"),
        ("x" * 70_000, "too long to be a header"),
        ('"text', "a quote is opened in it that is not closed"),
        ("t\x00ext", "looked for text"),
    ],
)
def test_a_header_that_cannot_be_used_refuses_the_file_with_the_reason(header, said):
    refused = reasons("a.csv", header.encode() + b"\nOne.,Two\n" * 3)
    assert [row for row, _ in refused] == [1]
    assert said in refused[0][1]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("One.,Gull,more", "it has 3 cells, but the header names 2 columns"),
        (",Gull", "it has no text"),
        ("x" * 3000, "longer than"),
        (",".join("a" * 300), "more than 200 cells"),
    ],
)
def test_a_bad_row_is_refused_and_the_others_are_read(row, said):
    data = f"text,outlet\nOne.,Gull\n\n{row}\nTwo.,Gull\n".encode()
    refused = reasons("a.csv", data, limits=limits(article_bytes=2000))
    assert [number for number, _ in refused] == [3]
    assert said in refused[0][1]


def test_a_cell_that_is_damaged_costs_its_row_alone():
    good = "Déjà vu “now”".encode()
    data = b"text\n" + good + b"\n" + good + b"\xc3 x\n" + "Café".encode("cp1252") + b"\n"
    assert [row for row, _ in reasons("a.csv", data)] == [3]
    assert items("a.csv", data)[-1].words == "Café"


@pytest.mark.parametrize("rest", ["", "\nTwo.\nThree.\n", "y" * 3000])
def test_a_quote_that_is_never_closed_ends_the_reading_and_says_so(rest):
    data = f'text\nOne.\n"Two{rest}'.encode()
    refused = reasons("a.csv", data, limits=limits(article_bytes=2000))
    assert [row for row, _ in refused] == [3]
    assert "No row after it was read." in refused[0][1]


def test_a_hundred_thousand_quotation_marks_are_one_cell():
    (one,) = found("a.csv", b'text\n"' + b'""' * 100_000 + b'"\n')
    assert one.words == '"' * 100_000


def test_cells_that_stand_beyond_the_limit_together_are_refused():
    data = b'text,title\n"' + b"a\n" * 400 + b'","' + b"b\n" * 400 + b'"\n'
    assert "longer than allowed" in reasons("a.csv", data, limits=limits(article_bytes=1000))[0][1]


def test_marks_behind_a_quoted_cell_belong_to_it():
    (one,) = found("a.csv", b'text,outlet\n"a"b,c\n')
    assert (one.words, one.fields) == ("ab", {"outlet": "c"})


def test_a_quoted_cell_over_many_lines_is_given_up_at_the_limit():
    data = b'text\n"' + b"words\n" * 1000
    refused = reasons("a.csv", data, limits=limits(article_bytes=2000))
    assert [row for row, _ in refused] == [2]
    assert "a quote is opened in it that is not closed. No row after it was read." in refused[0][1]
