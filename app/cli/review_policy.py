"""`flask review policy`: how a batch is reviewed; the same options at `batches create`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import click
from flask.cli import with_appcontext

from app.cli.actors import as_option
from app.cli.output import Answer, answers
from app.extensions import get_store
from app.queries.review import get_policy
from app.services.review_policy import set_policy
from labeling.decisions import REASONS, ReviewPolicy

F = TypeVar("F", bound=Callable[..., Any])


@click.command()
@click.argument("batch")
@click.option("--majority/--no-majority", default=None, help="Majorities may be accepted at once.")
@click.option(
    "--calibration/--no-calibration",
    default=None,
    help="Nothing is chosen beforehand: reviewers say whose version it is.",
)
@click.option(
    "--second",
    type=click.FloatRange(0, 100),
    metavar="PCT",
    help="This part of the passages gets a second look, blind to the first.",
)
@click.option(
    "--reason", "reasons", multiple=True, metavar="TEXT", help="A reason to choose; repeat it."
)
@click.option("--default-reasons", is_flag=True, help="The list of reasons a new batch has.")
@with_appcontext
@as_option
@answers
def policy(batch: str, actor: str, default_reasons: bool, **given: Any) -> Answer:
    """Show how BATCH is reviewed, or change it: what is not named stays as it is."""
    changes = {name: value for name, value in given.items() if value not in (None, ())}
    if default_reasons:
        changes["reasons"] = REASONS
    if changes:
        with get_store().transaction() as session:
            wanted = replace(get_policy(session, batch), **changes)
            set_policy(session, batch, wanted, actor=actor)
    with get_store().reading() as session:
        now = get_policy(session, batch)
    return Answer({"batch": batch, **now.as_json()}, _in_words(now))


def policy_options(function: F) -> F:
    """Give `batches create` the options by which it is said how the batch is reviewed."""
    options = (
        click.option(
            "--review-majority", is_flag=True, help="Reviewers may accept majorities at once."
        ),
        click.option(
            "--review-calibration", is_flag=True, help="Nothing is chosen for reviewers beforehand."
        ),
        click.option(
            "--review-second",
            type=click.FloatRange(0, 100),
            default=0,
            metavar="PCT",
            help="This part of the passages gets a second look, blind to the first.",
        ),
        click.option(
            "--review-reason",
            "review_reasons",
            multiple=True,
            metavar="TEXT",
            help="A reason reviewers choose from, instead of the usual ones; repeat it.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def read_policy(given: dict[str, Any]) -> ReviewPolicy:
    """Take the options of ``policy_options`` out of a command's arguments, as a policy.

    Raises:
        DecisionError: they do not fit each other.
    """
    return ReviewPolicy(
        majority=given.pop("review_majority"),
        calibration=given.pop("review_calibration"),
        second=given.pop("review_second"),
        reasons=given.pop("review_reasons") or REASONS,
    )


def _in_words(now: ReviewPolicy) -> str:
    return "\n".join(
        (
            "Majorities: " + ("may be accepted at once" if now.majority else "decided one by one"),
            "Calibration: " + ("nothing is chosen beforehand" if now.calibration else "no"),
            f"Second look: {now.as_json()['second']} % of the passages",
            "Reasons: " + ", ".join(now.reasons),
        )
    )
