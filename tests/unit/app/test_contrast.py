"""The colours of the style sheets: text is readable on every ground it stands on."""

from __future__ import annotations

import re

import pytest

from config import ROOT

TOKENS = (ROOT / "app" / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
PAIR = re.compile(r"--([a-z-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)")
COLOURS = {name: (light, dark) for name, light, dark in PAIR.findall(TOKENS)}

TEXT = 4.5
CONTROL = 3.0
GROUNDS = ("ground", "surface", "raised", "sunk")
INKS = ("ink", "ink-soft", "ink-faint", "accent")
LABELS = sorted(name for name in COLOURS if name.startswith("label-"))


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def pairs() -> list[tuple[str, str, float]]:
    text = [(ink, ground, TEXT) for ink in INKS for ground in GROUNDS]
    text += [(ink, "hover", TEXT) for ink in ("ink", "ink-soft")]
    text += [(tone, f"{tone}-tint", TEXT) for tone in ("accent", "good", "warn", "bad")]
    text += [("ink", f"{tone}-tint", TEXT) for tone in ("accent", "good", "warn", "bad")]
    text += [(tone, "surface", TEXT) for tone in ("good", "warn", "bad")]
    text += [("on-accent", "accent", TEXT)]
    text += [(label, ground, TEXT) for label in LABELS for ground in ("surface", "ground")]
    return text + [("line-control", ground, CONTROL) for ground in GROUNDS]


def test_the_style_sheet_names_a_colour_for_every_label_and_one_for_all_others() -> None:
    from app.views.presentation import KNOWN_LABELS, label_class

    assert {label_class(label) for label in KNOWN_LABELS} | {label_class("else")} == set(LABELS)
    assert len(LABELS) == 12


def test_no_two_labels_share_a_colour() -> None:
    for look in (0, 1):
        assert len({COLOURS[label][look] for label in LABELS}) == len(LABELS)


@pytest.mark.parametrize("look", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), pairs(), ids=str)
def test_a_colour_can_be_told_from_its_ground(
    ink: str, ground: str, least: float, look: int
) -> None:
    assert contrast(COLOURS[ink][look], COLOURS[ground][look]) >= least
