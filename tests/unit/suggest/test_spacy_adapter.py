"""Entities from a spaCy pipeline, at the right characters; a clear word where there is none."""

from __future__ import annotations

import sys

import pytest
import spacy

from labeling.suggest.interface import Document, Suggester
from labeling.suggest.spacy_adapter import SpacyMissingError, SpacySuggester, load_pipeline
from labeling.types import Block, Role

TEXT = "Norland votes\n\nBy Omar Teague\n\n😀 In Norland, Omar Teague read The Tide on Monday."


@pytest.fixture(scope="module")
def pipeline():
    """A blank pipeline with rules: no model is needed."""
    pipeline = spacy.blank("en")
    ruler = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns(
        [
            {"label": "GPE", "pattern": "Norland"},
            {"label": "PER", "pattern": "Omar Teague"},
            {"label": "WORK_OF_ART", "pattern": "The Tide"},
            {"label": "DATE", "pattern": "Monday"},
        ]
    )
    return pipeline


@pytest.fixture(scope="module")
def suggester(pipeline):
    return SpacySuggester(pipeline)


def test_entities_get_the_labels_of_the_scheme_and_our_offsets(suggester):
    byline = TEXT.index("By")
    body = TEXT.index("😀")
    blocks = (
        Block(Role.HEADLINE, 0, byline, ""),
        Block(Role.BYLINE, byline, body, ""),
        Block(Role.BODY, body, len(TEXT), ""),
    )
    said = suggester.suggest(Document(TEXT, blocks))
    assert [(TEXT[s.start : s.end], s.label) for s in said.spans] == [
        ("Norland", "GPE"), ("Norland", "GPE"), ("Omar Teague", "PERSON"), ("The Tide", "WORK"),
    ]  # fmt: skip
    assert len({s.id for s in said.spans}) == 4


def test_it_is_a_suggester_and_says_which_pipeline_it_is(suggester):
    assert isinstance(suggester, Suggester)
    assert suggester.version.startswith("en_pipeline-")


def test_a_pipeline_on_disk_is_loaded_by_its_name(pipeline, tmp_path):
    pipeline.to_disk(tmp_path / "rules")
    assert load_pipeline(str(tmp_path / "rules")).meta["lang"] == "en"


def test_a_pipeline_that_is_not_installed_is_told_with_what_to_do():
    with pytest.raises(SpacyMissingError, match="no spaCy pipeline 'nothing_sm'") as err:
        load_pipeline("nothing_sm")
    assert "Install the pipeline" in err.value.remedy


def test_without_spacy_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(SpacyMissingError, match="spaCy is not installed") as err:
        load_pipeline("en_core_web_sm")
    assert "pip install spacy" in err.value.remedy


def test_blank_entities_are_left_out(pipeline):
    class Blank:
        label_, text, start_char = "GPE", " ", 0

    class Read:
        ents = (Blank,)

    class Pipeline:
        meta = pipeline.meta

        def pipe(self, texts):
            return [Read for _ in texts]

    document = Document("ab", (Block(Role.BODY, 0, 2, ""),))
    assert SpacySuggester(Pipeline()).suggest(document).spans == []
