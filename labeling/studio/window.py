"""How far a project was read, by its server's own clock.

``cursor`` is the newest ``updated_at`` read, but never later than the server's clock as the
reading began: what is dated later than that may not be all. A change is dated when its
transaction begins and seen when that ends, so the next reading goes back from the cursor by
``OVERLAP``. Once that long has passed since the cursor was ``reached``, and what lay behind
it was read again, no change can come to light there any more: it is ``settled``, and is not
read again and again while nobody works.

Every time here is the server's, in the form of ``RawTask.updated_at``: sorting the strings
sorts the times, and our own clock plays no part.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from labeling.studio.wire import format_time

OVERLAP = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Window:
    """How far a project was read; empty texts where nothing is known."""

    cursor: str = ""
    reached: str = ""
    settled: str = ""

    @property
    def since(self) -> str | None:
        """From when on to read; None for everything."""
        if not self.cursor:
            return None
        return max(_moved(self.cursor, -OVERLAP), self.settled)

    def after(self, newest: str, began: str) -> Window:
        """The window after a complete reading.

        Args:
            newest: the latest ``updated_at`` of what was read, or "".
            began: the server's clock as the reading began, or "" where it tells none.
        """
        cursor = max(self.cursor, min(newest, began) if began else newest)
        rested = bool(self.reached and began) and began >= _moved(self.reached, OVERLAP)
        settled = max(self.settled, self.cursor) if rested else self.settled
        if cursor > self.cursor or began < self.reached:
            return Window(cursor, began, settled)
        return Window(cursor, self.reached, settled)


def _moved(moment: str, by: timedelta) -> str:
    return format_time(datetime.fromisoformat(moment) + by)
