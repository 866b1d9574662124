"""One name a label, for formats that know no layers."""

from __future__ import annotations

import re
from collections import Counter

from labeling.datasets.formats.base import Spec

_PLAIN = re.compile(r"[^A-Za-z0-9_-]")


class LabelNames:
    """Names labels of all layers apart, and finds a layer by such a name again.

    Args:
        spec: whose layers they are.
        plain: use letters, digits, dash and underscore only, as brat asks.
    """

    def __init__(self, spec: Spec, *, plain: bool = False) -> None:
        pairs = [(layer.name, label) for layer in spec.span_layers for label in layer.labels]
        used = Counter(label for _, label in pairs)
        self._plain = plain
        self._names: dict[tuple[str, str], str] = {}
        self._taken: set[str] = set()
        for layer, label in pairs:
            self._names[layer, label] = self._free(
                label if used[label] == 1 else f"{layer}-{label}"
            )

    def of(self, layer: str, label: str) -> str:
        """The name of a label; one that the scheme does not know is named with its layer."""
        if (layer, label) not in self._names:
            self._names[layer, label] = self._free(f"{layer}-{label}")
        return self._names[layer, label]

    @property
    def all(self) -> list[str]:
        """Every name given so far, in the order of the scheme."""
        return list(self._names.values())

    def _free(self, wish: str) -> str:
        name = _PLAIN.sub("_", wish) if self._plain else wish
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name
