"""What goes into a release: said by an admin, kept with it, the same whenever it is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from labeling.datasets.splits import SplitPlan, check_split
from labeling.errors import LabelingError

STATES = ("reviewed", "annotated", "any")
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


class ReleaseError(LabelingError):
    """A release cannot be made as asked."""

    kind = "bad_release"


@dataclass(frozen=True, slots=True)
class ReleasePlan:
    """What was asked for.

    Args:
        batches: the batches, in order; a passage that is in several comes from the first.
        state: ``reviewed``: only what reviewers settled; ``annotated``: also what somebody
            answered, with what all of them agree on as its gold; ``any``: everything dealt.
        labels: keep only spans of these labels; none named means all.
        languages: only articles of these languages.
        since, until: only articles published in this time, ISO dates, both included.
        offsets_only: without words, for texts that must not travel.
        names: annotators by e-mail address instead of pseudonym.
        licence: under which the dataset is handed on; empty: not recorded.
        split: how it is split.
    """

    batches: tuple[str, ...]
    state: str = "reviewed"
    labels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    offsets_only: bool = False
    names: bool = False
    licence: str = ""
    split: SplitPlan = field(default_factory=SplitPlan)

    def as_json(self) -> dict[str, Any]:
        """The plan in a form that ``read_plan`` reads."""
        return asdict(self)

    def lacks(self, article: Mapping[str, Any]) -> str | None:
        """Why an article's passages are left out; None when they are not.

        Args:
            article: its fields as in a record.
        """
        if self.languages and article["language"] not in self.languages:
            return "language"
        day = (article["published_at"] or "")[:10]
        if (self.since and day < self.since) or (self.until and (not day or day > self.until)):
            return "date"
        return None


def read_plan(stored: Mapping[str, Any]) -> ReleasePlan:
    """The plan as it was kept."""
    split = stored["split"]
    return ReleasePlan(
        **{
            **stored,
            **{key: tuple(stored[key]) for key in ("batches", "labels", "languages")},
            "split": SplitPlan(split["method"], tuple(split["shares"]), split["seed"]),
        }
    )


def check_plan(name: str, plan: ReleasePlan) -> None:
    """Refuse a plan that makes no sense.

    Raises:
        ReleaseError: the message says which part.
        SplitError: it is the split that makes none.
    """
    if not NAME.fullmatch(name):
        raise ReleaseError(
            f"{name!r} cannot name a dataset.",
            remedy="Use lower-case letters, digits, dots, dashes and underscores, at most 80.",
        )
    if not plan.batches:
        raise ReleaseError("A release needs batches.", remedy="Name each with --batch NAME")
    if plan.state not in STATES:
        raise ReleaseError(
            f"There is no state {plan.state!r}.", remedy="Use one of: " + ", ".join(STATES)
        )
    for value in (plan.since, plan.until):
        if value and not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            raise ReleaseError(f"{value!r} is not a date.", remedy="Write it as 2026-11-01")
    check_split(plan.split)


def next_version(last: str | None, change: str) -> str:
    """The version of a release that follows another one.

    Args:
        last: the last version, such as ``1.2.0``; None for the first release.
        change: ``scheme`` (major), ``records`` (minor) or ``corrections`` (patch).

    Returns:
        ``1.0.0`` for the first, else the part that fits raised by one and the rest zero.
    """
    if last is None:
        return "1.0.0"
    major, minor, patch = (int(part) for part in last.split("."))
    if change == "scheme":
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if change == "records" else f"{major}.{minor}.{patch + 1}"
