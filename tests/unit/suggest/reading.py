"""Small helpers that show what the quote suggester says about a text, in words."""

from __future__ import annotations

from labeling.suggest.interface import Document, Suggestions
from labeling.suggest.quotes import QuoteSuggester
from labeling.types import Block, Role


def document(*paragraphs: str, role: Role = Role.BODY) -> Document:
    blocks, text = [], ""
    for paragraph in paragraphs:
        start = len(text)
        text += paragraph + "\n\n"
        blocks.append(Block(role, start, len(text), "a test says so"))
    return Document(text, tuple(blocks))


def suggest(*paragraphs: str, role: Role = Role.BODY) -> tuple[str, Suggestions]:
    article = document(*paragraphs, role=role)
    return article.text, QuoteSuggester().suggest(article)


def speakers(*paragraphs: str) -> list[tuple[str, str]]:
    """Return each quotation's first words with its speaker's, "" where nobody is named."""
    text, answer = suggest(*paragraphs)
    spans = {span.id: span for span in answer.spans}
    said_by = {relation.from_id: spans[relation.to_id] for relation in answer.relations}
    told = []
    for span in answer.spans:
        if span.label == "QUOTE" and span.attrs["kind"] != "paraphrase":
            speaker = said_by.get(span.id)
            words = text[speaker.start : speaker.end] if speaker else ""
            told.append((text[span.start : span.end], words))
    return told


def kinds(*paragraphs: str, role: Role = Role.BODY) -> list[tuple[str, str]]:
    text, answer = suggest(*paragraphs, role=role)
    return [
        (text[span.start : span.end], span.attrs["kind"])
        for span in answer.spans
        if span.label == "QUOTE"
    ]
