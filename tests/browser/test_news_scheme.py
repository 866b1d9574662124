"""The scheme ``news`` on the real labeling page: what an annotator does comes back as meant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from labeling.annotations import parse_result
from labeling.scheme import guideline_html, read_scheme
from labeling.tasks import prediction, task_item
from labeling.types import Relation, Span
from tests.browser.labeling_page import LabelingPage, new_project
from tests.studio_server import ROOT, StudioServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

pytestmark = [pytest.mark.studio, pytest.mark.browser]

NEWS = ROOT / "seeds" / "schemes" / "news"
CONFIG = (NEWS / "config.xml").read_text(encoding="utf-8")
GUIDELINE = (NEWS / "guideline.md").read_text(encoding="utf-8")
SCHEME = read_scheme(CONFIG, GUIDELINE)
TEXT = (
    "🙂 “We won’t pay a penny of this death tax,” said Ada Venn, the ports minister of Norland.\n"
    "She 𝔱old Parliament that the “so-called reform” was a job-killer."
)
SUGGESTED_TEXT = "😀 “This job-killing rule must go,” said Mr Orr."
SUGGESTED_SPANS = (
    Span("q1", "quote", "QUOTE", 2, 34, {"kind": "direct"}),
    Span("s1", "quote", "SPEAKER", 43, 46, {}),
    Span("l1", "loaded", "LOADED_TERM", 8, 19, {"voice": "quoted", "alternative": "costly"}),
)
SUGGESTED_RELATIONS = (Relation("q1", "s1", "said_by"),)
NOTICE = "Please look again at where the quotation ends."


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioServer]:
    with StudioServer(Path(tmp_path_factory.mktemp("label-studio"))) as server:
        yield server


@pytest.fixture(scope="module")
def project(server: StudioServer) -> tuple[int, list[int]]:
    """A project with a task for each thing to try: three to submit, two to look at."""
    guess = prediction(
        SUGGESTED_SPANS, SUGGESTED_RELATIONS, SUGGESTED_TEXT, SCHEME, model_version="rules-1"
    )
    items = [
        task_item("t-1", TEXT, "Minister rejects levy", "Before.", "", 1),
        task_item("t-2", TEXT, "", "", "", 1),
        task_item("t-3", SUGGESTED_TEXT, "", "", "", 1, [guess]),
        task_item("t-4", TEXT, "Minister rejects levy", "", NOTICE, 2),
        task_item("t-5", TEXT, "Minister rejects levy", "Before.\n\nAfter.", "", 1),
    ]
    return new_project(server, CONFIG, guideline_html(GUIDELINE), items)


@pytest.fixture(scope="module")
def desk(browser: Browser, server: StudioServer) -> Iterator[LabelingPage]:
    """The page, with an annotator signed in; every test opens tasks of its own."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    desk = LabelingPage(context.new_page(), server)
    desk.sign_in()
    yield desk
    context.close()


def spans_of(text: str, result: list[object]) -> set[tuple[str, str, str, tuple[object, ...]]]:
    found = parse_result(result, text, SCHEME)
    assert found.set_aside == ()
    return {
        (span.layer, span.label, text[span.start : span.end], tuple(sorted(span.attrs.items())))
        for span in found.spans
    }


def test_what_an_annotator_marks_answers_and_links_comes_back_as_meant(
    desk: LabelingPage, project: tuple[int, list[int]]
) -> None:
    desk.open(project[0], project[1][0])
    desk.mark("3", "Norland")
    desk.mark("1s", "Ada Venn")
    desk.mark("q", "“We won’t pay a penny of this death tax,”")
    desk.mark("c", "said")
    desk.mark("l", "so-called reform")
    desk.select("We won", "How is it quoted?")
    desk.answer("d", "Direct, a full quotation")
    desk.link("Ada Venn")
    desk.let_go()
    desk.select("so-called", "Whose word is it?")
    desk.answer("w", "Quoted")
    desk.answer("g", "Takes something as given")
    desk.answer("8", "Unfavourable")
    desk.answer("t", "Unsure")
    desk.type_answer("alternative", "planned lqs change")
    result = desk.submit()

    loaded = {
        "voice": "quoted",
        "type": "presupposing",
        "polarity": "negative",
        "confidence": "unsure",
        "alternative": "planned lqs change",
    }
    assert spans_of(TEXT, result) == {
        ("entity", "GPE", "Norland", ()),
        ("entity", "PERSON", "Ada Venn", ()),
        ("quote", "SPEAKER", "Ada Venn", ()),
        ("quote", "QUOTE", "“We won’t pay a penny of this death tax,”", (("kind", "direct"),)),
        ("quote", "CUE", "said", ()),
        ("loaded", "LOADED_TERM", "so-called reform", tuple(sorted(loaded.items()))),
    }
    found = parse_result(result, TEXT, SCHEME)
    label_of = {span.id: span.label for span in found.spans}
    assert [(label_of[r.from_id], r.label, label_of[r.to_id]) for r in found.relations] == [
        ("QUOTE", "said_by", "SPEAKER")
    ]


def test_submit_is_never_blocked_by_an_unanswered_question(
    desk: LabelingPage, project: tuple[int, list[int]]
) -> None:
    desk.open(project[0], project[1][1])
    desk.mark("q", "so-called reform")
    desk.mark("2", "Parliament")
    desk.mark("l", "job-killer")
    assert spans_of(TEXT, desk.submit()) == {
        ("quote", "QUOTE", "so-called reform", ()),
        ("entity", "ORG", "Parliament", ()),
        ("loaded", "LOADED_TERM", "job-killer", ()),
    }


def test_suggestions_are_shown_with_their_answers_and_come_back_unchanged(
    desk: LabelingPage, project: tuple[int, list[int]]
) -> None:
    desk.open(project[0], project[1][2])
    desk.select("job-killing", "Whose word is it?")
    expect(desk.box("Quoted")).to_be_checked()
    found = parse_result(desk.submit(), SUGGESTED_TEXT, SCHEME)
    assert found.spans == SUGGESTED_SPANS
    assert found.relations == SUGGESTED_RELATIONS
    assert found.set_aside == ()


def test_a_notice_stands_on_top_and_what_is_empty_takes_no_room(
    desk: LabelingPage, project: tuple[int, list[int]]
) -> None:
    desk.open(project[0], project[1][3])
    notice, text = desk.page.locator(".notice h3"), desk.page.locator(".passage")
    expect(notice).to_have_text(NOTICE)
    assert notice.bounding_box()["y"] < text.bounding_box()["y"]
    expect(desk.page.locator(".around h3")).to_be_hidden()
    desk.open(project[0], project[1][4])
    expect(notice).to_be_hidden()
    expect(desk.page.locator(".around h3")).to_contain_text("After.")


def test_the_guideline_is_one_click_away(
    desk: LabelingPage, project: tuple[int, list[int]]
) -> None:
    desk.open(project[0], project[1][3])
    desk.page.get_by_role("button", name="Instructions").click()
    heading = desk.page.get_by_role("heading", name="Names, quotations and loaded wording")
    expect(heading).to_be_visible()
    expect(desk.page.locator(".guideline td").first).to_have_css("padding-left", "9.6px")
