"""The counts behind the figures that rest on gold: of annotators, and of two reviewers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from sqlalchemy import select

from app.extensions import Store
from app.models.articles import Article
from app.models.passages import Passage
from app.models.review import Gold
from labeling.agreement.report import ComparedPassage, TwoLooks

PAGE = 1000


@dataclass(slots=True)
class GoldCounts:
    """By annotator (row id, as text) their passages, and the passages two reviewers settled."""

    annotators: dict[str, list[ComparedPassage]] = field(default_factory=lambda: defaultdict(list))
    looks: list[TwoLooks] = field(default_factory=list)


def read_gold_counts(store: Store, batch_id: int) -> GoldCounts:
    """All counts of a batch's gold, in short reads."""
    found, after = GoldCounts(), 0
    while True:
        with store.reading() as session:
            rows = session.execute(
                select(Gold.id, Gold.current, Gold.state, Gold.opinion, Gold.compared, Article.uid)
                .join(Passage, Passage.id == Gold.passage_id)
                .join(Article, Article.id == Passage.article_id)
                .where(Gold.batch_id == batch_id, Gold.id > after, Gold.compared.is_not(None))
                .order_by(Gold.id)
                .limit(PAGE)
            ).all()
        for _, current, state, opinion, compared, article in rows:
            if current and state == "reviewed":
                for name, counts in compared["annotators"].items():
                    found.annotators[name].append(ComparedPassage(article, counts))
            if opinion is not None and "first" in compared:
                passage = ComparedPassage(article, compared["first"])
                found.looks.append(TwoLooks(passage, opinion["groups"], len(opinion["differ"])))
        if len(rows) < PAGE:
            return found
        after = rows[-1][0]
