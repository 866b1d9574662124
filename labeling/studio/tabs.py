"""The tabs a lane's project has: what is to do, and what came back to be done again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labeling.studio.listing import Filter

if TYPE_CHECKING:
    from collections.abc import Mapping

# What came back stands first: somebody waits for it.
REWORK_FIRST = "-tasks:data.round"


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of a project: its title, what it shows, in which order."""

    title: str
    filters: tuple[Filter, ...]
    ordering: str = REWORK_FIRST


TO_DO = Tab(
    "To do",
    # As the queue itself sees it: a skip is done too, and a shared task is done by all.
    (
        {
            "filter": "filter:tasks:completed_at",
            "operator": "empty",
            "type": "Datetime",
            "value": "true",
        },
    ),
)
REWORK = Tab(
    "Rework",
    ({"filter": "filter:tasks:data.round", "operator": "greater", "type": "Number", "value": 1},),
)


def tab_body(project_id: int, tab: Tab) -> dict[str, Any]:
    """What makes a tab, in Label Studio's words."""
    return {
        "project": project_id,
        "data": {
            "title": tab.title,
            "filters": {"conjunction": "and", "items": list(tab.filters)},
            "ordering": [tab.ordering],
            "hiddenColumns": {"explore": [], "labeling": []},
        },
    }


def tab_title(item: Mapping[str, Any]) -> str:
    """The title of a tab as the server lists it; "" for one that has none."""
    title = item["data"].get("title")
    return title if isinstance(title, str) else ""
