"""Each paragraph of a news file gets the role a reader would give it."""

from __future__ import annotations

import pytest

from labeling.text.blocks import blocks_of
from labeling.types import Role

HEAD = "Council votes to close the Mill Lane pool"
LONG = (
    "The council of Harrow Vale voted on Monday to close the pool on Mill Lane, ending a dispute "
    "that has run since the roof was found to be unsafe and the repair was put at two million."
)
MORE = (
    "“We were never asked,” said the swimmers’ club, whose members had kept the place open with "
    "bake sales, a raffle and, in the end, a human chain around the building."
)
LAST = (
    "The vote was nine to eight. A second reading is due in June, and both camps said they would "
    "be back with more people, more banners and, if it comes to that, more lawyers."
)
INITIALS = {
    "H": Role.HEADLINE,
    "D": Role.DEK,
    "B": Role.BYLINE,
    "T": Role.DATELINE,
    "-": Role.BODY,
    "X": Role.BOILERPLATE,
}


def roles(text: str) -> str:
    letters = {role: letter for letter, role in INITIALS.items()}
    return "".join(letters[block.role] for block in blocks_of(text))


TOPS: list[tuple[str, list[str]]] = [
    ("H---", [HEAD, LONG, MORE, LAST]),
    ("H---", [HEAD + ".", LONG, MORE, LAST]),
    ("HB---", [HEAD, "By Ana Torv", LONG, MORE, LAST]),
    ("HB---", [HEAD, "BY ANA TORV AND JON VALE, THE LANTERN", LONG, MORE, LAST]),
    ("HB---", [HEAD, "by Ana de Torv in Harrow Vale", LONG, MORE, LAST]),
    ("HB---", [HEAD, "By Ana Torv | The Lantern | 4 March 2026", LONG, MORE, LAST]),
    ("HB---", [HEAD, "By Ana J. Torv, senior health correspondent", LONG, MORE, LAST]),
    ("HB---", [HEAD, "Written by: Ana Torv", LONG, MORE, LAST]),
    ("HB---", [HEAD, "Posted by Ana Torv on March 4, 2026 at 10:15 a.m.", LONG, MORE, LAST]),
    ("HB---", [HEAD, "By Ana Torv (@anatorv)", LONG, MORE, LAST]),
    ("HB---", [HEAD, "Ana Torv @anatorv", LONG, MORE, LAST]),
    ("HB---", [HEAD, "Ana Torv, Staff Writer", LONG, MORE, LAST]),
    ("HB---", [HEAD, "Ana Torv | Courts Reporter", LONG, MORE, LAST]),
    ("HBB---", [HEAD, "Ana Torv", "Political Editor", LONG, MORE, LAST]),
    ("HBBT---", [HEAD, "By Ana Torv", "Courts reporter", "4 March 2026", LONG, MORE, LAST]),
    ("HBB---", [HEAD, "By Ana Torv", "The Evening Lantern", LONG, MORE, LAST]),
    ("HBT---", [HEAD, "Ana Torv", "4 March 2026", LONG, MORE, LAST]),
    ("HBT---", [HEAD, "Ana Torv", "HARROW VALE, March 4 —", LONG, MORE, LAST]),
    ("HBT---", [HEAD, "By Ana Torv", "HARROW VALE", LONG, MORE, LAST]),
    ("HBT---", [HEAD, "By Ana Torv", "HARROW VALE (Lantern Wire)", LONG, MORE, LAST]),
    ("HT---", [HEAD, "LISBON, March 3 —", LONG, MORE, LAST]),
    ("HT---", [HEAD, "Lisbon —", LONG, MORE, LAST]),
    ("HT---", [HEAD, "LISBON, Portugal", LONG, MORE, LAST]),
    ("HT---", [HEAD, "Published 4 March 2026", LONG, MORE, LAST]),
    ("HTT---", [HEAD, "Published: 4 March 2026, 10:15", "Updated today", LONG, MORE, LAST]),
    ("HT---", [HEAD, "Wed 4 Mar 2026 06.00 GMT | Last modified on 5 Mar 2026", LONG, MORE, LAST]),
    ("HT---", [HEAD, "2026-03-04T10:15:00Z", LONG, MORE, LAST]),
    ("HT---", [HEAD, "04/03/2026", LONG, MORE, LAST]),
    ("HT---", [HEAD, "3 hours ago", LONG, MORE, LAST]),
    ("HDB---", [HEAD, "Swimmers vow to fight on after the vote.", "By Ana Torv", LONG, MORE, LAST]),
    ("HDDB---", [HEAD, "Nine to eight", "‘We were never asked’", "By Ana Torv", LONG, MORE, LAST]),
    ("HDBT---", [HEAD, "Nine to eight", "By Ana Torv", "HARROW VALE, March 4 —", LONG, MORE, LAST]),
    ("HBD---", [HEAD, "By Ana Torv", "‘We were never asked’", LONG, MORE, LAST]),
    ("HD---", [HEAD, "‘We were never asked, and we never will be,’ club says.’", LONG, MORE, LAST]),
    ("HD---", [HEAD, "'We were never asked'", LONG, MORE, LAST]),
    ("HD---", [HEAD, "Swimmers vow to fight on after a vote of nine to eight", LONG, MORE, LAST]),
    ("H----", [HEAD, "The chairman put it this way:", LONG, MORE, LAST]),
    ("H----", [HEAD, "Nobody had expected it to be close.", LONG, MORE, LAST]),
    ("H----", [HEAD, "By Friday.", LONG, MORE, LAST]),
    ("H----", [HEAD, "by the river, a gate stood open.", LONG, MORE, LAST]),
    ("H----", [HEAD, "Ana Torv, the mayor, wept.", LONG, MORE, LAST]),
    ("H----", [HEAD, "Ana Torv is the writer.", LONG, MORE, LAST]),
    ("HD---", [HEAD, "Ana Torv", LONG, MORE, LAST]),
    ("HB----", [HEAD, "By Ana Torv", "It rained all day long.", LONG, MORE, LAST]),
    ("H----", [HEAD, "4 crowns a head and 4 pounds of coal each.", LONG, MORE, LAST]),
    ("HD---", [HEAD, "12", LONG, MORE, LAST]),
    ("H---", [HEAD, " " * 2000 + LONG, MORE, LAST]),
    ("H---", [HEAD, "By " + "Ana Torv and Jon Vale and " * 10, MORE, LAST]),
    ("XH---", ["Politics", HEAD, LONG, MORE, LAST]),
    ("TH---", ["4 March 2026", HEAD, LONG, MORE, LAST]),
    ("BH---", ["By Ana Torv", HEAD, LONG, MORE, LAST]),
    ("H---", ["WATCH: Councillor walks out of the chamber", LONG, MORE, LAST]),
    ("H---", ["Read my lips, says mayor: no new pools", LONG, MORE, LAST]),
    ("XH---", ["Read more: The pool that was never built", HEAD, LONG, MORE, LAST]),
    ("H---", [HEAD, "LISBON (Lantern Wire) — " + LONG, MORE, LAST]),
    ("H---", [HEAD, "HARROW VALE, March 4 — " + LONG, MORE, LAST]),
    ("---", ["HARROW VALE — The pool on Mill Lane is to close.", LONG, MORE]),
    ("HT--", [HEAD, "7 p.m.", LONG, MORE]),
    ("H-T-", [HEAD, "HARROW VALE (Wire) — The latest on the vote.", "2:45 p.m.", LONG]),
    ("---", [LONG, MORE, LAST]),
    ("H------", [HEAD, *["It rained."] * 6]),
]  # fmt: skip


@pytest.mark.parametrize("gap", ["\n\n", "\n", "\n\n\n"])
@pytest.mark.parametrize(("expected", "paragraphs"), TOPS)
def test_the_top_of_an_article_is_read_in_every_layout(
    expected: str, paragraphs: list[str], gap: str
) -> None:
    assert roles(gap.join(paragraphs) + "\n") == expected


def test_a_line_set_close_below_the_headline_is_a_dek_where_the_body_is_set_apart() -> None:
    dek = "Swimmers vow to fight on after a vote of nine to eight."
    assert roles(f"{HEAD}\n{dek}\n\n{LONG}\n\n{MORE}") == "HD--"
    assert roles(f"{HEAD}\n\n{dek}\n\n{LONG}\n\n{MORE}") == "H---"


def test_a_lone_paragraph_is_body_even_when_it_is_short() -> None:
    assert roles("Council votes to close the pool") == "-"
    assert roles(f"{HEAD}\n\nRead more: The pool that was never built") == "-X"


def test_a_byline_below_the_body_is_not_looked_for_in_prose() -> None:
    assert roles(f"{HEAD}\n\n{LONG}\n\nBy Monday the water was gone.\n\n{MORE}") == "H---"


@pytest.mark.parametrize(
    "line",
    [
        "(Reporting by Ana Torv; editing by Jon Vale)",
        "Additional reporting by Ana Torv in Lisbon.",
        "— Editing by Jon Vale",
        "Additional reporting by " + "Ana Torv, " * 12 + "and Jon Vale",
        "Ana Torv and Jon Vale contributed to this report.",
        "Ana Torv contributed reporting from Lisbon.",
        "@anatorv",
    ],
)
def test_a_sign_off_is_a_byline_wherever_it_stands(line: str) -> None:
    assert roles(f"{HEAD}\n\n{LONG}\n\n{MORE}\n\n{line}") == "H--B"


def test_a_sign_off_above_the_body_does_not_make_deks_of_what_is_around_it() -> None:
    line = "Additional reporting by Ana Torv in Lisbon."
    assert roles(f"{HEAD}\n\n{line}\n\n{LONG}\n\n{MORE}") == "HB--"


def test_who_contributed_money_is_no_sign_off() -> None:
    line = "Ana Torv contributed 400 crowns, more than anybody else in the street."
    assert roles(f"{HEAD}\n\n{LONG}\n\nReporting by lamplight, {line * 6}") == "H--"
    assert roles(f"{HEAD}\n\n{LONG}\n\n{line}") == "H--"


def test_a_quote_that_stands_alone_and_repeats_the_article_is_a_pull_quote() -> None:
    assert roles(f"{HEAD}\n\n{LONG}\n\n“We were never asked”\n\n{MORE}") == "H-D-"
    assert roles(f"{HEAD}\n\n{LONG}\n\n{MORE}\n\n‘We were never asked’") == "H--D"


@pytest.mark.parametrize(
    "quote", ["“We will be back.”", "“Asked, never”", "“No.”", "'Not ever again,'"]
)
def test_a_quote_that_stands_alone_and_repeats_nothing_is_body(quote: str) -> None:
    assert roles(f"{HEAD}\n\n{LONG}\n\n{quote}\n\n{MORE}") == "H---"


def test_only_so_many_lone_quotes_are_looked_up() -> None:
    quotes = [f"“This is quote number {n} of many”" for n in range(20)]
    text = "\n\n".join([HEAD, LONG, *quotes, "“We were never asked”", MORE])
    assert roles(text) == "H-" + "-" * 22


def test_every_block_says_why_it_has_its_role() -> None:
    text = f"{HEAD}\n\nBy Ana Torv\n\n4 March 2026\n\n{LONG}\n\nAdvertisement"
    assert [block.reason for block in blocks_of(text)] == [
        "the first line: short, with more text below it",
        "begins with By and a name",
        "a date or a time alone",
        "a paragraph of the article",
        "an advertisement mark",
    ]


def test_a_blank_text_is_one_blank_block() -> None:
    (block,) = blocks_of(" \n\u00a0\n")
    assert (block.role, block.reason) == (Role.BODY, "blank")
    assert blocks_of("") == ()
