"""Articles of the filled desk that moderators have worked on."""

from __future__ import annotations

from datetime import UTC, datetime

from app.services import moderating
from labeling.moderation.history import Act, Event
from labeling.moderation.policy import Verdict
from tests.instances import PEOPLE
from tests.line import Line


def moderate(line: Line, uids: dict[str, str]) -> tuple[str, str, str]:
    """Articles that were decided, escalated, appealed against, and overturned on appeal."""
    escalated, appealed, overturned = (
        uids[name] for name in ("karsh-school.txt", "sea-wall.txt", "dock-strike.txt")
    )
    reviewer, admin = PEOPLE["reviewer"], PEOPLE["admin"]
    verdict = moderating.verdict
    grave = {"reason": "The court has not ruled yet, so whose word is it?", "note": "See page 3."}
    acts = [
        (escalated, verdict(reviewer, "escalate", **grave)),
        (appealed, verdict(admin, "needs edit", reason="own-voice")),
        (appealed, Event(Act.APPEAL, admin, reason="It is the law's own name.")),
        (overturned, verdict(reviewer, "needs edit", reason="headline")),
        (overturned, Event(Act.NOTE, admin, note="The union calls it so as well.")),
        (overturned, Event(Act.APPEAL, reviewer, reason="Both sides use the word.")),
        (
            overturned,
            moderating.answer(admin, Verdict.FINE, reason="Quoted in the line above it."),
        ),
    ]
    for uid, wanted in acts:
        with line.store.transaction() as session:
            moderating.act(session, uid, wanted, now=datetime.now(UTC))
    return escalated, appealed, overturned
