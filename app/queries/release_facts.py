"""What a release's manifest tells of its batches: agreement, suggestions, signs of blindness."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Session

from app.models.annotations import Annotation
from app.models.batches import Batch, Lane
from app.models.tasks import Task
from app.queries.agreement import get_report
from app.queries.blindness import mode_of
from app.queries.releasing import Scope
from labeling.agreement.report import contract

FIGURES = ("f1_exact", "f1_iou50", "alpha_token", "percent", "alpha_nominal")


def agreement_of(session: Session, scope: Scope) -> dict[str, Any]:
    """The figures of agreement of each batch as its page has them: batch → layer → figure."""
    found = {}
    for batch in scope.batches:
        report = get_report(session, batch.id).report
        if report is not None:
            found[batch.slug] = {
                name: {key: layer[key] for key in FIGURES if key in layer}
                for name, layer in contract(report)["layers"].items()
            }
    return found


def suggestion_effects(session: Session, scope: Scope) -> dict[str, Any]:
    """How far suggestions make annotators more alike, where a control slice tells it."""
    found = {}
    for batch in scope.batches:
        report = get_report(session, batch.id).report or {"layers": {}}
        effects = {
            name: layer["effect_of_suggestions"]
            for name, layer in report["layers"].items()
            if layer.get("effect_of_suggestions")
        }
        if effects:
            found[batch.slug] = effects
    return found


def blindness_of(session: Session, scope: Scope) -> dict[str, Any]:
    """How each batch's lanes are kept apart, and how many answers bear signs against it."""
    found = {}
    for batch in scope.batches:
        deal = session.scalars(select(Batch.deal).where(Batch.id == batch.id)).one()
        lanes = session.scalars(
            select(Lane.connection_id).where(Lane.batch_id == batch.id).order_by(Lane.n)
        ).all()
        connections = [None if one is None else str(one) for one in lanes]
        flagged = session.scalar(
            select(func.count(Annotation.id))
            .join(Task, Task.id == Annotation.task_id)
            .join(Lane, Lane.id == Task.lane_id)
            .where(Lane.batch_id == batch.id, Annotation.flag != literal_column("''"))
        )
        found[batch.slug] = {"mode": mode_of(deal, connections), "flagged": flagged or 0}
    return found
