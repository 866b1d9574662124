"""What can be asked of a release on the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import click

from app.errors import InvalidInputError
from labeling.datasets.plan import STATES, ReleasePlan
from labeling.datasets.splits import METHODS, SplitPlan

F = TypeVar("F", bound=Callable[..., Any])

PLAN_OPTIONS = (
    click.option(
        "--batch", "batches", multiple=True, metavar="NAME", help="A batch it is made of."
    ),
    click.option(
        "--state",
        type=click.Choice(STATES),
        help="What is in it: settled passages (the default), answered ones, or any.",
    ),
    click.option("--label", "labels", multiple=True, help="Only spans of this label."),
    click.option("--language", "languages", multiple=True, help="Only articles in it."),
    click.option("--since", metavar="DATE", help="Only articles published then or later."),
    click.option("--until", metavar="DATE", help="Only articles published then or earlier."),
    click.option("--licence", help="Under which it is handed on."),
    click.option("--offsets-only", is_flag=True, default=None, help="Without the words."),
    click.option("--names", is_flag=True, default=None, help="Annotators by e-mail address."),
    click.option("--split", "method", type=click.Choice(METHODS), help="How it is split."),
    click.option("--shares", metavar="TRAIN/DEV/TEST", help="Per cent, such as 80/10/10."),
    click.option("--seed", type=int, help="Another seed splits anew."),
)


def with_options(options: Sequence[Callable[[F], F]]) -> Callable[[F], F]:
    """Give a command a whole list of options, in their order."""

    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def plan_of(wanted: Mapping[str, Any], last: ReleasePlan | None) -> ReleasePlan:
    """The plan that is asked for; what is not said is as it was the last time.

    Raises:
        InvalidInputError: the shares are not three numbers.
    """
    plan = last or ReleasePlan(batches=())
    keys = (
        "batches", "state", "labels", "languages", "since", "until", "licence", "offsets_only",
        "names",
    )  # fmt: skip
    said = {key: wanted[key] for key in keys if wanted[key] not in (None, ())}
    split: SplitPlan = plan.split
    if wanted["method"] is not None:
        split = replace(split, method=wanted["method"])
    if wanted["seed"] is not None:
        split = replace(split, seed=wanted["seed"])
    if wanted["shares"] is not None:
        split = replace(split, shares=_shares(wanted["shares"]))
    return replace(plan, **said, split=split)


def _shares(text: str) -> tuple[int, int, int]:
    try:
        train, dev, test = (int(part) for part in text.split("/"))
    except ValueError:
        raise InvalidInputError(
            f"{text!r} are not three shares.", remedy="Write them as 80/10/10."
        ) from None
    return train, dev, test
