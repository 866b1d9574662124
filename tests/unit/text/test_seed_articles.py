"""The demo articles are all there, readable, and as untidy as they are meant to be."""

from __future__ import annotations

import csv
import datetime
import re
import unicodedata
from pathlib import Path

import pytest

from labeling.text.blocks import blocks_of
from labeling.text.decode import decode_article
from labeling.text.passages import article_uid, byline_of, passages_of, title_of
from labeling.types import Block, Role

FOLDER = Path(__file__).parents[3] / "seeds" / "articles"
with (FOLDER / "index.csv").open(encoding="utf-8", newline="") as index:
    ROWS = list(csv.DictReader(index))
FILES = [row["file"] for row in ROWS]
DATA = {file: (FOLDER / file).read_bytes() for file in FILES}
TEXTS = {file: decode_article(data, source=file).text for file, data in DATA.items()}
BLOCKS: dict[str, tuple[Block, ...]] = {file: blocks_of(text) for file, text in TEXTS.items()}
EVERYTHING = "\n\n".join(TEXTS.values())
MIRRORS = [
    ("illegal aliens", "undocumented migrants"),
    ("death tax", "tax on the super-rich"),
    ("pro-abortion", "anti-choice"),
    ("climate alarmists", "climate deniers"),
    ("terror group", "freedom fighters"),
    ("gun-grabbers", "gun lobby"),
    ("soft on crime", "police brutality"),
    ("rent-control zealots", "greedy landlords"),
    ("radical left", "far right"),
    ("indoctrination", "book banners"),
    ("activist judges", "court packing"),
    ("job-killing", "corporate greed"),
]


def paragraphs(file: str, role: Role) -> list[str]:
    text = TEXTS[file]
    return [text[b.start : b.end].strip() for b in BLOCKS[file] if b.role is role]


def lines(role: Role) -> list[str]:
    return [line for file in FILES for line in paragraphs(file, role)]


def test_the_index_lists_every_file_once_with_its_own_id_and_address() -> None:
    on_disk = {str(path.relative_to(FOLDER).as_posix()) for path in FOLDER.rglob("*.txt")}
    assert sorted(FILES) == sorted(on_disk)
    assert len(FILES) >= 14
    for column in ("external_id", "url"):
        assert len({row[column] for row in ROWS}) == len(ROWS)


def test_each_folder_is_one_outlet() -> None:
    pairs = {(row["file"].split("/")[0], row["outlet"]) for row in ROWS}
    assert len({folder for folder, _ in pairs}) == len(pairs) >= 5


@pytest.mark.parametrize("row", ROWS, ids=FILES)
def test_each_row_of_the_index_is_complete(row: dict[str, str]) -> None:
    assert re.fullmatch(r"[a-z][a-z-]+", row["section"])
    assert re.fullmatch(r"https://[a-z]+\.example\.org/\S+", row["url"])
    assert datetime.date.fromisoformat(row["published_at"]).year in (2025, 2026)


@pytest.mark.parametrize("file", FILES)
def test_each_article_has_a_headline_and_enough_body(file: str) -> None:
    text, blocks = TEXTS[file], BLOCKS[file]
    roles = [passage.role for passage in passages_of(article_uid(file, b""), text, blocks)]
    assert roles[0] is Role.HEADLINE
    assert roles.count(Role.HEADLINE) == 1
    assert 6 <= roles.count(Role.BODY) <= 14
    assert 20 < len(title_of(text, blocks)) < 120
    assert byline_of(text, blocks)
    assert all(len(paragraph) > 20 for paragraph in paragraphs(file, Role.BODY))


def test_the_encodings_and_line_ends_are_those_of_real_folders() -> None:
    read = {file: decode_article(data, source=file) for file, data in DATA.items()}
    assert [file for file in FILES if read[file].encoding == "cp1252"] == [
        "standard/clinic-hours.txt"
    ]
    assert DATA["wire/karsh-truce.txt"].startswith(b"\xef\xbb\xbf")
    assert {file for file in FILES if b"\r\n" in DATA[file]} == {
        file for file in FILES if file.startswith("freeholder/")
    }
    assert "\n\n" not in TEXTS["courier/rent-cap.txt"]


@pytest.mark.parametrize(("one", "other"), MIRRORS)
def test_loaded_wording_comes_in_pairs(one: str, other: str) -> None:
    folded = EVERYTHING.casefold()
    assert one in folded
    assert other in folded


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("curly quotes", r"“[^”“]+,” said"),
        ("straight quotes", r"\"[^\"\n]+,\" said"),
        ("nested curly quotes", r"“[^”\n]*‘[^”\n]+’[^”\n]*”"),
        ("nested straight quotes", r"\"[^\"\n]*'[^\"\n]+'[^\"\n]*\""),
        ("a curly quote that goes on in the next paragraph", r"“[^”\n]+\.\n\n“[^”\n]+”"),
        ("a straight quote that goes on in the next paragraph", r"[ ]\"[^\"\n]+\.\n\n\"[^\"\n]+\""),
        ("a quote never closed, and none that goes on", r"“[^”\n]+\n\n[^“\n]"),
        ("an emoji before a quote", r"[\U0001f300-\U0001faff][^\n“]*“"),
        ("a no-break space", "\u00a0"),
        ("a decomposed letter", "[\u0300-\u036f]"),
        ("an inline dateline", r"\n[A-Z]+ \([A-Za-z ]+\) — [^\n]{40}"),
        ("a no-break space after Read", "\nRead\u00a0 '"),
        ("trailing blanks", r"[^\n] \n"),
    ],
)
def test_the_articles_show_what_real_ones_show(what: str, pattern: str) -> None:
    assert re.search(pattern, EVERYTHING), f"no article shows {what} any more"


def test_one_paragraph_is_thick_with_apostrophes() -> None:
    assert max(paragraph.count("’") for paragraph in lines(Role.BODY)) >= 12


def test_decomposed_letters_are_not_composed_on_the_way_in() -> None:
    text = TEXTS["lantern/sea-wall.txt"]
    assert unicodedata.normalize("NFC", text) != text


def test_every_kind_of_line_around_an_article_is_shown() -> None:
    assert any(line.startswith("‘") and line.endswith("’") for line in lines(Role.DEK))
    assert any(line.startswith("'") and line.endswith("'") for line in lines(Role.DEK))
    assert sum(line.startswith("By ") for line in lines(Role.BYLINE)) >= 10
    assert any(line.endswith("—") for line in lines(Role.DATELINE))
    assert any(line.startswith("Published ") for line in lines(Role.DATELINE))
    around = lines(Role.BOILERPLATE)
    for opening in ("Read", "Watch", "Photograph:", "Sign up", "Advertisement", "©", "Follow"):
        assert any(line.startswith(opening) for line in around), opening
