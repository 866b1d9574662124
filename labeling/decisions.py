"""Decisions: what a reviewer may say of a conflict, and what of it counts.

Decisions are events. The newest one about a group counts, unless it was undone; nothing is
ever changed. What they add up to is ``labeling.gold``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from labeling.errors import LabelingError
from labeling.review import Conflict, version_content
from labeling.types import Layer, Scheme

REASONS = (
    "missed",
    "wrong bounds",
    "wrong label",
    "wrong attribute",
    "wrong speaker",
    "guideline unclear",
    "other",
)
"""The reasons a reviewer chooses from, unless the desk keeps a list of its own."""

MOST_REASON = 80

ADDED = "added:"


class DecisionError(LabelingError):
    """A decision cannot be taken: it breaks a rule, or does not fit the passage."""

    kind = "bad_decision"


class Verdict(StrEnum):
    """What a reviewer says of a group."""

    ACCEPT = "accept"
    REJECT = "reject"
    EDIT = "edit"
    ADD = "add"


@dataclass(frozen=True, slots=True)
class ReviewPolicy:
    """How a batch is reviewed.

    Args:
        majority: reviewers may accept all majorities of a passage at once.
        calibration: nothing is chosen beforehand, so that nobody is led; majorities are not
            even shown.
        second: per cent of the passages that a second reviewer looks at, blind to the first.
        reasons: what a reviewer chooses from; a reason in words of one's own is one, too.

    Raises:
        DecisionError: the parts do not fit each other.
    """

    majority: bool = False
    calibration: bool = False
    second: float = 0
    reasons: tuple[str, ...] = REASONS

    def __post_init__(self) -> None:
        if self.majority and self.calibration:
            raise DecisionError(
                "A batch for calibration cannot have its majorities accepted all at once.",
                remedy="Choose one of the two.",
            )
        if not 0 <= self.second <= 100:
            raise DecisionError("A share lies between 0 and 100 per cent.")
        if not self.reasons or len(set(self.reasons)) < len(self.reasons):
            raise DecisionError("The reasons to choose from are each named once, at least one.")
        if any(not one.strip() or len(one) > MOST_REASON for one in self.reasons):
            raise DecisionError(f"A reason is a text of 1 to {MOST_REASON} characters.")

    @classmethod
    def read(cls, stored: Mapping[str, Any] | None) -> ReviewPolicy:
        """The policy as a batch keeps it; what is not said is the default."""
        said = dict(stored or {})
        reasons = tuple(said.pop("reasons", REASONS))
        return cls(**said, reasons=reasons)

    def as_json(self) -> dict[str, Any]:
        """All of it, as a batch keeps it and as commands answer it."""
        return {
            "majority": self.majority,
            "calibration": self.calibration,
            "second": int(self.second) if self.second == int(self.second) else self.second,
            "reasons": list(self.reasons),
        }

    def wants_second(self, sample: int) -> bool:
        """Whether the passage with this sample number (0 to 9,999) gets a second look."""
        return sample < self.second * 100

    def check(self, decision: Decision, conflict: Conflict | None) -> None:
        """Refuse what this policy does not allow of a decision that fits the passage.

        Raises:
            DecisionError: in a batch for calibration, a version was accepted without saying
                which.
        """
        led = decision.verdict is Verdict.ACCEPT and (decision.version, decision.values) == (
            None,
            None,
        )
        if self.calibration and led and conflict is not None and conflict.differs:
            raise DecisionError(
                "In a batch for calibration nothing is chosen beforehand: say which version.",
                remedy="Name the version by its letter.",
            )


@dataclass(frozen=True, slots=True)
class SpanEdit:
    """A span as a reviewer writes it."""

    label: str
    start: int
    end: int
    attrs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """A relation as a reviewer draws it: its label and the group it leads to."""

    label: str
    to: str


@dataclass(frozen=True, slots=True)
class Decision:
    """One verdict on one group.

    Args:
        group: the conflict's key; for a span that all missed ``added:`` and a name of its own.
        layer: the control.
        verdict: what was said.
        version: with accept, the annotator whose version it is; with edit, whose relations
            are kept unless ``links`` are given. None is the version most of them gave.
        span: with edit and add, the span.
        values: with accept and edit of a question about the whole passage, the answer.
        links: relations that begin here; None keeps the version's own.
        reason: required to reject, to edit, and to say anything but agreed of an agreed group.
        bulk: taken by the rule of majority for many groups at once.
        seq: its place in the history; the newest counts.
    """

    group: str
    layer: str
    verdict: Verdict
    version: str | None = None
    span: SpanEdit | None = None
    values: tuple[str, ...] | None = None
    links: tuple[Link, ...] | None = None
    reason: str = ""
    bulk: bool = False
    seq: int = 0


def check_decision(
    decision: Decision, conflicts: Sequence[Conflict], scheme: Scheme, text: str
) -> None:
    """Refuse a decision that does not fit the passage.

    Args:
        decision: what a reviewer wants to say.
        conflicts: the passage's groups as they stand.
        scheme: the batch's scheme version.
        text: the passage; offsets count its code points.

    Raises:
        DecisionError: it names no group or version there is, its span is outside the text, its
            label or answer is not in the scheme, or it lacks a reason.
    """
    layer = _layer(scheme, decision.layer)
    if decision.span is not None:
        _check_span(decision.span, layer, text)
    if decision.values is not None:
        _check_values(decision.values, layer)
    known = {conflict.key: conflict for conflict in conflicts}
    if decision.verdict is Verdict.ADD:
        if not decision.group.startswith(ADDED) or decision.span is None:
            raise DecisionError("An added span needs a name and a place.")
    elif decision.group in known:
        _check_group(decision, known[decision.group])
    elif not decision.group.startswith(ADDED) or decision.verdict is Verdict.ACCEPT:
        raise DecisionError(
            f"This passage has no group {decision.group!r} (any more).",
            remedy="Look at it again: flask review show BATCH PASSAGE",
        )


def needs_reason(decision: Decision, conflict: Conflict | None) -> bool:
    """Whether this has to be explained: a rejection, or an override of what annotators said."""
    if decision.verdict is Verdict.ADD:
        return False
    if decision.verdict is Verdict.ACCEPT:
        return decision.values is not None and overrides(decision.values, conflict)
    return conflict is not None


def in_force(decisions: Iterable[Decision], undone: Iterable[int] = ()) -> dict[str, Decision]:
    """The decision that counts for each group.

    Args:
        decisions: a review's history, in any order.
        undone: the seq of decisions that were taken back.
    """
    gone = set(undone)
    counts: dict[str, Decision] = {}
    for decision in sorted(decisions, key=lambda one: one.seq):
        if decision.seq not in gone:
            counts[decision.group] = decision
    return counts


def letters(annotators: Iterable[str], batch_uid: str, passage_uid: str) -> dict[str, str]:
    """Name the annotators of a passage A, B, C …, in an order that tells nothing of who is who.

    The order is drawn anew for each passage, and always the same for the same passage.

    Args:
        annotators: who answered it.
        batch_uid, passage_uid: the passage.

    Returns:
        annotator -> letter.
    """

    def chance(name: str) -> bytes:
        return hashlib.sha256(f"{batch_uid}\0{passage_uid}\0{name}".encode()).digest()

    ordered = sorted(set(annotators), key=chance)
    return {name: _letter(n) for n, name in enumerate(ordered)}


def added_group(layer: str, span: SpanEdit) -> str:
    """The name of a span that all missed: the same span has the same name."""
    said = f"{layer}\0{span.start}\0{span.end}\0{span.label}"
    return ADDED + hashlib.sha256(said.encode()).hexdigest()[:16]


def overrides(values: Sequence[str], conflict: Conflict | None) -> bool:
    """Whether an answer about the whole passage is none that an annotator gave."""
    given = [] if conflict is None else [sorted(v["values"]) for v in conflict.versions]
    return sorted(values) not in given


def majority_version(conflict: Conflict) -> str | None:
    """The annotator of a version that more than half of those who answered gave alike.

    None where there is no such version, or where most of them marked nothing.
    """
    answered = len(conflict.versions) + len(conflict.absent)
    said: dict[str, list[str]] = {}
    for version in conflict.versions:
        said.setdefault(version_content(version), []).append(str(version["annotator"]))
    names = max(said.values(), key=len, default=[])
    return min(names) if len(names) * 2 > answered else None


def accepting(conflict: Conflict) -> Decision | None:
    """The decision by which a majority is accepted; None where there is no majority."""
    version = majority_version(conflict)
    if version is not None:
        return Decision(conflict.key, conflict.layer, Verdict.ACCEPT, version=version, bulk=True)
    if len(conflict.absent) > len(conflict.versions):
        reason = "most annotators marked nothing"
        return Decision(conflict.key, conflict.layer, Verdict.REJECT, reason=reason, bulk=True)
    return None


def _letter(n: int) -> str:
    before = _letter(n // 26 - 1) if n >= 26 else ""
    return before + chr(ord("A") + n % 26)


def _layer(scheme: Scheme, name: str) -> Layer:
    for layer in scheme.layers:
        if layer.name == name:
            return layer
    raise DecisionError(
        f"The scheme has no layer {name!r}.",
        remedy="Use one of: " + ", ".join(layer.name for layer in scheme.layers),
    )


def _check_group(decision: Decision, conflict: Conflict) -> None:
    if decision.layer != conflict.layer:
        raise DecisionError(f"Group {decision.group!r} is of the layer {conflict.layer!r}.")
    names = {str(version["annotator"]) for version in conflict.versions}
    if decision.version is not None and decision.version not in names:
        raise DecisionError(f"Group {decision.group!r} has no version by {decision.version!r}.")
    asked = bool(conflict.versions) and "values" in conflict.versions[0]
    wanted = decision.values is not None if asked else decision.span is not None
    if decision.verdict is Verdict.EDIT and not wanted:
        raise DecisionError("An edit needs the " + ("answer." if asked else "span."))
    if needs_reason(decision, conflict) and not decision.reason.strip():
        raise DecisionError(
            "This needs a reason.", remedy="Choose one of: " + ", ".join(REASONS) + "."
        )


def _check_span(span: SpanEdit, layer: Layer, text: str) -> None:
    if layer.kind != "spans" or span.label not in layer.labels:
        raise DecisionError(
            f"The layer {layer.name!r} has no label {span.label!r}.",
            remedy="Use one of: " + ", ".join(layer.labels),
        )
    if not 0 <= span.start < span.end <= len(text):
        raise DecisionError(
            f"{span.start}–{span.end} is not a stretch of this passage ({len(text)} characters)."
        )
    asked = {attribute.name: attribute for attribute in layer.attributes}
    for name, value in span.attrs.items():
        if name not in asked:
            raise DecisionError(f"The layer {layer.name!r} asks no question {name!r}.")
        answers = value if isinstance(value, list | tuple) else [value]
        wrong = [one for one in answers if asked[name].values and one not in asked[name].values]
        if wrong:
            raise DecisionError(
                f"{wrong[0]!r} is no answer to {name!r}.",
                remedy="Use one of: " + ", ".join(asked[name].values),
            )


def _check_values(values: Sequence[str], layer: Layer) -> None:
    wrong = [value for value in values if layer.labels and value not in layer.labels]
    if layer.kind != "choice" or wrong:
        raise DecisionError(
            f"{', '.join(wrong) or 'This'} is no answer in the layer {layer.name!r}.",
            remedy="Use one of: " + ", ".join(layer.labels),
        )
