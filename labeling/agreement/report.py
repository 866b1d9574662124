"""A report: every figure of a batch, with its slices, from the counts of its passages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from labeling.agreement.answers import Answer
from labeling.agreement.choice_figures import ChoiceFigures
from labeling.agreement.comparison import compare
from labeling.agreement.figures import NOTHING, SEED, Sums, make_figure, ratio
from labeling.agreement.rules import Rules
from labeling.agreement.span_figures import SpanFigures
from labeling.types import Layer, Scheme

MOST_SLICES = 12
"""Of each dimension, such as the outlet, so many values are shown, the largest first."""

CONTROL = "control"
"""The slice of passages that were dealt without suggestions: ``control`` yes or no."""

NO_SECOND = "nothing settled twice"

SPAN_CONTRACT = ("n_spans", "f1_exact", "f1_iou50", "f1_partial", "alpha_token")
SUMMARY_KEYS = {"spans": ("f1_exact", "alpha_token"), "choice": ("percent", "alpha_nominal")}
CHOICE_CONTRACT = ("n", "percent", "alpha_nominal", "kappa")


@dataclass(frozen=True, slots=True)
class ComparedPassage:
    """A passage's counts, with what the figures are grouped by.

    Args:
        article: what the bootstrap draws as one.
        counts: by layer, as ``comparison`` made them.
        slices: by dimension (``outlet``, ``section``, ``week``, ``control``), its value.
    """

    article: str
    counts: Mapping[str, Mapping[str, Any]]
    slices: Mapping[str, str] = field(default_factory=dict)


def make_report(passages: Sequence[ComparedPassage], layers: Sequence[Layer]) -> dict[str, Any]:
    """Every figure of these passages, as plain JSON.

    Where all passages are of one article, they are drawn one by one instead: an interval
    over a single article is none.

    Args:
        passages: those that somebody answered.
        layers: the layers of their scheme.
    """
    who = {
        name for passage in passages for counts in passage.counts.values() for name in counts["who"]
    }
    passages = _drawn(passages)
    return {
        "annotators": sorted(who),
        "passages": len(passages),
        "layers": {layer.name: _layer(layer, passages) for layer in layers},
    }


def contract(report: Mapping[str, Any], names: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The part of a report that ``agreement show`` and ``agreement file`` answer.

    Args:
        report: what ``make_report`` made.
        names: how annotators are to be called, where not by what they are known by.
    """
    names = names or {}

    def called(name: str) -> str:
        return names.get(name, name)

    layers: dict[str, Any] = {}
    for name, layer in report["layers"].items():
        if layer["kind"] == "choice":
            layers[name] = {key: layer[key] for key in CHOICE_CONTRACT}
            continue
        layers[name] = {key: layer[key] for key in SPAN_CONTRACT}
        layers[name]["pairs"] = [
            {
                "a": called(pair["a"]),
                "b": called(pair["b"]),
                "f1_exact": pair["f1_exact"],
                "n": pair["n"],
            }
            for pair in layer["pairs"]
        ]
        layers[name]["kinds"] = layer["kinds"]
    return {
        "annotators": [called(name) for name in report["annotators"]],
        "passages": report["passages"],
        "layers": layers,
    }


def summary(report: Mapping[str, Any]) -> dict[str, Any]:
    """The few figures of a report that a list of batches shows, with those of every week."""
    return {
        "annotators": len(report["annotators"]),
        "passages": report["passages"],
        "layers": {
            name: {
                "kind": layer["kind"],
                **{key: layer[key] for key in SUMMARY_KEYS[layer["kind"]]},
                "weeks": layer["slices"].get("week", []),
            }
            for name, layer in report["layers"].items()
        },
    }


def compare_each(
    one: Answer, others: Iterable[Answer], text: str, scheme: Scheme, rules: Rules
) -> dict[str, Mapping[str, Any]]:
    """The counts of each of several answers with one other, such as the gold.

    Args:
        one: what each is compared with.
        others: the annotators' answers to the passage.
        text, scheme, rules: as ``compare`` takes them.

    Returns:
        By annotator, the counts by layer.
    """
    return {other.annotator: compare([one, other], text, scheme, rules).counts for other in others}


def against_gold(
    passages: Mapping[str, Sequence[ComparedPassage]], layers: Sequence[Layer]
) -> dict[str, list[dict[str, Any]]]:
    """How far each annotator agrees with the gold.

    Args:
        passages: by annotator, the counts of their answers with the gold.
        layers: the layers of the scheme.

    Returns:
        By layer, for each annotator ``annotator``, ``passages`` and the figures a slice shows.
    """
    drawn = {name: _drawn(rows) for name, rows in sorted(passages.items())}
    return {
        layer.name: [
            {"annotator": name, **_figures(layer, rows, brief=True).brief_json()}
            for name, rows in drawn.items()
        ]
        for layer in layers
    }


@dataclass(frozen=True, slots=True)
class TwoLooks:
    """A passage that two reviewers settled, each without knowing of the other.

    Args:
        passage: the counts of what either came to, by the reviewers' names.
        groups: how many groups were there to settle.
        differ: how many of them came out otherwise.
    """

    passage: ComparedPassage
    groups: int
    differ: int


def between_reviewers(looks: Sequence[TwoLooks], layers: Sequence[Layer]) -> dict[str, Any]:
    """How far reviewers agree on passages that two of them settled.

    Returns:
        ``reviewers``, ``passages``; ``groups_alike`` and ``passages_alike``, the shares that
        came out the same; and ``layers``, as annotators are compared.
    """
    passages = _drawn([look.passage for look in looks])
    sums = Sums()
    for passage, look in zip(passages, looks, strict=True):
        row = sums.row(passage.article)
        row["groups",] += look.groups
        row["groups alike",] += look.groups - look.differ
        row["passages",] += 1
        row["passages alike",] += not look.differ
    sums.draw()
    told = contract(make_report(passages, layers))
    return {
        "reviewers": told["annotators"],
        "passages": told["passages"],
        "groups_alike": _share(sums, "groups"),
        "passages_alike": _share(sums, "passages"),
        "layers": told["layers"],
    }


def _share(sums: Sums, name: str) -> dict[str, Any]:
    whole = sums.of((name,))
    values = ratio(sums.of((f"{name} alike",)), whole)
    return make_figure(values, float(whole[0]), undefined=NO_SECOND).as_json()


def _drawn(passages: Sequence[ComparedPassage]) -> Sequence[ComparedPassage]:
    """Passages as the bootstrap draws them: those of a single article one by one."""
    if len({passage.article for passage in passages}) != 1:
        return passages
    return [
        ComparedPassage(f"{passage.article}#{n}", passage.counts, passage.slices)
        for n, passage in enumerate(passages)
    ]


def _figures(
    layer: Layer, passages: Iterable[ComparedPassage], *, brief: bool = False, seed: int = SEED
) -> SpanFigures | ChoiceFigures:
    rows = (
        (passage.article, passage.counts[layer.name])
        for passage in passages
        if layer.name in passage.counts
    )
    if layer.kind == "spans":
        return SpanFigures(layer, rows, brief=brief, seed=seed)
    return ChoiceFigures(layer, rows, brief=brief, seed=seed)


def _layer(layer: Layer, passages: Sequence[ComparedPassage]) -> dict[str, Any]:
    found = _figures(layer, passages).as_json()
    found["slices"] = {
        dimension: _slices(layer, passages, dimension)
        for dimension in sorted({name for passage in passages for name in passage.slices})
    }
    effect = _effect(layer, passages)
    if effect is not None:
        found["effect_of_suggestions"] = effect
    return found


def _slices(
    layer: Layer, passages: Sequence[ComparedPassage], dimension: str
) -> list[dict[str, Any]]:
    sizes = Counter(p.slices[dimension] for p in passages if dimension in p.slices)
    largest = sorted(sizes, key=lambda value: (-sizes[value], value))
    if dimension == "week":
        largest = sorted(sizes)[-MOST_SLICES:]
    return [
        {
            "value": value,
            **_figures(
                layer, [p for p in passages if p.slices.get(dimension) == value], brief=True
            ).brief_json(),
        }
        for value in largest[:MOST_SLICES]
    ]


def _effect(layer: Layer, passages: Sequence[ComparedPassage]) -> dict[str, Any] | None:
    """Agreement with suggestions less agreement without; None where one of the two is empty."""
    without, given = (
        _figures(
            layer,
            [one for one in passages if one.slices.get(CONTROL) == value],
            brief=True,
            seed=SEED + at,
        )
        for at, value in enumerate(("yes", "no"))
    )
    units = min(without.units, given.units)
    if not units:
        return None
    values = given.main_values(), without.main_values()
    shorter = min(len(one) for one in values)
    difference = values[0][:shorter] - values[1][:shorter]
    return make_figure(difference, units, undefined=NOTHING).as_json()
