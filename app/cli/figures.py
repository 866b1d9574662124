"""Figures of agreement in words: a value with its range and n, or why there is none."""

from __future__ import annotations

from typing import Any


def figure_cells(figure: dict[str, Any]) -> tuple[str, str, int]:
    """A figure as three cells of a table: value, range, n."""
    if figure["value"] is None:
        return figure["reason"], "", figure["n"]
    low, high = figure["ci95"]
    return f"{figure['value']:.3f}", f"{low:.3f} to {high:.3f}", figure["n"]


def figure_words(figure: dict[str, Any]) -> str:
    """A figure in a line."""
    value, bounds, n = figure_cells(figure)
    return f"{value} ({bounds}; n {n})" if bounds else f"{value} (n {n})"
