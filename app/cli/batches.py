"""`flask batches`: deal passages to annotators, push them, see how far they are."""

from __future__ import annotations

from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from app.cli.actors import as_option
from app.cli.output import Answer, answers, table
from app.cli.waiting import answer_of_job
from app.extensions import LARGEST_ID, get_store
from app.queries.batches import list_batches, show_batch
from app.services.batches import BatchPlan, create_batch
from app.services.pushing import request_push

group = AppGroup("batches", help="Batches of passages for annotators.")


@group.command()
@click.argument("name")
@click.option("--scheme", default="news", show_default=True, help="Its newest version is used.")
@click.option(
    "--annotator", "annotators", multiple=True, required=True, help="An e-mail; repeat it."
)
@click.option(
    "--overlap",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="How many annotators get each passage.",
)
@click.option(
    "--deal",
    type=click.Choice(["blind", "shared"]),
    help="A lane each, or one for all. Blind when the overlap is 2 or more.",
)
@click.option(
    "--seed",
    type=click.IntRange(-LARGEST_ID, LARGEST_ID),
    default=0,
    show_default=True,
    help="The same seed deals alike.",
)
@click.option(
    "--articles",
    multiple=True,
    metavar="SEL",
    help="An article uid or field=value (outlet, section, language, story, since); repeat it.",
)
@click.option("--connection", help="Needed only when there are several.")
@as_option
@answers
def create(  # noqa: PLR0913 - a command line is as wide as its options
    name: str,
    scheme: str,
    annotators: tuple[str, ...],
    overlap: int,
    deal: str | None,
    seed: int,
    articles: tuple[str, ...],
    connection: str | None,
    actor: str,
) -> Answer:
    """Plan a batch: choose passages and deal them. Nothing is sent yet."""
    plan = BatchPlan(name, scheme, annotators, overlap, deal, seed, articles, connection)
    with get_store().transaction() as session:
        create_batch(session, plan, actor=actor)
    with get_store().reading() as session:
        shown = show_batch(session, name)
    data = {
        "batch": name,
        "passages": shown["passages"],
        "tasks": shown["tasks"],
        "lanes": [
            {"annotator": lane["annotator"], "tasks": lane["tasks"]} for lane in shown["lanes"]
        ],
    }
    rows = [(lane["annotator"] or "shared", lane["tasks"]) for lane in data["lanes"]]
    text = (
        f"Batch {name}: {data['passages']} passages, {data['tasks']} tasks.\n"
        + table(("lane", "tasks"), rows, empty="")
        + f"\nNext: flask batches push {name} --wait"
    )
    return Answer(data, text)


@group.command()
@click.argument("name")
@click.option("--wait", is_flag=True, help="Wait for the end and print the counts.")
@as_option
@answers
def push(name: str, wait: bool, actor: str) -> Answer:
    """Send a batch to Label Studio; what is there already is never sent twice."""
    queue = current_app.extensions["queue"]

    def request(session: Any) -> Any:
        return request_push(session, queue, name, actor=actor)

    return answer_of_job(get_store(), request, wait=wait)


@group.command()
@click.argument("name")
@answers
def show(name: str) -> Answer:
    """Show a batch and its lanes."""
    with get_store().reading() as session:
        data = show_batch(session, name)
    rows = [
        (lane["annotator"] or "shared", lane["pushed"], lane["annotated"], lane["url"] or "")
        for lane in data["lanes"]
    ]
    text = (
        f"{data['batch']}: {data['state']}. {data['passages']} passages, {data['tasks']} tasks, "
        f"{data['pushed']} pushed, {data['annotated']} annotated, "
        f"{data['quarantined']} set aside.\n"
    )
    return Answer(data, text + table(("lane", "pushed", "annotated", "project"), rows, empty=""))


@group.command("list")
@answers
def list_() -> Answer:
    """List all batches."""
    with get_store().reading() as session:
        data = list_batches(session)
    rows = [(batch["batch"], batch["state"]) for batch in data["batches"]]
    empty = "No batches yet. Create one: flask batches create NAME --annotator EMAIL"
    return Answer(data, table(("batch", "state"), rows, empty=empty))
