"""Entities from any spaCy pipeline that is installed on this machine.

spaCy is an extra: nothing of it is imported before somebody has set a pipeline. Nothing is
downloaded; a pipeline is a package that an admin has installed.
"""

from __future__ import annotations

from typing import Any

from labeling.errors import LabelingError
from labeling.suggest.interface import Document, Suggestion, Suggestions
from labeling.types import PASSAGE_ROLES

NAME = "spacy"
SCORE = 0.7
# From what pipelines call an entity to the labels of the scheme; the rest is left out.
LABELS = {
    **{label: label for label in ("PERSON", "ORG", "GPE", "LOC", "NORP", "EVENT", "WORK")},
    "PER": "PERSON",
    "FAC": "LOC",
    "WORK_OF_ART": "WORK",
    "LAW": "WORK",
}


class SpacyMissingError(LabelingError):
    """spaCy, or the pipeline that was set, is not installed here."""

    kind = "spacy_missing"


class SpacySuggester:
    """Suggests the entities of a spaCy pipeline.

    Args:
        pipeline: a loaded pipeline (``spacy.Language``); ``load_pipeline`` gives one.
    """

    name = NAME

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        about = pipeline.meta
        self.version = f"{about['lang']}_{about['name']}-{about['version']}"[:40]
        self.config_sha = ""

    def suggest(self, document: Document) -> Suggestions:
        """Propose the entities of headlines, deks and the body, block by block."""
        blocks = [b for b in document.blocks if b.role in PASSAGE_ROLES]
        texts = [document.text[b.start : b.end] for b in blocks]
        found: list[Suggestion] = []
        for block, read in zip(blocks, self._pipeline.pipe(texts), strict=True):
            for entity in read.ents:
                label = LABELS.get(entity.label_)
                words = entity.text.strip()
                if label and words:
                    start = block.start + entity.start_char + entity.text.index(words)
                    ident = f"e{len(found) + 1}"
                    found.append(Suggestion(ident, label, start, start + len(words), SCORE))
        return Suggestions(found)


def load_pipeline(name: str) -> Any:
    """Load an installed pipeline by its name.

    Raises:
        SpacyMissingError: spaCy or the pipeline is not there; the remedy says how to get it.
    """
    try:
        import spacy
    except ImportError as err:
        raise SpacyMissingError(
            "spaCy is not installed.", remedy="Install it beside Copydesk: pip install spacy"
        ) from err
    try:
        return spacy.load(name)
    except (OSError, ValueError, ImportError) as err:
        raise SpacyMissingError(
            f"There is no spaCy pipeline {name!r} on this machine.",
            remedy="Install the pipeline's package, then set it again.",
        ) from err
