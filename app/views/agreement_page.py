"""A report of agreement laid out for its page: what is worth a look first, then everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.queries.agreement import BatchSummary

NO_SPAN = "no span"
KINDS = ("agreed", "boundary", "label", "missing", "split/merge", "attribute", "speaker")
"""In the order in which a bar shows them."""

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Worst:
    """The label on which annotators agree least, and the pair that does so least of all."""

    layer: str
    label: str
    figure: Json
    pair: Json | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a matrix: a count or a figure, how strong it is (0 to 10), where it leads."""

    value: Any
    heat: int
    query: Mapping[str, Any] = field(default_factory=dict)
    same: bool = False


@dataclass(frozen=True, slots=True)
class Matrix:
    """A table with a name for each row and column; a cell is None where there is nothing."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell | None, ...]], ...]


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """A week's figure in one batch; ``new`` where the guideline is another than before."""

    week: str
    batch: str
    version: int
    figure: Json
    new: bool


def find_worst(layers: Json) -> Worst | None:
    """The label with the lowest F1 of all layers; None while nothing can be told."""
    found = [
        Worst(name, label["label"], label["f1_exact"])
        for name, layer in layers.items()
        if layer["kind"] == "spans"
        for label in layer["labels"]
        if label["f1_exact"]["value"] is not None
    ]
    if not found:
        return None
    worst = min(found, key=lambda one: (one.figure["value"], one.layer, one.label))
    pair = worst_pair(layers[worst.layer]["pairs"], worst.label)
    return Worst(worst.layer, worst.label, worst.figure, pair)


def worst_pair(pairs: Sequence[Json], label: str | None = None) -> Json | None:
    """The pair with the lowest figure, of one label or of all; None while nothing can be told."""
    told = [pair for pair in pairs if pair_figure(pair, label)["value"] is not None]
    return min(told, key=lambda pair: pair_figure(pair, label)["value"], default=None)


def pair_figure(pair: Json, label: str | None = None) -> Json:
    """A pair's figure: of one label or of all; of a question the share of equal answers."""
    whole: Json = pair["f1_exact"] if "f1_exact" in pair else pair["percent"]
    if label is None:
        return whole
    empty: Json = {"value": None, "ci95": None, "n": 0, "reason": "nothing marked"}
    found: Json = pair["labels"].get(label, empty)
    return found


def worst_first(labels: Sequence[Json]) -> list[Json]:
    """Labels from the lowest F1 up; those without a figure last."""

    def order(label: Json) -> tuple[bool, float, str]:
        value = label["f1_exact"]["value"]
        return value is None, value or 0.0, label["label"]

    return sorted(labels, key=order)


def pair_matrix(layer_name: str, layer: Json, names: Json, label: str | None) -> Matrix:
    """Annotator by annotator: how far each two agree."""
    who = sorted(
        {pair[side] for pair in layer["pairs"] for side in ("a", "b")}, key=lambda one: names[one]
    )
    known = {(pair["a"], pair["b"]): pair for pair in layer["pairs"]}

    def cell(row: str, column: str) -> Cell | None:
        pair = known.get((row, column)) or known.get((column, row))
        if pair is None:
            return None
        figure = pair_figure(pair, label)
        query = {"layer": layer_name, "label": label, "a": pair["a"], "b": pair["b"]}
        return Cell(figure, _heat(figure["value"], 1.0), query)

    rows = tuple((names[row], tuple(cell(row, column) for column in who)) for row in who)
    return Matrix(tuple(names[one] for one in who), rows)


def confusion_matrix(layer_name: str, layer: Json, pair: tuple[str, str] | None) -> Matrix:
    """Label by label: what one annotator says where another says something else.

    Without a pair both ways are added up, so the table is the same read either way.
    """
    cells: dict[tuple[str, str], int] = {}
    for table in layer["confusion"]:
        if pair is not None and (table["a"], table["b"]) != pair:
            continue
        for one, two, n in table["cells"]:
            for key in {(one, two)} if pair else {(one, two), (two, one)}:
                cells[key] = cells.get(key, 0) + n
    labels = sorted({label for key in cells for label in key}, key=lambda one: (one == "", one))
    most = max((n for key, n in cells.items() if key[0] != key[1]), default=0)

    def cell(one: str, two: str) -> Cell | None:
        n = cells.get((one, two))
        if not n:
            return None
        query: dict[str, Any] = {"layer": layer_name, "one": one, "two": two}
        if pair is not None:
            query |= {"a": pair[0], "b": pair[1]}
        same = one == two
        return Cell(n, 0 if same else max(1, _heat(n / most, 1.0)), query, same)

    called = [label or NO_SPAN for label in labels]
    rows = tuple(
        (called[at], tuple(cell(label, other) for other in labels))
        for at, label in enumerate(labels)
    )
    return Matrix(tuple(called), rows)


def trend(summaries: Sequence[BatchSummary], layer: str) -> list[TrendPoint]:
    """The weeks of a layer through all batches of a scheme, the oldest first."""
    points = sorted(
        (week["value"], one.version, one.batch, week)
        for one in summaries
        for week in one.summary["layers"].get(layer, {}).get("weeks", ())
    )
    found: list[TrendPoint] = []
    for week, version, batch, figures in points:
        before = found[-1].version if found else version
        figure = figures.get("f1_exact") or figures["percent"]
        found.append(TrendPoint(week, batch, version, figure, version != before))
    return found


def csv_rows(report: Json, names: Json) -> list[tuple[Any, ...]]:
    """Every figure of a report as a row: layer, what of, name, figure, value, low, high, n."""
    rows: list[tuple[Any, ...]] = [
        ("layer", "of", "name", "figure", "value", "low", "high", "n", "reason")
    ]
    for layer_name, layer in report["layers"].items():
        for of, name, holder in _holders(layer, names):
            for key, figure in holder.items():
                if isinstance(figure, dict) and "ci95" in figure:
                    low, high = figure["ci95"] or (None, None)
                    said = (figure["value"], low, high, figure["n"], figure.get("reason", ""))
                    rows.append((layer_name, of, name, key, *said))
    return rows + _reviewer_rows(report.get("reviewers"))


def _reviewer_rows(reviewers: Json | None) -> list[tuple[Any, ...]]:
    """What two reviewers of a passage come to: of all layers together, and of each."""
    if reviewers is None:
        return []
    holders = [("", reviewers), *reviewers["layers"].items()]
    return [
        (
            layer,
            "two reviewers",
            "",
            key,
            figure["value"],
            *(figure["ci95"] or (None, None)),
            figure["n"],
            figure.get("reason", ""),
        )
        for layer, holder in holders
        for key, figure in holder.items()
        if isinstance(figure, dict) and "ci95" in figure
    ]


def _holders(layer: Json, names: Json) -> list[tuple[str, str, Json]]:
    """What holds figures in a layer: itself, its labels, pairs, attributes, slices."""
    found: list[tuple[str, str, Json]] = [("all", "", layer)]
    found += [("label", one["label"], one) for one in layer.get("labels", ())]
    for pair in layer["pairs"]:
        both = f"{names[pair['a']]} – {names[pair['b']]}"
        found.append(("pair", both, pair))
        found += [
            (f"pair on {label}", both, {"f1_exact": figure})
            for label, figure in pair.get("labels", {}).items()
        ]
    found += [("annotator", names[one["annotator"]], one) for one in layer["annotators"]]
    found += [
        ("annotator against gold", names[one["annotator"]], one)
        for one in layer.get("against_gold", ())
    ]
    found += [("attribute", one["name"], one) for one in layer.get("attributes", ())]
    found += [("voice", one["voice"], one) for one in layer.get("voices", ())]
    for dimension, values in layer["slices"].items():
        found += [(dimension, one["value"], one) for one in values]
    return found


def _heat(value: float | None, most: float) -> int:
    if value is None:
        return 0
    return max(0, min(10, round(10 * value / most)))
