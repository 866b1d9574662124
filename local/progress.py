"""What the person at the terminal sees while things happen."""

from __future__ import annotations

import sys
import time
from typing import TextIO

_EVERY_S = 10.0


class Say:
    """Lines for people; a waiting line is rewritten in place on a terminal."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stdout if stream is None else stream
        self._tty = self._stream.isatty()
        self._open = False
        self._last = 0.0

    def line(self, text: str = "") -> None:
        """Print a whole line."""
        self._end_waiting()
        self._write(text + "\n")

    def done(self, text: str) -> None:
        """Print that a step is finished."""
        self.line(f"  {self.green('✓')} {text}")

    def waiting(self, text: str) -> None:
        """Say that something is still under way: every moment on a terminal, else rarely."""
        if self._tty:
            self._write(f"\r\x1b[2K  … {text}")
            self._open = True
        elif time.monotonic() - self._last >= _EVERY_S:
            self._last = time.monotonic()
            self._write(f"  … {text}\n")

    def green(self, text: str) -> str:
        """Green on a terminal, plain elsewhere."""
        return f"\x1b[32m{text}\x1b[0m" if self._tty else text

    def bold(self, text: str) -> str:
        """Bold on a terminal, plain elsewhere."""
        return f"\x1b[1m{text}\x1b[0m" if self._tty else text

    def _end_waiting(self) -> None:
        if self._open:
            self._write("\r\x1b[2K")
            self._open = False
        self._last = 0.0

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (BrokenPipeError, ValueError):
            # Whoever read our output has gone; the parts must go on all the same.
            self._tty = False
