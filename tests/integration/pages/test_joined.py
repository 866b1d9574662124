"""A passage of several paragraphs is shown as one, where its paragraphs stand."""

from __future__ import annotations

from app.services.articles import ArticleFields, prepare_article, store_article

TEXT = "Harbour to close\n\nHe paused.\n\nThe quay was empty by nine, and nobody answered him.\n"


def test_a_joined_passage_has_one_place_on_the_page_and_one_note(store, viewer):
    prepared = prepare_article(
        TEXT.encode(), source="a.txt", fields=ArticleFields(), max_bytes=10_000
    )
    with store.transaction() as session:
        uid = store_article(session, prepared).uid
    body = viewer.get(f"/articles/{uid}").text
    passage = prepared.passages[1].uid
    assert body.count(f'id="p-{passage}"') == 1
    assert body.count("<span>Passage 2</span>") == 1
    assert body.count(">He paused.</p>") == 1
