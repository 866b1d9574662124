"""spaCy's DocBin: one span group a layer, so that overlaps stay; attributes in the user data.

spaCy is an extra: without it the format says how to get it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labeling.datasets.formats.base import (
    SPLITS,
    FormatError,
    Item,
    Losses,
    Record,
    Sink,
    Spec,
    gold_of,
    note_annotators,
    split_named,
    split_of,
    text_of,
)
from labeling.datasets.formats.tokens import covered
from labeling.datasets.records import to_json_line
from labeling.text.tokens import tokens_of

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

PATTERN = "data/{}-{:05d}.spacy"
_DOCS = 2_000
_KEY = "copydesk"


def write(records: Iterable[Record], sink: Sink, spec: Spec) -> Losses:
    """See ``Format``. Files hold 2,000 passages each, since spaCy reads a file as a whole."""
    losses = Losses()
    nlp = _language()
    shards: dict[str, _Shards] = {}
    for record in records:
        split = split_of(record)
        shards.setdefault(split, _Shards(sink, split)).add(_doc(nlp, record, spec, losses))
        note_annotators(losses, record)
    for shard in shards.values():
        shard.flush()
    return losses


def read(folder: Path) -> Iterator[Item]:
    """See ``Format``."""
    from spacy.tokens import DocBin

    nlp = _language()
    for split in SPLITS:
        for path in sorted((folder / "data").glob(f"{split}-*.spacy")):
            try:
                docs = DocBin().from_disk(path).get_docs(nlp.vocab)
                yield from (_item(doc, split_named(split)) for doc in docs)
            except (ValueError, KeyError, OSError) as err:
                raise FormatError(f"{path.name}: spaCy cannot read it ({err}).") from err


def _language() -> Language:
    try:
        import spacy
    except ImportError as err:
        raise FormatError(
            "The docbin format needs spaCy, which is not installed.",
            remedy="Install it beside Copydesk: .venv/bin/pip install spacy",
        ) from err
    return spacy.blank("xx")


class _Shards:
    """The files of one split, each written when it is full."""

    def __init__(self, sink: Sink, split: str) -> None:
        self._sink, self._split, self._n = sink, split, 0
        self._docs: list[Doc] = []

    def add(self, doc: Doc) -> None:
        self._docs.append(doc)
        if len(self._docs) == _DOCS:
            self.flush()

    def flush(self) -> None:
        from spacy.tokens import DocBin

        if self._docs:
            with self._sink.open(PATTERN.format(self._split, self._n)) as file:
                file.write(DocBin(docs=self._docs, store_user_data=True).to_bytes())
            self._docs, self._n = [], self._n + 1


def _doc(nlp: Language, record: Record, spec: Spec, losses: Losses) -> Doc:
    from spacy.tokens import Doc, Span

    text, gold = text_of(record, "docbin"), gold_of(record)
    tokens, spaces = _words(text)
    doc = Doc(nlp.vocab, words=[text[start:end] for start, end in tokens], spaces=spaces)
    kept: dict[str, list[tuple[Any, dict[str, Any]]]] = {}
    for span in gold["spans"]:
        if cover := covered(span, tokens, losses, record):
            mark = Span(doc, cover.first, cover.last + 1, label=span["label"], span_id=span["id"])
            kept.setdefault(span["layer"], []).append((mark, dict(span)))
    for layer in spec.span_layers:
        doc.spans[layer.name] = [mark for mark, _ in kept.get(layer.name, [])]
    # As JSON, because spaCy gives tuples back for lists.
    doc.user_data[_KEY] = to_json_line(
        {
            "id": record["passage"]["uid"],
            "spans": [told for marks in kept.values() for _, told in marks],
            "relations": gold["relations"],
            "choices": gold["choices"],
        }
    )
    return doc


def _words(text: str) -> tuple[list[tuple[int, int]], list[bool]]:
    """Tokens that give the text back: white space beyond one space is a token of its own."""
    words: list[tuple[int, int]] = []
    spaces: list[bool] = []
    edges = [(0, 0), *tokens_of(text), (len(text), len(text))]
    for (start, end), (following, _) in pairwise(edges):
        single = text.startswith(" ", end)
        if end > start:
            words.append((start, end))
            spaces.append(single)
            end += single  # noqa: PLW2901 -- the space belongs to the word
        if end < following:
            words.append((end, following))
            spaces.append(False)
    return words, spaces


def _item(doc: Doc, split: str | None) -> Item:
    told = json.loads(doc.user_data[_KEY])
    return Item(
        id=told["id"],
        split=split,
        text=doc.text,
        spans=tuple(told["spans"]),
        relations=tuple(told["relations"]),
        choices=tuple(told["choices"]),
    )
