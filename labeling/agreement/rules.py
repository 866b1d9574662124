"""When two spans are the same thing, and which of their attributes count: part of a scheme."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from labeling.errors import SchemeError
from labeling.types import Layer, Scheme

CLOSED_KINDS = frozenset({"choices", "taxonomy", "rating"})
"""Questions with answers to choose from. Free words hardly ever agree, so they do not count."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How a scheme's spans are compared.

    Args:
        min_iou: spans of one label can be the same thing when their overlap, as intersection
            over union, is above this; 0 takes any overlap.
        min_iou_other_label: spans of two labels can be the same thing, labeled differently,
            from this overlap on; below it, one merely lies inside the other.
        attributes: by layer, the attributes on which annotators are to agree; a layer that is
            not named counts every question with answers to choose from.
    """

    min_iou: float = 0.0
    min_iou_other_label: float = 0.5
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def counted(self, layer: Layer) -> tuple[str, ...]:
        """The attributes of a layer that count."""
        closed = (one.name for one in layer.attributes if one.kind in CLOSED_KINDS)
        return self.attributes.get(layer.name) or (
            () if layer.name in self.attributes else tuple(closed)
        )


def read_rules(said: Mapping[str, Any] | None, scheme: Scheme) -> Rules:
    """Read a scheme's rules of comparison.

    Args:
        said: ``{"min_iou", "min_iou_other_label", "attributes": {LAYER: [NAME, …]}}``, each
            part optional; None or empty for the defaults.
        scheme: the scheme they belong to.

    Raises:
        SchemeError: a part is unknown, out of range, or names what the scheme does not have.
    """
    said = said or {}
    unknown = set(said) - {"min_iou", "min_iou_other_label", "attributes"}
    if unknown:
        raise SchemeError(
            f"the rules of comparison have no {', '.join(sorted(map(repr, unknown)))}",
            remedy="use min_iou, min_iou_other_label and attributes",
        )
    return Rules(
        min_iou=_share(said, "min_iou", 0.0),
        min_iou_other_label=_share(said, "min_iou_other_label", 0.5),
        attributes=_attributes(said.get("attributes", {}), scheme),
    )


def rules_sha(scheme_sha: str, said: Mapping[str, Any] | None) -> str:
    """The sha of a scheme version: that of its files, and its rules where it brings any."""
    if not said:
        return scheme_sha
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{scheme_sha}\0{canonical}".encode()).hexdigest()


def _share(said: Mapping[str, Any], name: str, default: float) -> float:
    value = said.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1:
        raise SchemeError(
            f"the rules of comparison give {name} as {value!r}",
            remedy="give a number from 0 to below 1",
        )
    return float(value)


def _attributes(said: object, scheme: Scheme) -> dict[str, tuple[str, ...]]:
    if not isinstance(said, Mapping):
        raise SchemeError(
            "the attributes in the rules of comparison are no object",
            remedy='write {"attributes": {"LAYER": ["NAME"]}}',
        )
    layers = {layer.name: layer for layer in scheme.layers if layer.kind == "spans"}
    read: dict[str, tuple[str, ...]] = {}
    for name, wanted in said.items():
        known = {one.name for one in layers[name].attributes} if name in layers else set()
        if name not in layers or not isinstance(wanted, list) or not set(wanted) <= known:
            raise SchemeError(
                f"the rules of comparison count {wanted!r} in {name!r}, which the scheme lacks",
                remedy="name layers of spans, and attributes that are asked there",
            )
        read[name] = tuple(wanted)
    return read
