"""Suggest: make the suggestions of all articles anew that somebody would give otherwise now."""

from __future__ import annotations

from typing import Any

from app.jobs.renewing import renew
from app.jobs.runtime import JobContext
from app.services.suggestions import count_outdated, renew_some


def renew_suggestions(ctx: JobContext) -> dict[str, Any]:
    """Renew the suggestions.

    Returns:
        ``{"articles"}``: how many were renewed.
    """
    return {"articles": renew(ctx, count_outdated, renew_some, "Making suggestions anew")}
