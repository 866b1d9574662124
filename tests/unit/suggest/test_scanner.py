"""Quotation marks are told from apostrophes, and paired as a reader pairs them."""

from __future__ import annotations

import pytest

from labeling.suggest.quotes.scanner import DEEPEST, scan


def found(text: str) -> list[str]:
    return [text[region.start : region.end] for region in scan(text, 0, len(text))]


@pytest.mark.parametrize(
    ("text", "quotations"),
    [
        ("“We stay,” she said.", ["“We stay,”"]),
        ('"We stay," she said.', ['"We stay,"']),
        ("‘We stay,’ she said.", ["‘We stay,’"]),
        ("'We stay,' she said.", ["'We stay,'"]),
        ("« Nous restons », dit-elle.", ["« Nous restons »"]),
        ("«Nous restons», dit-elle.", ["«Nous restons»"]),
        ("„Wir bleiben“, sagte sie.", ["„Wir bleiben“"]),
        ("''We stay,'' she said.", ["''We stay,''"]),
        ("``We stay,'' she said.", ["``We stay,''"]),
        ("“We,” she said, “stay.”", ["“We,”", "“stay.”"]),
        ("“They said ‘stay’ to us.”", ["“They said ‘stay’ to us.”", "‘stay’"]),
        ("\"They said 'stay' to us.\"", ["\"They said 'stay' to us.\"", "'stay'"]),
        ('"They said “stay” to us."', ['"They said “stay” to us."', "“stay”"]),
        ("”We stay,” she said.", ["”We stay,”"]),
        ("“We stay,“ she said.", ["“We stay,“"]),
        ('He asked:"Why?" She left.', ['"Why?"']),
        ('It was " odd " to see.', ['" odd "']),
        ("(“We stay”)", ["“We stay”"]),
        ("the port—“a jewel”—closed", ["“a jewel”"]),
    ],
)
def test_marks_of_every_kind_bound_a_quotation(text, quotations):
    assert found(text) == quotations


@pytest.mark.parametrize(
    "text",
    [
        "It isn’t the mayor’s, and it isn't the council's.",
        "The workers’ rights and the nurses' pay rose.",
        "Back in the ’90s and the '80s, 'tis said, ’twas ‘90s music.",
        "Rock ’n’ roll and rock 'n' roll got 'em.",
        'She is 5\'10" tall, he is 6\' 2" and the shelf is 12" deep.',
        "Nothing here is quoted.",
        "A stray ” mark.",
        "“”",
        "A ` tick",
        "",
    ],
)
def test_apostrophes_and_measures_are_not_quotations(text):
    assert found(text) == []


def test_a_plural_possessive_does_not_end_a_quotation():
    assert found("“We back ‘the workers’ rights’ here.”")[1] == "‘the workers’ rights’"
    assert found("the ‘rebels’ and the ‘loyalists’ met") == ["‘rebels’", "‘loyalists’"]


def test_an_unclosed_quotation_ends_with_its_paragraph_and_says_so():
    text = "“We have ‘a plan’ and we go on.\n\n"
    outer, inner = scan(text, 0, len(text))
    assert text[outer.start : outer.end] == "“We have ‘a plan’ and we go on."
    assert outer.unclosed
    assert (inner.unclosed, inner.depth) == (False, 1)


def test_an_outer_mark_closes_what_is_open_inside():
    text = "“He told me ‘never again.”"
    outer, inner = scan(text, 0, len(text))
    assert (outer.end, outer.unclosed) == (len(text), False)
    assert (text[inner.start : inner.end], inner.unclosed) == ("‘never again.", True)


def test_a_forgotten_mark_does_not_swallow_the_next_quotation():
    text = '"Yes, she said. "No," he said, "never."'
    first, *others = scan(text, 0, len(text))
    assert text[first.start : first.end] == '"Yes, she said.'
    assert first.unclosed
    assert [text[r.start : r.end] for r in others] == ['"No,"', '"never."']
    assert not any(region.unclosed or region.depth for region in others)


def test_deep_nesting_is_bounded():
    text = "“a " * 9 + "b" + "”" * 9
    assert max(region.depth for region in scan(text, 0, len(text))) == DEEPEST - 1


def test_a_straight_opening_mark_needs_a_closing_one():
    assert found("They said 'never and left.") == []
    text = "In 'the old port and on the long stone quay and on the harbour wall below, 'too'."
    assert found(text) == ["'too'"]


def test_a_single_mark_that_a_paragraph_opens_with_may_stay_open():
    text = "‘We stay here and wait."
    (region,) = scan(text, 0, len(text))
    assert region.unclosed
    assert found("They built ‘a new quay.") == []


def test_what_was_left_open_inside_a_cut_quotation_is_cut_too():
    text = "“One ‘two three. “Four five.”"
    first, inner, second = scan(text, 0, len(text))
    assert text[first.start : first.end] == "“One ‘two three."
    assert first.end == inner.end <= second.start
    assert (first.unclosed, second.unclosed, second.depth) == (True, False, 0)
