"""What a suggester is: a pure function from an article to spans and relations.

Suggesters speak in labels, not in layers: which control of a scheme a label belongs to is
known at the push only. Third parties offer their own under the entry point group
``copydesk.suggesters``; each entry point gives an object with the attributes of ``Suggester``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from labeling.types import Block

ENTRY_POINT_GROUP = "copydesk.suggesters"


@dataclass(frozen=True, slots=True)
class Document:
    """An article as suggesters see it: frozen text, the blocks that tile it, its language."""

    text: str
    blocks: tuple[Block, ...]
    language: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A proposed span, ``[start, end)`` in the article's frozen text (code points).

    ``id`` is unique within one answer of one suggester and the same for the same text.
    ``score`` is between 0 and 1; it orders suggestions and promises nothing more.
    """

    id: str
    label: str
    start: int
    end: int
    score: float
    attrs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SuggestedRelation:
    """A proposed link between two suggestions of one answer."""

    from_id: str
    to_id: str
    label: str
    score: float


@dataclass(frozen=True, slots=True)
class Suggestions:
    """One answer of one suggester."""

    spans: Sequence[Suggestion] = ()
    relations: Sequence[SuggestedRelation] = ()


@runtime_checkable
class Suggester(Protocol):
    """Proposes spans: deterministic, no network, no files while suggesting.

    ``name`` and ``version`` say who proposes; ``config_sha`` is the sha256 of everything else
    that shapes the answer (a term bank, thresholds), so that the three together name a run.
    """

    @property
    def name(self) -> str:
        """Stable lower-case word, such as ``quotes``."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever the same text may give another answer."""
        ...

    @property
    def config_sha(self) -> str:
        """The sha256 of the configuration, in hexadecimal ("" when there is none)."""
        ...

    def suggest(self, document: Document) -> Suggestions:
        """Propose spans and relations for one article."""
        ...
