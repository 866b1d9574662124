"""The page of text that ``make run`` ends with: where to go, who signs in with what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.credentials import ADMIN, ANNOTATORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.credentials import Credentials
    from local.progress import Say


@dataclass(frozen=True, slots=True)
class Outcome:
    """What there is to tell when everything is up.

    Args:
        dashboard: its absolute address.
        labelstudio: its absolute address.
        instance: the folder, as the person would type it.
        link: the admin's one-time link, until it was used.
        lanes: the demo batch's lanes, as ``batches show`` tells them.
        simulated: how many annotations simulated annotators have made; None without them.
        seconds: how long the start took.
    """

    dashboard: str
    labelstudio: str
    instance: str
    link: str | None
    lanes: Sequence[dict[str, object]]
    simulated: int | None
    seconds: float


def lines(outcome: Outcome, credentials: Credentials) -> list[str]:
    """The summary, line by line, in plain text.

    Args:
        outcome: what came of the start.
        credentials: passwords of the local Label Studio's accounts.
    """
    told = ["", f"Copydesk is ready ({outcome.seconds:.0f} s)", ""]
    told += _dashboard(outcome)
    told += _studio(outcome, credentials)
    if outcome.simulated is not None:
        told += [
            "",
            (
                f"  These annotators are SIMULATED: a program made their annotations "
                f"({outcome.simulated} new in this run)."
            ),
            "  Nothing in the demo batch is a judgement of a person.",
        ]
    return [*told, "", *_next_steps(outcome), ""]


def _dashboard(outcome: Outcome) -> list[str]:
    told = [f"  Dashboard     {outcome.dashboard}"]
    if outcome.link is not None:
        return [
            *told,
            f"    {ADMIN} chooses a password here, once:",
            f"    {outcome.link}",
        ]
    return [
        *told,
        f"    {ADMIN}, with the password you chose. Forgotten? A new link:",
        (
            f"    COPYDESK_INSTANCE={outcome.instance} COPYDESK_PUBLIC_URL={outcome.dashboard} "
            f".venv/bin/flask users link {ADMIN}"
        ),
    ]


def _studio(outcome: Outcome, credentials: Credentials) -> list[str]:
    urls = {str(lane.get("annotator")): str(lane.get("url") or "") for lane in outcome.lanes}
    width = max(len(email) for email in (ADMIN, *ANNOTATORS))
    told = ["", f"  Label Studio  {outcome.labelstudio}"]
    for email in (ADMIN, *ANNOTATORS):
        role = "admin" if email == ADMIN else urls.get(email, "")
        told.append(f"    {email:<{width}}  {credentials.password(email)}  {role}".rstrip())
    return told


def _next_steps(outcome: Outcome) -> list[str]:
    how = "" if outcome.instance == "instance" else f" INSTANCE={outcome.instance}"
    return [
        "  Next: sign in to Label Studio as one of the annotators, label a passage, submit it;",
        "        then open the batch `demo` on the dashboard and press Sync.",
        f"  End:  Ctrl-C here, or `make stop{how}` in another terminal.",
        f"  Logs: {outcome.instance}/logs/",
    ]


def tell(outcome: Outcome, credentials: Credentials, say: Say) -> None:
    """Print the summary."""
    for number, line in enumerate(lines(outcome, credentials)):
        say.line(say.bold(line) if number == 1 else line)
