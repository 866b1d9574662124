"""The figures of a release that its card and its pages show, counted while it is built."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from labeling.datasets.formats.base import SPLITS, Record, gold_of, split_of


class Figures:
    """Takes every record of a release once, and counts its gold spans by what matters."""

    def __init__(self) -> None:
        self._labels: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._voices: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._settled: Counter[str] = Counter()
        self._origins: Counter[str] = Counter()
        self._annotators: set[str] = set()
        self._states: Counter[str] = Counter()

    def add(self, record: Record) -> None:
        """Take one record."""
        split = split_of(record)
        self._states[str(record["state"])] += 1
        for span in gold_of(record)["spans"]:
            key = (span["layer"], span["label"])
            self._labels[key][split] += 1
            if span["voice"] is not None:
                self._voices[key][span["voice"]] += 1
            if span["settled"] is not None:
                self._settled[span["settled"]] += 1
            if span["origin"] is not None:
                self._origins[span["origin"]] += 1
        self._annotators.update(one["annotator"] for one in record["annotations"])

    def as_json(self) -> dict[str, Any]:
        """What was counted.

        Returns:
            ``labels`` and ``voices`` with a row for each layer and label, the most frequent
            first; how spans were settled and where they came from; how many annotators there
            are; and records by state.
        """
        labels = sorted(self._labels.items(), key=lambda item: (-item[1].total(), item[0]))
        return {
            "labels": [
                {
                    "layer": layer,
                    "label": label,
                    "spans": counts.total(),
                    "splits": {split: counts[split] for split in SPLITS if counts[split]},
                }
                for (layer, label), counts in labels
            ],
            "voices": [
                {"layer": key[0], "label": key[1], "voices": _sorted(self._voices[key])}
                for key, _ in labels
                if key in self._voices
            ],
            "settled": _sorted(self._settled),
            "origins": _sorted(self._origins),
            "annotators": len(self._annotators),
            "states": _sorted(self._states),
        }


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
