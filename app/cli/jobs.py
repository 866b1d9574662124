"""`flask jobs` and `flask worker`: background work, and the process that does it."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from app.cli.actors import as_option
from app.cli.output import Answer, answers, table
from app.errors import SetupError
from app.extensions import Store, get_store
from app.queries.health import read_store_facts
from app.queries.jobs import list_jobs, show_job
from app.queue import ENGINE_SCHEMA, ENGINE_TABLES
from app.services import jobs
from config import DATABASE_FILE, Settings

group = AppGroup("jobs", help="Background work.")


@group.command("list")
@click.option("--state", help="Only jobs in this state.")
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000_000),
    default=30,
    show_default=True,
    help="At most so many.",
)
@answers
def list_(state: str | None, limit: int) -> Answer:
    """List the newest jobs."""
    with get_store().reading() as session:
        found = list_jobs(session, state=state, limit=limit).rows
    rows = [
        (job.id, job.name, job.state, f"{job.done}/{job.total or '?'}", job.message)
        for job in found
    ]
    data = {"jobs": [{"job": r[0], "name": r[1], "state": r[2], "message": r[4]} for r in rows]}
    empty = "No jobs yet. A push or a sync makes one."
    return Answer(data, table(("job", "name", "state", "done", "message"), rows, empty=empty))


@group.command()
@click.argument("job_id", type=int, metavar="JOB")
@answers
def show(job_id: int) -> Answer:
    """Show one job."""
    with get_store().reading() as session:
        data = show_job(session, job_id)
    return Answer(data, "\n".join(f"{key}: {value}" for key, value in data.items()))


@group.command()
@click.argument("job_id", type=int, metavar="JOB")
@as_option
@answers
def cancel(job_id: int, actor: str) -> Answer:
    """Stop a job at its next safe point; what it did is kept."""
    with get_store().transaction() as session:
        job = jobs.cancel_job(session, current_app.extensions["queue"], job_id, actor=actor)
        data = {"job": job.id, "state": str(job.state)}
    return Answer(data, f"Job {job_id} is {data['state']}.")


@group.command()
@click.argument("job_id", type=int, metavar="JOB")
@as_option
@answers
def retry(job_id: int, actor: str) -> Answer:
    """Run a failed or cancelled job again; nothing is done twice."""
    with get_store().transaction() as session:
        job = jobs.retry_job(session, current_app.extensions["queue"], job_id, actor=actor)
        data = {"job": job.id, "state": str(job.state), "run": job.run}
    return Answer(data, f"Job {job_id} is queued again.")


@click.command()
@with_appcontext
@answers
def worker() -> Answer:
    """Carry out jobs until told to stop (SIGTERM or Ctrl-C)."""
    settings: Settings = current_app.extensions["settings"]
    _check_ready(settings, get_store())
    from app.jobs.gateways import sdk_gateway
    from app.jobs.worker import WorkerProcess

    WorkerProcess(settings, get_store(), sdk_gateway(settings)).run()
    return Answer({}, "")


def _check_ready(settings: Settings, store: Store) -> None:
    """Refuse to work where nothing was set up; to look for the tables would make a file."""
    fresh = not settings.instance.is_dir() or (
        settings.database_url is None and not (settings.instance / DATABASE_FILE).exists()
    )
    if not fresh:
        facts = read_store_facts(store, engine_schema=ENGINE_SCHEMA)
        fresh = facts.revision is None or not facts.engine_tables >= ENGINE_TABLES
    if fresh:
        raise SetupError(
            f"This Copydesk has not been set up yet ({settings.instance}).",
            remedy="Run: flask db upgrade",
        )
