"""Restart at once, unless it keeps dying: then say so and try slowly."""

from __future__ import annotations

from collections import deque

DEATHS = 5
WITHIN_S = 30.0
SLOW_S = 15.0


class Brake:
    """Decides when a part that died is started again.

    A part that was killed is back at once. One that dies ``DEATHS`` times within
    ``WITHIN_S`` seconds is broken, and starting it five times a second helps nobody.
    """

    def __init__(self) -> None:
        self._deaths: deque[float] = deque(maxlen=DEATHS)
        self._braked = False

    def died(self, now: float) -> float:
        """Note a death and say how long to wait before the next start.

        Args:
            now: seconds on a clock that only goes forward.

        Returns:
            seconds to wait; 0 for at once.
        """
        self._deaths.append(now)
        is_full = len(self._deaths) == DEATHS
        # While it is braked its deaths lie SLOW_S apart: the window grows with them.
        window = WITHIN_S if not self._braked else WITHIN_S + DEATHS * SLOW_S
        self._braked = is_full and now - self._deaths[0] <= window
        return SLOW_S if self._braked else 0.0

    @property
    def is_on(self) -> bool:
        """Whether the part is thought to be broken."""
        return self._braked
