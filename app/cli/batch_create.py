"""`flask batches create`: a deal, looked at or made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from app.cli.actors import SYSTEM, as_option
from app.cli.output import Answer, answers, table
from app.cli.review_policy import policy_options, read_policy
from app.extensions import LARGEST_ID, get_store
from app.queries.batches import get_batch
from app.queries.deals import SHARED, DealView, deal_json, view_deal
from app.services.batches import BatchPlan, check_name, create_batch
from app.services.dealing import figures_json, lane_names, plan_deal
from app.services.selection import count_left_out


def _pairs(kind: Callable[[str], Any], form: str) -> Callable[..., dict[str, Any]]:
    """Read repeated ``EMAIL=VALUE`` into a dictionary, or say how it is written."""

    def read(
        _context: click.Context, _option: click.Parameter, values: tuple[str, ...]
    ) -> dict[str, Any]:
        found = {}
        for text in values:
            email, sign, value = text.rpartition("=")
            try:
                found[email] = kind(value)
            except ValueError:
                sign = ""
            if not sign or not email or not value:
                raise click.BadParameter(f"{text!r} is not of the form {form}")
        return found

    return read


@click.command()
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
    "--double",
    "doubled",
    type=click.FloatRange(0, 100),
    metavar="PCT",
    help="Instead of an overlap: two annotators get this part of the passages, one the rest.",
)
@click.option(
    "--deal",
    type=click.Choice(["blind", "shared"]),
    help="A lane each, or one for all. Blind when the overlap is 2 or more.",
)
@click.option(
    "--quota",
    "quotas",
    multiple=True,
    callback=_pairs(int, "EMAIL=N"),
    metavar="EMAIL=N",
    help="So many tasks for this annotator; the others share the rest. Repeat it.",
)
@click.option(
    "--control",
    type=click.FloatRange(0, 100),
    default=0,
    metavar="PCT",
    help="This part of the passages goes out without suggestions.",
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
@click.option(
    "--with-duplicates",
    is_flag=True,
    help="Take near-duplicates too, not only the first of those that say the same.",
)
@click.option("--connection", help="Needed only when there are several.")
@click.option(
    "--lane",
    "lanes",
    multiple=True,
    callback=_pairs(str, "EMAIL=CONNECTION"),
    metavar="EMAIL=CONNECTION",
    help="Put this annotator's lane on a connection of its own. Repeat it.",
)
@click.option("--owner", default="", metavar="EMAIL", help="Who looks after it (else: who acts).")
@click.option("--due", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="As 2026-12-31.")
@click.option("--note", default="", metavar="TEXT", help="For those who look after it.")
@policy_options
@click.option("--dry-run", is_flag=True, help="Show the deal; make nothing.")
@with_appcontext
@as_option
@answers
def create(
    name: str, *, actor: str, due: datetime | None, owner: str, dry_run: bool, **given: Any
) -> Answer:
    """Plan a batch: choose passages and deal them. Nothing is sent yet."""
    plan = BatchPlan(
        slug=name,
        review=read_policy(given),
        due=due.date() if due else None,
        owner=owner or ("" if actor == SYSTEM else actor),
        **given,
    )
    if dry_run:
        with get_store().reading() as session:
            check_name(session, name)
            planned = plan_deal(session, plan)
            left_out = _left_out(session, plan)
        view = view_deal(figures_json(planned.figures), lane_names(planned))
        return _answer(name, len(planned.chosen), view, dry_run=True, left_out=left_out)
    with get_store().transaction() as session:
        create_batch(session, plan, actor=actor)
    with get_store().reading() as session:
        batch = get_batch(session, name)
        left_out = _left_out(session, plan)
    return _answer(name, batch.passages, batch.dealt, dry_run=False, left_out=left_out)


def _left_out(session: Session, plan: BatchPlan) -> int:
    return 0 if plan.with_duplicates else count_left_out(session, plan.articles)


def _answer(
    name: str, passages: int, view: DealView | None, *, dry_run: bool, left_out: int
) -> Answer:
    lanes = view.lanes if view else ()
    data = {
        "batch": name,
        "passages": passages,
        "tasks": sum(lane.tasks for lane in lanes),
        "lanes": [
            {"annotator": None if lane.name == SHARED else lane.name, "tasks": lane.tasks}
            for lane in lanes
        ],
    }
    if dry_run and view:
        data |= {"dry_run": True, "deal": deal_json(view)}
    if left_out:
        data["near_duplicates_left_out"] = left_out
    next_step = (
        "Nothing was made. Leave out --dry-run to make it."
        if dry_run
        else f"Next: flask batches push {name} --wait"
    )
    head = f"Batch {name}: {passages} passages, {data['tasks']} tasks."
    lines = [head, *_left_out_line(left_out), *_lines(view), next_step]
    return Answer(data, "\n".join(lines))


def _left_out_line(left_out: int) -> Iterator[str]:
    if left_out:
        yield (
            f"{left_out} articles were left out: they say nearly the same as one that is in. "
            "Take them too with --with-duplicates."
        )


def _lines(view: DealView | None) -> Iterator[str]:
    """The deal in words and tables."""
    if view is None:
        return
    if view.doubled:
        yield f"{view.doubled} passages go to two annotators, the rest to one."
    if view.control:
        yield f"{view.control} passages go out without suggestions."
    rows = [(lane.name, lane.tasks, lane.control) for lane in view.lanes]
    yield table(("lane", "tasks", "without suggestions"), rows, empty="")
    names = tuple(lane.name for lane in view.lanes)
    yield ""
    yield table(
        ("stratum", "passages", *names),
        [(one.name, one.passages, *one.tasks) for one in view.strata],
        empty="",
    )
    if view.more:
        yield f"and {view.more} smaller ones"
    if view.pairs:
        yield ""
        pairs = [(f"{pair.one}, {pair.other}", pair.passages) for pair in view.pairs]
        yield table(("two annotators", "passages of both"), pairs, empty="")
