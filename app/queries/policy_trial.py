"""What a policy would match, were it imported: counted, and nothing changed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.extensions import Store
from app.models.articles import Article
from app.queries.findings import findings_of
from app.queries.policies import Current, together
from labeling.moderation.matching import Place, match_policy, proposal, rule_in_words
from labeling.moderation.policy import Policy, Verdict

AT_ONCE = 50


@dataclass(slots=True)
class RuleTrial:
    """What one rule would match: articles, spans, and the first article to look at."""

    words: str
    articles: int = 0
    spans: int = 0
    example: str | None = None


@dataclass(slots=True)
class Trial:
    """What a policy would propose for the articles that were looked through."""

    policy: Policy
    looked_at: int = 0
    matched: int = 0
    more: bool = False
    proposed: Counter[str] = field(default_factory=Counter)
    rules: dict[str, RuleTrial] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The answer of ``policies try``."""
        return {
            "policy": self.policy.name,
            "in_force": self.policy.in_force,
            "articles": self.looked_at,
            "matched": self.matched,
            "proposed": {verdict.value: self.proposed[verdict.value] for verdict in Verdict},
            "rules": [
                {
                    "rule": rule.name,
                    "verdict": rule.verdict.value,
                    "reason": rule.reason,
                    "style": rule.style,
                    "looks_for": self.rules[rule.name].words,
                    "articles": self.rules[rule.name].articles,
                    "spans": self.rules[rule.name].spans,
                }
                for rule in self.policy.rules
            ],
        }


def try_policy(store: Store, policy: Policy, most: int | None = None) -> Trial:
    """Look through all articles, or the ``most`` that came last, with short reads."""
    trial = Trial(policy, rules={r.name: RuleTrial(rule_in_words(r)) for r in policy.rules})
    labels = together([Current(0, policy)]).labels
    before: int | None = None
    while most is None or trial.looked_at < most:
        with store.reading() as session:
            query = select(Article.id).order_by(Article.id.desc()).limit(AT_ONCE)
            ids = session.scalars(
                query if before is None else query.where(Article.id < before)
            ).all()
            found = findings_of(session, ids, labels) if ids else {}
        if not ids:
            return trial
        before = ids[-1]
        for article_id in ids:
            article = found[article_id]
            trial.looked_at += 1
            matches = match_policy(policy, Place(article.outlet, article.section), article.findings)
            heaviest = proposal(matches)
            if heaviest is not None:
                trial.matched += 1
                trial.proposed[heaviest.value] += 1
            for match in matches:
                rule = trial.rules[match.rule.name]
                rule.articles += 1
                rule.spans += len(match.findings)
                rule.example = rule.example or article.uid
    trial.more = True
    return trial
