"""Whether the audit log is as it was written: its chain, read link by link."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.extensions import Store
from app.models.audit import Audit, AuditLink

PAGE = 2_000
_MOST_PROBLEMS = 100


@dataclass(frozen=True, slots=True)
class Head:
    """A place of the chain: how many links there are up to it, and the sha256 of the last."""

    n: int
    sha: str


@dataclass(slots=True)
class ChainRead:
    """What was found. ``problems`` have a kind, the line's number where there is one, words."""

    rows: int = 0
    head: Head | None = None
    problems: list[dict[str, Any]] = field(default_factory=list)
    count: int = 0

    @property
    def ok(self) -> bool:
        """Whether nothing was altered, as far as the chain tells."""
        return not self.count

    def add(self, kind: str, seq: int | None, message: str) -> None:
        """Note a problem; beyond a hundred they are only counted."""
        self.count += 1
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append({"kind": kind, "seq": seq, "message": message})


def iter_links(store: Store, after: int = 0) -> Iterator[tuple[int, int, str, Audit | None]]:
    """The links after a place, in their order: number, line's number, sha256, and the line."""
    while True:
        with store.reading() as session:
            rows = session.execute(
                select(AuditLink.n, AuditLink.seq, AuditLink.sha, Audit)
                .outerjoin(Audit, Audit.seq == AuditLink.seq)
                .where(AuditLink.n > after)
                .order_by(AuditLink.n)
                .limit(PAGE)
            ).all()
        yield from ((row[0], row[1], row[2], row[3]) for row in rows)
        if len(rows) < PAGE:
            return
        after = rows[-1][0]


def list_unlinked(session: Session) -> list[int]:
    """The numbers of lines that no link knows: nothing of ours writes such."""
    linked = select(AuditLink.seq)
    rows = session.scalars(
        select(Audit.seq).where(Audit.seq.not_in(linked)).order_by(Audit.seq).limit(1_000)
    )
    return list(rows)


def find_head(session: Session, n: int | None = None) -> Head | None:
    """The newest link, or the one of a number."""
    query = select(AuditLink.n, AuditLink.sha).order_by(AuditLink.n.desc()).limit(1)
    row = session.execute(query if n is None else query.where(AuditLink.n == n)).one_or_none()
    return None if row is None else Head(row[0], row[1])
