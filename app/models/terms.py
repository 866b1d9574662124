"""The index of terms: which passages hold a word, in blocks, and which are not in it yet.

All of it is made from the passages and can be made again, so it is in no backup.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base

_DERIVED = {"info": {"derived": True}}


class TermBlock(Base):
    """The passages of one block (``passage.id // BLOCK``) that hold a word or share its number.

    It may name passages that are gone: whoever reads it looks at the passages' texts.
    """

    __tablename__ = "term_block"
    __table_args__ = ({**_DERIVED, "sqlite_with_rowid": False},)

    word: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    block: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    places: Mapped[bytes] = mapped_column(LargeBinary)


class TermWaiting(Base):
    """A passage that no block names yet."""

    __tablename__ = "term_waiting"
    __table_args__ = (_DERIVED,)

    passage_id: Mapped[int] = mapped_column(
        ForeignKey("passage.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )


class TermIndexState(Base):
    """The one row that says what the blocks were made with; who fills them holds it."""

    __tablename__ = "term_index_state"
    __table_args__ = (_DERIVED,)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    form: Mapped[str] = mapped_column(String(40))
