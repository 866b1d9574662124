"""The pages of agreement: from a figure to the passages behind it, and everything as files."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape

import pytest

from tests.line import ADA, BEN, CHLOE
from tests.visitors import visitor


def body_of(visitor, path):
    answer = visitor.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


def link(body, words):
    """Where the link that says so leads."""
    found = re.search(rf'<a [^>]*href="([^"]+)"[^>]*>(?:(?!</a>).)*{words}', body, re.DOTALL)
    assert found, words
    return unescape(found[1])


def rows_of(body):
    """What each annotator says at each place of a page."""
    places = re.findall(r"<dl class=\"said\">(.*?)</dl>", body, re.DOTALL)
    return [
        dict(re.findall(r"<dt>(.*?)</dt><dd>.*?(no span|<strong>.*?</strong>)", one, re.DOTALL))
        for one in places
    ]


def test_a_newcomer_is_led_from_the_worst_label_to_the_passages(desk, desk_viewer):
    body = body_of(desk_viewer, "/batches/demo/agreement")
    first = body.split("Look here first")[1].split("</section>")[0]
    assert "QUOTE" in first
    assert ADA in first
    places = body_of(desk_viewer, link(body, "See the passages"))
    found = rows_of(places)
    assert found
    for place in found:
        assert len(place) == 2
        assert "QUOTE" in "".join(place.values())
    passage = body_of(desk_viewer, link(places, "Open the passage"))
    assert "QUOTE" in passage


def test_a_cell_of_the_confusion_leads_to_exactly_its_places(desk, desk_viewer, desk_app):
    body = body_of(desk_viewer, "/batches/demo/agreement?layer=entity")
    chosen = body_of(desk_viewer, link(body, f"{ADA} – {BEN}"))
    table = chosen.split('id="confusion"')[1].split("</section>")[0]
    cells = re.findall(r'<a href="([^"]+passages[^"]+)">([\d,]+)</a>', table)
    assert cells
    for address, count in cells:
        found, after = 0, unescape(address)
        while after:
            page = body_of(desk_viewer, after)
            found += len(rows_of(page))
            more = re.search(r'href="([^"]+)" rel="next"', page)
            after = unescape(more[1]) if more else None
        assert found == int(count.replace(",", "")), address


def test_a_kind_leads_to_places_of_this_kind(desk, desk_viewer):
    body = body_of(desk_viewer, "/batches/demo/agreement?layer=quote")
    places = body_of(desk_viewer, link(body, "boundary"))
    kinds = set(re.findall(r'class="pill">(.*?)</span>', places))
    assert kinds == {"boundary"}


def test_the_list_shows_each_batch_that_has_figures(desk, desk_viewer):
    body = body_of(desk_viewer, "/agreement")
    assert "/batches/demo/agreement?layer=entity" in body
    assert "week-14" not in body.split("<main")[1]


def test_everything_is_there_as_json_and_as_csv(desk, desk_viewer):
    report = json.loads(body_of(desk_viewer, "/batches/demo/agreement.json"))
    assert report["annotators"] == [ADA, BEN, CHLOE]
    assert {one["annotator"] for one in report["work"]} == {ADA, BEN, CHLOE}
    quote = report["layers"]["quote"]
    assert [one["a"] for one in quote["pairs"]] == [ADA, ADA, BEN]
    assert quote["annotators"][0]["annotator"] == ADA
    table = list(csv.DictReader(io.StringIO(body_of(desk_viewer, "/batches/demo/agreement.csv"))))
    of = {row["of"] for row in table}
    assert {"all", "label", "pair", "pair on QUOTE", "annotator", "attribute", "outlet"} <= of
    wanted = ("quote", "label", "QUOTE", "f1_exact")
    (row,) = [
        row for row in table if (row["layer"], row["of"], row["name"], row["figure"]) == wanted
    ]
    label = next(one for one in quote["labels"] if one["label"] == "QUOTE")
    assert float(row["value"]) == label["f1_exact"]["value"]
    assert int(row["n"]) == label["f1_exact"]["n"]


@pytest.mark.parametrize(
    "query", ["layer=nothing", "layer=quote&label=nothing&a=1&b=77", "a=x&b=y"]
)
def test_an_odd_address_shows_the_page_all_the_same(desk, desk_viewer, query):
    assert "Look here first" in body_of(desk_viewer, f"/batches/demo/agreement?{query}")


@pytest.mark.parametrize("query", ["", "?layer=nothing"])
def test_places_of_no_layer_lead_back_to_the_figures(desk, desk_viewer, query):
    answer = desk_viewer.get(f"/batches/demo/agreement/passages{query}")
    assert (answer.status_code, answer.location) == (302, "/batches/demo/agreement")


def test_what_nobody_differs_on_says_so(desk, desk_viewer):
    body = body_of(desk_viewer, "/batches/demo/agreement/passages?layer=quote&kind=split/merge")
    assert "No such place" in body


def test_a_place_leads_a_reviewer_to_the_review_of_its_passage(desk, desk_app, desk_viewer):
    address = "/batches/demo/agreement/passages?layer=quote&kind=boundary"
    assert "Review it" not in body_of(desk_viewer, address)
    place = body_of(visitor(desk_app, "reviewer"), address)
    assert link(place, "Review it").startswith("/review/demo/p-")
