"""How a figure is told: ours beside theirs, and the ratio of the two."""

from __future__ import annotations

import json
import statistics
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """Two series measured in turn; medians are compared, so that one hiccup does not count."""

    name: str
    ours: list[float]
    theirs: list[float]
    unit: str = "s"

    def line(self) -> str:
        ours, theirs = statistics.median(self.ours), statistics.median(self.theirs)
        return json.dumps(
            {
                "name": self.name,
                "ours": round(ours, 4),
                "theirs": round(theirs, 4),
                "ratio": round(ours / theirs, 3),
                "unit": self.unit,
                "n": len(self.ours),
            }
        )
