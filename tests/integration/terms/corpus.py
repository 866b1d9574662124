"""Passages with any text, at any id, put into the store as an import would."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from app.extensions import Store
from app.models.articles import Article, ArticleVersion, Block
from app.models.passages import Passage, Placement
from app.services.term_index import note_passages


def add_passages(
    store: Store,
    texts: Sequence[str],
    *,
    first: int | None = None,
    outlet: str = "",
    **fields: object,
) -> str:
    """Add an article of which each text is a passage; ``first``: the id of the first of them."""
    whole = "\n\n".join(texts)
    name = hashlib.sha256(f"{whole}{first}".encode()).hexdigest()[:20]
    with store.transaction() as session:
        article = Article(
            uid=f"a-{name}",
            title="Odd texts",
            outlet=outlet,
            imported_at=datetime.now(UTC),
            **fields,
        )
        version = ArticleVersion(
            n=1, bytes_sha=name, original=b"", encoding="utf-8", text=whole, fixes=[],
            blocks=[Block(ord=0, role="body", start=0, end=len(whole), reason="")],
        )  # fmt: skip
        article.versions = [version]
        session.add(article)
        session.flush()
        at, passages = 0, []
        for n, text in enumerate(texts):
            passage = Passage(
                uid=f"p-{name}-{n}", article_id=article.id, role="body", text=text,
                text_sha=hashlib.sha256(text.encode()).hexdigest(), occurrence=n,
            )  # fmt: skip
            if first is not None:
                passage.id = first + n
            session.add(passage)
            session.add(
                Placement(version_id=version.id, passage=passage, start=at, end=at + len(text))
            )
            at += len(text) + 2
            passages.append(passage)
        session.flush()
        note_passages(session, [passage.id for passage in passages])
        return article.uid
