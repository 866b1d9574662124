"""Texts reach the page as they are: nothing added, nothing run."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from sqlalchemy import select

from app.models.passages import Passage
from app.services.articles import ArticleFields, prepare_article, store_article
from tests.line import Line

BODY = "“Tags <b>bold</b> & <script>alert(1)</script> 😀,”  said\ta 'quoted' \"voice\"."
LAST = "A last one follows, and it is long enough to stand alone."


class Reader(HTMLParser):
    """Collects the text of every paragraph of a class, without the tags of suggestions in it."""

    def __init__(self, wanted):
        super().__init__(convert_charrefs=True)
        self.wanted, self.texts, self.inside, self.tag = wanted, [], False, False

    def handle_starttag(self, tag, attrs):
        classes = (dict(attrs).get("class") or "").split()
        self.tag = self.tag or (tag == "a" and "tag-suggested" in classes)
        if tag == "p" and self.wanted in classes:
            self.inside = True
            self.texts.append("")

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "p"
        self.tag = self.tag and tag != "a"

    def handle_data(self, data):
        if self.inside and not self.tag:
            self.texts[-1] += data


@pytest.fixture
def line(settings, store):
    line = Line(settings, store)
    yield line
    line.queue.close()


@pytest.fixture
def uid(line):
    prepared = prepare_article(
        f"<i>Council</i> & co count boats again\n\n{BODY}\n\n{LAST}".encode(),
        source="<x>.txt",
        fields=ArticleFields(outlet="<Gull>", url="javascript:alert(1)"),
        max_bytes=10_000,
    )
    with line.store.transaction() as session:
        return store_article(session, prepared).uid


def test_an_article_is_shown_character_by_character(uid, viewer):
    body = viewer.get(f"/articles/{uid}").text
    reader = Reader("reading")
    reader.feed(body)
    assert BODY in reader.texts
    assert "<script>alert" not in body
    assert 'href="javascript:' not in body


def test_a_passage_is_shown_character_by_character(uid, line, viewer):
    line.add_batch()
    body = viewer.get("/batches/first").text
    assert "<script>alert" not in body
    with line.session() as session:
        passage = session.scalars(select(Passage).where(Passage.text == BODY)).one()
    reader = Reader("reading")
    reader.feed(viewer.get(f"/batches/first/passages/{passage.uid}").text)
    assert reader.texts[0] == BODY
