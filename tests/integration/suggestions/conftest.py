"""An instance with articles that have something to suggest."""

from __future__ import annotations

import pytest

from app.services.articles import ArticleFields, prepare_article, store_article

TEXT = (
    "Regime falls\n\nBy Ada Orr\n\n“The 😀 regime is over,” said Omar Teague on Monday.\n\n"
    "The fat cats stayed. Mr Teague slammed them."
)


@pytest.fixture
def add_article(store):
    """Import an article and give its uid."""

    def add(text=TEXT, **fields):
        prepared = prepare_article(
            text.encode(), source="a.txt", fields=ArticleFields(**fields), max_bytes=10**7
        )
        with store.transaction() as session:
            return store_article(session, prepared).uid

    return add
