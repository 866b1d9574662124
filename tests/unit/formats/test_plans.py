"""What a release is asked to hold, how it is numbered, and the card that says so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labeling.datasets.card import figure_text, write_card
from labeling.datasets.plan import (
    ReleaseError,
    ReleasePlan,
    check_plan,
    next_version,
    read_plan,
)
from labeling.datasets.splits import SplitPlan

PLAN = ReleasePlan(
    batches=("march", "april"),
    state="annotated",
    labels=("ORG",),
    languages=("en",),
    since="2026-03-01",
    until="2026-04-30",
    licence="cc-by-4.0",
    split=SplitPlan("time", (60, 20, 20), 7),
)


def test_a_plan_reads_back_from_the_store() -> None:
    assert read_plan(json.loads(json.dumps(PLAN.as_json()))) == PLAN


@pytest.mark.parametrize(
    ("language", "published", "reason"),
    [
        ("en", "2026-03-01T06:00:00+00:00", None),
        ("en", "2026-04-30T23:00:00+00:00", None),
        ("de", "2026-03-01T06:00:00+00:00", "language"),
        ("en", "2026-02-28T06:00:00+00:00", "date"),
        ("en", "2026-05-01T06:00:00+00:00", "date"),
        ("en", None, "date"),
    ],
)
def test_an_article_is_left_out_with_the_reason(language, published, reason) -> None:
    assert PLAN.lacks({"language": language, "published_at": published}) == reason


def test_without_wishes_no_article_is_left_out() -> None:
    assert ReleasePlan(("b",)).lacks({"language": None, "published_at": None}) is None
    only_until = ReleasePlan(("b",), until="2026-01-01")
    assert only_until.lacks({"language": None, "published_at": None}) == "date"


@pytest.mark.parametrize(
    ("name", "plan", "said"),
    [
        ("No", ReleasePlan(("b",)), "cannot name"),
        ("no", ReleasePlan(()), "needs batches"),
        ("no", ReleasePlan(("b",), state="liked"), "no state 'liked'"),
        ("no", ReleasePlan(("b",), since="May"), "not a date"),
        ("no", ReleasePlan(("b",), until="2026-5-1"), "not a date"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(name, plan, said) -> None:
    with pytest.raises(ReleaseError, match=said) as caught:
        check_plan(name, plan)
    assert caught.value.remedy


def test_a_plan_that_makes_sense_is_taken() -> None:
    check_plan("news-2026", PLAN)


@pytest.mark.parametrize(
    ("last", "change", "version"),
    [
        (None, "scheme", "1.0.0"),
        ("1.2.3", "scheme", "2.0.0"),
        ("1.2.3", "records", "1.3.0"),
        ("1.2.3", "corrections", "1.2.4"),
    ],
)
def test_a_version_says_what_changed(last, change, version) -> None:
    assert next_version(last, change) == version


def manifest(**more: Any) -> dict[str, Any]:
    return {
        "dataset": 'ne"ws',
        "version": "1.0.0",
        "form": "jsonl",
        "licence": "cc-by-4.0",
        "notes": "",
        "articles": 2,
        "languages": ["en"],
        "counts": {"records": 3, "spans": 5, "relations": 1, "splits": {"train": 2, "test": 1}},
        "passages": {"in": 3, "out": 3, "dropped": {}},
        "plan": ReleasePlan(("march",)).as_json(),
        "schemes": [{"batch": "march", "scheme": "news", "version": 2}],
        "moved": [],
        "report": [],
        "records_sha256": "ab" * 32,
        **more,
    }


def test_a_card_is_a_yaml_head_and_a_page() -> None:
    card = write_card(manifest())
    head = card.split("---")[1]
    assert 'pretty_name: "ne\\"ws"' in head
    assert '- "en"' in head
    assert "- n<1K" in head
    assert "path: data/train.jsonl" in head
    assert "All 3 passages of the batches are in it." in card
    assert "Agreement between annotators: not recorded" in card
    assert "By hash, 80/10/10 per cent, seed 0." in card


def test_a_card_tells_what_it_does_not_know_and_what_is_missing() -> None:
    plan = {
        **ReleasePlan(("march",), offsets_only=True, names=True).as_json(),
        "split": {"method": "none", "shares": [80, 10, 10], "seed": 0},
    }
    counts = {"records": 20_000_000, "spans": 0, "relations": 0, "splits": {"all": 1}}
    loss = {"kind": "overlap", "count": 4, "why": "Spans overlap.", "examples": []}
    card = write_card(
        manifest(
            form="conll", licence=None, languages=[], plan=plan, counts=counts, report=[loss],
            notes="A trial.", passages={"in": 9, "out": 3, "dropped": {"retracted": 5, "odd": 1}},
        )
    )  # fmt: skip
    for said in (
        'license: "unknown"', "- Licence: not recorded", "n>10M", "It is not split.", "A trial.",
        "- 5: their article was retracted", "- 1: odd", "are named", "4 × overlap: Spans overlap.",
        "offsets, URLs and hashes only",
    ):  # fmt: skip
        assert said in card
    assert "configs:" not in card
    assert "language:" not in card


def test_a_card_shows_figures_with_interval_and_n_or_the_reason() -> None:
    figures = {
        "f1_exact": {"value": 0.5, "ci95": [0.4, 0.61], "n": 40},
        "alpha_token": {"value": None, "ci95": None, "n": 12, "reason": "too few"},
    }
    card = write_card(manifest(agreement={"march": {"entity": figures}}, moved=[{}]))
    assert "| march | entity | f1_exact | 0.500 | 0.400–0.610 | 40 |" in card
    assert "| march | entity | alpha_token | — | too few | 12 |" in card
    assert "1 groups grew together" in card
    assert figure_text(figures["f1_exact"]).startswith("0.500")
