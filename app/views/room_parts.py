"""Parts of the review room's page that open on request: editing, relating, sending back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.queries.room import RoomPage
from app.queries.room_groups import RoomGroup

PANELS = ("edit", "add", "reject", "relate", "back", "note", "flag")


def panel_context(
    page: RoomPage, chosen: RoomGroup | None, given: Mapping[str, str]
) -> dict[str, Any]:
    """What the panel needs that the address asks for; no panel where the reader cannot decide."""
    panel = given.get("do", "")
    if panel not in PANELS or not page.may_decide:
        return {"panel": ""}
    if panel in ("edit", "reject", "relate") and chosen is None:
        return {"panel": ""}
    layers = {layer.name: layer for layer in page.scheme.layers}
    return {
        "panel": panel,
        "layer": layers.get(chosen.layer) if chosen is not None else None,
        "span": _span(chosen),
        "layers": [layer for layer in page.scheme.layers if layer.kind == "spans"],
        "relations": page.scheme.relations,
        "targets": [one for one in page.groups if one.gold is not None and one is not chosen],
    }


def _span(chosen: RoomGroup | None) -> dict[str, Any]:
    """What an edit begins with: the span as it counts, else the version most gave."""
    if chosen is None or chosen.is_question:
        return {}
    if chosen.span is not None:
        one: Any = chosen.span
    else:
        one = chosen.chosen
    return {"label": one.label, "start": one.start, "end": one.end, "attrs": dict(one.attrs)}
