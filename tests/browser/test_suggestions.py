"""Suggestions made by Copydesk stand at the right characters in the real Label Studio."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from labeling.annotations import parse_result
from labeling.scheme import guideline_html, read_scheme
from labeling.suggest.gazetteer import GazetteerSuggester, Name
from labeling.suggest.interface import Document
from labeling.suggest.lexicon import Lexicon, LexiconSuggester
from labeling.suggest.lexicon_csv import read_terms
from labeling.suggest.lineup import Lineup, public_id
from labeling.suggest.origin import origins_of
from labeling.suggest.projection import Projection, Proposed
from labeling.suggest.quotes import QuoteSuggester
from labeling.tasks import MODEL_VERSION, prediction, task_item
from labeling.text.blocks import blocks_of
from labeling.text.passages import passages_of
from labeling.types import Relation
from tests.browser.labeling_page import LabelingPage, new_project
from tests.studio_server import ROOT, StudioServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

pytestmark = [pytest.mark.studio, pytest.mark.browser]

NEWS = ROOT / "seeds" / "schemes" / "news"
CONFIG = (NEWS / "config.xml").read_text(encoding="utf-8")
SCHEME = read_scheme(CONFIG)
PARAGRAPH = (
    "😀👩‍🚀 In Norland, “this death tax 🙂 is a tax grab, and we will not pay a penny of it,” "
    "said Mr Omar Teague on Monday. The 𝔪inister called the fat cats brazen."
)
TEXT = f"Council votes on levy\n\nBy Ada Orr\n\n{PARAGRAPH}"
EXPECTED = {
    ("quote", "QUOTE", "“this death tax 🙂 is a tax grab, and we will not pay a penny of it,”"),
    ("quote", "CUE", "said"),
    ("loaded", "LOADED_TERM", "death tax"),
    ("loaded", "LOADED_TERM", "tax grab"),
    ("loaded", "LOADED_TERM", "fat cats"),
    ("loaded", "LOADED_TERM", "brazen"),
    ("entity", "GPE", "Norland"),
    ("entity", "PERSON", "Omar Teague"),
}


def suggested() -> tuple[str, dict[str, Any], Any]:
    """The passage, its prediction and what was projected, as an import and a push make them."""
    terms = read_terms((ROOT / "seeds/lexicon/starter.csv").read_bytes(), source="starter.csv")
    lineup = Lineup(
        [
            QuoteSuggester(),
            LexiconSuggester(Lexicon(terms.terms)),
            GazetteerSuggester([Name("Norland", "GPE")]),
        ]
    )
    blocks = blocks_of(TEXT)
    proposed, relations = [], []
    for answer in lineup.answers(Document(TEXT, blocks)):
        name = answer.run.name
        proposed += [
            Proposed(public_id(name, n), name, s.label, s.start, s.end, s.score, s.attrs)
            for n, s in enumerate(answer.spans, start=1)
        ]
        relations += [
            Relation(public_id(name, k.source + 1), public_id(name, k.target + 1), k.label)
            for k in answer.links
        ]
    piece = passages_of("a-1", TEXT, blocks)[-1]
    projected = Projection(SCHEME).of(proposed, relations, piece.start, piece.end)
    text = TEXT[piece.start : piece.end]
    guess = prediction(
        projected.spans, projected.relations, text, SCHEME, model_version=MODEL_VERSION
    )
    return text, guess, projected


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioServer]:
    with StudioServer(Path(tmp_path_factory.mktemp("label-studio"))) as server:
        yield server


def test_suggestions_stand_at_the_right_characters_behind_emoji(
    server: StudioServer, browser: Browser
) -> None:
    text, guess, projected = suggested()
    assert {(s.layer, s.label, text[s.start : s.end]) for s in projected.spans} >= EXPECTED
    items = [
        task_item("t-1", text, "Council votes", "", "", 1, [guess]),
        task_item("t-2", text, "Council votes", "", "", 1),
    ]
    project_id, tasks = new_project(server, CONFIG, guideline_html(""), items)
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    desk = LabelingPage(context.new_page(), server)
    desk.sign_in()

    desk.open(project_id, tasks[0])
    marks = desk.page.locator(".lsf-richtext__container .htx-highlight")
    expect(marks.first).to_be_visible()
    shown = "".join(marks.all_inner_texts())
    for _, _, words in EXPECTED:
        assert words.split()[-1] in shown
    desk.select("fat cats", "Whose word is it?")
    expect(desk.box("The outlet's own")).to_be_checked()
    desk.let_go()
    desk.select("death tax", "Whose word is it?")
    expect(desk.box("Quoted")).to_be_checked()
    desk.let_go()

    found = parse_result(desk.submit(), text, SCHEME)
    assert found.set_aside == ()
    assert {(s.layer, s.label, text[s.start : s.end]) for s in found.spans} >= EXPECTED
    assert found.relations == projected.relations
    assert set(origins_of(found.spans, projected.spans).spans.values()) == {"unchanged"}

    desk.open(project_id, tasks[1])
    expect(desk.page.locator(".lsf-richtext__container .htx-highlight")).to_have_count(0)
    context.close()
