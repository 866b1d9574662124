"""From what an admin asks for to a deal: looked at first, made as it was looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.errors import InvalidInputError
from app.models.connections import Connection
from app.models.schemes import SchemeVersion
from app.services.connections import get_connection, normal_email
from app.services.schemes import newest_version
from app.services.selection import select_passages
from labeling.deal.dealing import deal
from labeling.deal.figures import DealFigures, figures_of
from labeling.deal.terms import BLIND, SHARED, Deal, DealPassage, DealTerms
from labeling.decisions import ReviewPolicy


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """What an admin asks for.

    Args:
        overlap: how many annotators see each passage (k).
        deal: "blind" (a lane each), "shared" (one lane), or None: blind when somebody is to
            see a passage beside another, or has a quota or a lane of their own.
        articles: selectors: an article uid or ``field=value``; several of one field are
            alternatives, different fields must all hold.
        with_duplicates: take all of the articles that say nearly the same, not the first only.
        connection: where the lanes are, unless ``lanes`` says otherwise.
        doubled: instead of an overlap, the percentage that two annotators get.
        control: the percentage pushed without suggestions.
        quotas: by e-mail, how many tasks somebody gets.
        lanes: by e-mail, the connection of somebody's lane.
        owner: who looks after the batch; an e-mail.
        due: when it should be done.
        note: what the admins of this desk should know about it.
        review: how it is reviewed.
    """

    slug: str
    scheme: str
    annotators: tuple[str, ...]
    overlap: int = 1
    deal: str | None = None
    seed: int = 0
    articles: tuple[str, ...] = ()
    with_duplicates: bool = False
    connection: str | None = None
    doubled: float | None = None
    control: float = 0
    quotas: Mapping[str, int] = field(default_factory=dict)
    lanes: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""
    due: date | None = None
    note: str = ""
    review: ReviewPolicy = field(default_factory=ReviewPolicy)

    @property
    def mode(self) -> str:
        """The deal in force."""
        apart = self.overlap >= 2 or self.doubled or self.quotas or self.lanes
        return self.deal or (BLIND if apart else SHARED)


@dataclass(frozen=True, slots=True)
class PlannedDeal:
    """A deal as it will be made: for whom, where, out of what, and how it came out.

    ``chosen`` are the rows of ``select_passages`` in order; ``connections`` go with the lanes.
    """

    emails: tuple[str, ...]
    owner: str
    quotas: Mapping[str, int]
    connections: tuple[Connection, ...]
    scheme: SchemeVersion
    chosen: Sequence[Any]
    dealt: Deal
    figures: DealFigures

    @property
    def articles(self) -> int:
        """How many articles the passages are of."""
        return len({row.article_id for row in self.chosen})


def plan_deal(session: Session, plan: BatchPlan) -> PlannedDeal:
    """Deal what a plan asks for, without making anything of it.

    Raises:
        InvalidInputError, NotFoundError, DealError: it cannot be dealt as asked.
    """
    emails = _distinct_emails(plan.annotators)
    quotas = {normal_email(email): quota for email, quota in plan.quotas.items()}
    scheme = newest_version(session, plan.scheme)
    connections = _connections(session, plan, emails)
    chosen = select_passages(session, plan.articles, duplicates=plan.with_duplicates)
    passages = [DealPassage(row.uid, (row.outlet, row.section)) for row in chosen]
    terms = DealTerms(
        mode=plan.mode,
        overlap=plan.overlap,
        seed=plan.seed,
        doubled=plan.doubled,
        control=plan.control,
        quotas=quotas,
    )
    dealt = deal(passages, emails, terms)
    return PlannedDeal(
        emails=emails,
        owner=normal_email(plan.owner) if plan.owner else "",
        quotas=quotas,
        connections=connections,
        scheme=scheme,
        chosen=chosen,
        dealt=dealt,
        figures=figures_of(passages, dealt),
    )


def lane_names(planned: PlannedDeal) -> tuple[str, ...]:
    """Whose each lane is; the one that several share has the name of its deal."""
    lanes = planned.dealt.lanes
    return tuple(lane.annotators[0] if len(lane.annotators) == 1 else SHARED for lane in lanes)


def figures_json(figures: DealFigures) -> dict[str, Any]:
    """The deal's figures as they are kept: lanes by number, so that no address is kept twice."""
    return {
        "tasks": list(figures.tasks),
        "control": list(figures.control),
        "doubled_passages": figures.doubled_passages,
        "control_passages": figures.control_passages,
        "strata": [
            {
                "names": list(one.stratum),
                "passages": one.passages,
                "control": one.control,
                "tasks": list(one.tasks),
            }
            for one in figures.strata
        ],
        "pairs": [list(pair) for pair in figures.pairs],
    }


def _distinct_emails(annotators: Sequence[str]) -> tuple[str, ...]:
    emails = tuple(dict.fromkeys(normal_email(email) for email in annotators))
    if not emails:
        raise InvalidInputError(
            "A batch needs annotators.", remedy="Name each with --annotator EMAIL"
        )
    return emails


def _connections(
    session: Session, plan: BatchPlan, emails: Sequence[str]
) -> tuple[Connection, ...]:
    """Where each lane is: on a connection of its own, or on the batch's."""
    own = {normal_email(email): name for email, name in plan.lanes.items()}
    unknown = sorted(own.keys() - set(emails))
    if unknown:
        raise InvalidInputError(
            f"A lane is asked for {unknown[0]}, who takes no part.",
            remedy="Name them as an annotator too.",
        )
    if plan.mode == SHARED:
        if own:
            raise InvalidInputError(
                "A shared batch has one lane, which is on the batch's connection.",
                remedy="Deal it blind, or name the connection with --connection NAME",
            )
        return (get_connection(session, plan.connection),)
    return tuple(get_connection(session, own.get(email, plan.connection)) for email in emails)
