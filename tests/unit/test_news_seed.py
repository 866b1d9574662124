"""The scheme that every instance starts with keeps its promises without a server."""

import re
from collections import Counter
from pathlib import Path

from labeling.scheme import guideline_html, read_scheme

NEWS = Path(__file__).parents[2] / "seeds" / "schemes" / "news"
CONFIG = (NEWS / "config.xml").read_text(encoding="utf-8")
GUIDELINE = (NEWS / "guideline.md").read_text(encoding="utf-8")
SCHEME = read_scheme(CONFIG, GUIDELINE)


def test_the_layers_and_labels_are_those_of_the_design() -> None:
    assert {layer.name: layer.labels for layer in SCHEME.layers} == {
        "entity": ("PERSON", "ORG", "GPE", "LOC", "NORP", "EVENT", "WORK"),
        "quote": ("QUOTE", "SPEAKER", "CUE"),
        "loaded": ("LOADED_TERM",),
    }
    assert SCHEME.relations == ("said_by",)
    assert set(SCHEME.variables) == {"text", "headline", "context", "notice"}


def test_every_hotkey_is_used_once_and_none_is_label_studios_own() -> None:
    hotkeys = re.findall(r'hotkey="(.)"', CONFIG)
    assert not [key for key, count in Counter(hotkeys).items() if count > 1]
    assert "u" not in hotkeys
    assert len(hotkeys) == len(re.findall(r"<(?:Label|Choice) ", CONFIG))


def test_no_answer_is_required() -> None:
    assert "required=" not in CONFIG


def test_the_page_fetches_nothing_from_elsewhere() -> None:
    assert not re.search(r"https?:|url\(|@import", CONFIG)


def test_the_guideline_explains_every_label() -> None:
    html = guideline_html(GUIDELINE)
    for layer in SCHEME.layers[:2]:
        for label in layer.labels:
            assert f"<td>{label}</td>" in html
    assert "Loaded wording" in html
