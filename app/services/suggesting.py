"""Setting who suggests, and asking for suggestions to be made anew."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.errors import NotFoundError
from app.models.articles import Article
from app.models.jobs import Job
from app.models.suggestions import ListedName, SuggesterOption
from app.queue import SUGGEST, Queue
from app.services import audit
from app.services.suggesters import forget_lineup, known_names
from app.services.suggestions import count_outdated
from labeling.suggest.gazetteer import NAME as GAZETTEER
from labeling.suggest.gazetteer import Name


def set_suggester(
    session: Session, name: str, *, enabled: bool, actor: str, **options: Any
) -> SuggesterOption:
    """Turn a suggester on or off, with its options.

    Raises:
        NotFoundError: nobody here is called so.
    """
    if name not in known_names():
        raise NotFoundError(
            f"There is no suggester {name!r}.",
            remedy="There are " + ", ".join(sorted(known_names())) + ".",
        )
    row = session.get(SuggesterOption, name)
    if row is None:
        row = SuggesterOption(name=name, enabled=enabled, options={})
        session.add(row)
    row.enabled, row.options = enabled, {**row.options, **options}
    session.flush()
    forget_lineup(session)
    audit.record(
        session,
        actor=actor,
        action="suggester_set",
        object=f"suggester:{name}",
        detail={"enabled": enabled, **options},
    )
    return row


def set_names(session: Session, names: Iterable[Name], *, source: str, actor: str) -> int:
    """Replace the names that this instance adds to the gazetteer; return how many there are."""
    rows = [{"name": one.name, "label": one.label, "variants": list(one.variants)} for one in names]
    session.execute(delete(ListedName))
    if rows:
        session.execute(insert(ListedName), rows)
    sha = hashlib.sha256(json.dumps(rows).encode("ascii")).hexdigest()
    set_suggester(session, GAZETTEER, enabled=True, actor=actor, names=sha, source=source[:200])
    return len(rows)


def request_renewal(session: Session, queue: Queue, *, actor: str) -> Job:
    """Plan the job that makes outdated suggestions anew."""
    return queue.plan(session, SUGGEST, key="suggest", actor=actor, partition="suggest")


def renew_if_outdated(session: Session, queue: Queue, *, actor: str) -> Job | None:
    """Plan that job when an update of Copydesk has changed what somebody suggests."""
    fresh = session.scalar(select(Article.id).limit(1)) is None
    if fresh or not count_outdated(session):
        return None
    return request_renewal(session, queue, actor=actor)
