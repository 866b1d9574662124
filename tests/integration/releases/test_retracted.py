"""A release that holds a retracted article says so on its page, and stays as it is."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.models.articles import Article
from app.services.curation import retract_article
from tests.integration.review.room import RUTH


@pytest.fixture
def retracted(room, call):
    call("release", "news", "--batch", "first")
    with room.store.transaction() as session:
        uid = session.scalars(select(Article.uid)).one()
        retract_article(session, uid, reason="withdrawn by the outlet", actor=RUTH)
    return uid


def test_the_page_and_the_list_name_what_was_retracted(retracted, viewer):
    body = viewer.get("/datasets/news/1.0.0").text
    assert "1 article in it was retracted since" in body
    assert f'href="/articles/{retracted}"' in body
    assert "1 article retracted since" in viewer.get("/datasets").text
