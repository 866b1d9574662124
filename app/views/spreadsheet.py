"""CSV answers for spreadsheets."""

from __future__ import annotations

from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def harmless(cell: Any) -> Any:
    """A cell for a CSV; a text that a spreadsheet would take for a formula is made a text again."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
