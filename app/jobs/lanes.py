"""A lane's Label Studio project and its annotators' accounts, made once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.errors import ConflictError
from app.jobs import lane_tabs
from app.jobs.runtime import JobContext, now
from app.models.batches import Batch, Lane, LaneAnnotator
from app.models.connections import Account, Annotator
from app.models.schemes import SchemeVersion
from app.services.connections import ensure_account
from labeling.errors import GatewayError, MissingGatewayError, RejectedGatewayError
from labeling.scheme import guideline_html
from labeling.studio.gateway import ProjectInfo, ProjectSpec, StudioGateway

TITLE_CHARS = 50


@dataclass(frozen=True, slots=True)
class _LaneFacts:
    uid: str
    n: int
    connection_id: int
    project: int | None
    attempted_at: datetime | None
    batch: str
    shared: bool
    overlap: int
    config: str
    guideline: str
    people: list[tuple[int, str]]


def ensure_project(ctx: JobContext, gateway: StudioGateway, lane_id: int) -> int:
    """The lane's project on the server, found again or made, with accounts for its annotators.

    A project whose creation was never confirmed carries the lane's uid in its description and
    is found by it, so that a crash between request and record makes no second one.

    Raises:
        MissingGatewayError: the project was there once and is gone.
        GatewayError: the server could not be asked, or refused.
    """
    facts = _facts(ctx, lane_id)
    _ensure_accounts(ctx, gateway, facts)
    if facts.project is not None:
        known = confirm_project(ctx, gateway, facts.project, facts.uid).id
        lane_tabs.ensure_tabs(ctx, gateway, lane_id, known)
        return known
    if facts.attempted_at is not None:
        # A worker died between asking and recording: the server may still be at it. The whole
        # wait, since the clock may have been put forward or back in between.
        ctx.wait(ctx.settings.push_settle_s)
    project = _find_by_marker(ctx, gateway, facts.uid) or _create(ctx, gateway, facts, lane_id)
    with ctx.transaction() as session:
        session.get_one(Lane, lane_id).ls_project_id = project.id
    lane_tabs.ensure_tabs(ctx, gateway, lane_id, project.id)
    return project.id


def confirm_project(
    ctx: JobContext, gateway: StudioGateway, project: int, marker: str
) -> ProjectInfo:
    """The project of a lane, if it is still there and still that lane's.

    A number alone proves nothing: the connection may lead to another server by now.

    Raises:
        MissingGatewayError: it is gone, or the project of that number is not ours.
    """
    try:
        found = ctx.patiently(lambda: gateway.get_project(project))
    except MissingGatewayError as err:
        raise MissingGatewayError(
            f"Project {project} is gone from Label Studio; what was synced before is kept.",
            operation="get_project",
            status=err.status,
            remedy="Ask who deleted it. Make a new batch for what was not annotated yet.",
        ) from err
    if marker not in found.description:
        raise MissingGatewayError(
            f"Project {project} on this server is not the one that was made for this lane; "
            "what was synced before is kept.",
            operation="get_project",
            remedy="Does the connection lead to another server now? Somebody may also have "
            "changed the project's description, which carries the lane's mark.",
        )
    return found


def _find_by_marker(ctx: JobContext, gateway: StudioGateway, marker: str) -> ProjectInfo | None:
    projects = ctx.patiently(gateway.list_projects)
    found = [project for project in projects if marker in project.description]
    if len(found) > 1:
        numbers = ", ".join(str(project.id) for project in found)
        raise ConflictError(
            f"Projects {numbers} in Label Studio all carry the mark of one lane.",
            remedy="Delete the empty ones there, then push again.",
        )
    return found[0] if found else None


def _create(
    ctx: JobContext, gateway: StudioGateway, facts: _LaneFacts, lane_id: int
) -> ProjectInfo:
    ctx.checkpoint(message="Making the project in Label Studio")
    spec = ProjectSpec(
        title=_title(facts),
        config=facts.config,
        instruction_html=guideline_html(facts.guideline),
        marker=facts.uid,
        maximum_annotations=facts.overlap if facts.shared else 1,
    )

    def create() -> ProjectInfo:
        with ctx.transaction() as session:
            session.get_one(Lane, lane_id).project_attempted_at = now()
        return gateway.create_project(spec)

    try:
        return ctx.patiently(create, repeat_sent=False)
    except GatewayError as err:
        if isinstance(err, RejectedGatewayError) or not err.sent:
            with ctx.transaction() as session:
                session.get_one(Lane, lane_id).project_attempted_at = None
            raise
        # It may have been made although no answer came; wait, then look for its marker.
        ctx.wait(ctx.settings.push_settle_s)
        found = _find_by_marker(ctx, gateway, facts.uid)
        if found is None:
            raise
        return found


def _title(facts: _LaneFacts) -> str:
    """A title that says which batch and lane, and nothing of the other lanes or their people."""
    suffix = f" · {facts.uid[-6:]}"
    return facts.batch[: TITLE_CHARS - len(suffix)] + suffix


def _ensure_accounts(ctx: JobContext, gateway: StudioGateway, facts: _LaneFacts) -> None:
    with ctx.store.reading() as session:
        known = set(
            session.scalars(
                select(Account.annotator_id).where(Account.connection_id == facts.connection_id)
            )
        )
    missing = [(ident, email) for ident, email in facts.people if ident not in known]
    lane_tabs.note_invite(ctx, gateway, facts.connection_id, renew=bool(missing))
    if not missing:
        return
    users = {user.email.lower(): user.id for user in ctx.patiently(gateway.list_users)}
    for annotator_id, email in missing:
        user_id = users.get(email)
        if user_id is None:
            user_id = _make_account(ctx, gateway, email)
        with ctx.transaction() as session:
            ensure_account(session, facts.connection_id, annotator_id, user_id)


def _make_account(ctx: JobContext, gateway: StudioGateway, email: str) -> int:
    try:
        return ctx.patiently(lambda: gateway.create_user(email), repeat_sent=False).id
    except GatewayError:
        # An account made by an unanswered call, or by somebody else meanwhile, is as good.
        users = {user.email.lower(): user.id for user in ctx.patiently(gateway.list_users)}
        if email in users:
            return users[email]
        raise


def _facts(ctx: JobContext, lane_id: int) -> _LaneFacts:
    with ctx.store.reading() as session:
        lane, batch, scheme = session.execute(
            select(Lane, Batch, SchemeVersion)
            .join(Batch, Batch.id == Lane.batch_id)
            .join(SchemeVersion, SchemeVersion.id == Batch.scheme_version_id)
            .where(Lane.id == lane_id)
        ).one()
        people = session.execute(
            select(Annotator.id, Annotator.email)
            .outerjoin(LaneAnnotator, LaneAnnotator.annotator_id == Annotator.id)
            .where((Annotator.id == lane.annotator_id) | (LaneAnnotator.lane_id == lane_id))
            .distinct()
            .order_by(Annotator.id)
        )
        return _LaneFacts(
            uid=lane.uid,
            n=lane.n,
            connection_id=lane.connection_id or 0,
            project=lane.ls_project_id,
            attempted_at=lane.project_attempted_at,
            batch=batch.slug,
            shared=batch.deal == "shared",
            overlap=batch.overlap,
            config=scheme.config,
            guideline=scheme.guideline,
            people=[(ident, email) for ident, email in people],
        )
