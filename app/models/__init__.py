"""The tables, one file a stage; constraints and enums, no queries.

Importing this package registers every table on ``Base.metadata``.
"""

from app.models import (
    accounts,
    adoption,
    agreement,
    annotations,
    articles,
    audit,
    batches,
    connections,
    drift,
    duplicates,
    evenness,
    intakes,
    jobs,
    lexicon,
    moderation,
    passages,
    releases,
    review,
    schemes,
    suggestions,
    tasks,
    terms,
)
from app.models.base import Base

__all__ = [
    "Base",
    "accounts",
    "adoption",
    "agreement",
    "annotations",
    "articles",
    "audit",
    "batches",
    "connections",
    "drift",
    "duplicates",
    "evenness",
    "intakes",
    "jobs",
    "lexicon",
    "moderation",
    "passages",
    "releases",
    "review",
    "schemes",
    "suggestions",
    "tasks",
    "terms",
]
