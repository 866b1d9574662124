"""The figures of many passages: what must hold of them whatever the spans are."""

from __future__ import annotations

import json
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.agreement import span_figures
from labeling.agreement.answers import Answer
from labeling.agreement.comparison import compare
from labeling.agreement.exported import compare_export
from labeling.agreement.figures import TOO_FEW
from labeling.agreement.report import (
    ComparedPassage,
    TwoLooks,
    against_gold,
    between_reviewers,
    compare_each,
    contract,
    make_report,
)
from labeling.agreement.rules import Rules
from labeling.types import Layer, Scheme
from tests.unit.agreement.passages import SCHEME, TEXT, answer, answers

WORDS = [found.span() for found in re.finditer(r"\w+", TEXT)]


def counts_of(given_answers, scheme=SCHEME):
    return compare(given_answers, TEXT, scheme, Rules()).counts


def passages(*each, slices=None):
    """Compared passages, an article each unless told otherwise."""
    return [
        ComparedPassage(
            str(n), compare(one, TEXT, SCHEME, Rules()).counts, (slices or {}).get(n, {})
        )
        for n, one in enumerate(each)
    ]


def report(*each, **more):
    return make_report(passages(*each, **more), SCHEME.layers)


def random_passages(chance, count, *, names=("ada", "ben", "chloe"), noise=0.2):
    """Annotators who mostly see the same words marked, each with slips of their own."""
    made = []
    for _ in range(count):
        truth = {word: chance.choice("AB") for word in WORDS if chance.random() < 0.5}
        tone = chance.choice(["calm", "loud"])
        made.append([_slip(chance, name, truth, tone, noise) for name in names])
    return made


def _slip(chance, name, truth, tone, noise):
    spans = []
    for (start, end), label in truth.items():
        if chance.random() < noise:
            continue
        wrong = chance.choice("ABC") if chance.random() < noise else label
        spans.append(f"{wrong} {start} {end + (chance.random() < noise)}")
    return answer(name, *spans, tone="calm" if chance.random() < noise else tone)


FIGURES = ("f1_exact", "f1_iou50", "f1_partial", "alpha_token")


def figures(found):
    """Every figure of a contract by its place."""
    spans, choice = found["layers"]["mark"], found["layers"]["tone"]
    return {name: spans[name] for name in FIGURES} | {
        name: choice[name] for name in ("percent", "alpha_nominal", "kappa")
    }


def test_the_contract_has_exactly_its_keys():
    found = contract(report(*random_passages(random.Random(1), 40)))
    json.dumps(found, allow_nan=False)
    assert set(found) == {"annotators", "passages", "layers"}
    assert found["annotators"] == ["ada", "ben", "chloe"]
    assert found["passages"] == 40
    spans, choice = found["layers"]["mark"], found["layers"]["tone"]
    assert set(spans) == {"n_spans", *FIGURES, "pairs", "kinds"}
    assert set(choice) == {"n", "percent", "alpha_nominal", "kappa"}
    assert choice["n"] == 40
    for pair in spans["pairs"]:
        assert set(pair) == {"a", "b", "f1_exact", "n"}
        assert pair["n"] == 40
    for figure in [*figures(found).values(), *(pair["f1_exact"] for pair in spans["pairs"])]:
        assert set(figure) == {"value", "ci95", "n"}
        low, high = figure["ci95"]
        assert low <= figure["value"] <= high


def test_the_same_answers_agree_wholly():
    alike = [
        [Answer(name, one.spans, (), one.choices) for name in ("ada", "ben", "chloe")]
        for one, *_ in random_passages(random.Random(2), 60)
    ]
    for figure in figures(contract(report(*alike))).values():
        assert figure["value"] == 1
        assert figure["ci95"] == [1, 1]


def test_shuffled_answers_agree_by_chance_only():
    chance = random.Random(3)
    each = random_passages(chance, 600, noise=0)
    columns = [[one[at] for one in each] for at in range(3)]
    for column in columns:
        chance.shuffle(column)
    found = figures(contract(report(*zip(*columns, strict=True))))
    for name in ("alpha_token", "alpha_nominal", "kappa"):
        assert found[name]["value"] == pytest.approx(0, abs=0.06), name


@settings(max_examples=10)
@given(st.integers(0, 10_000))
def test_names_and_their_order_change_nothing(seed):
    each = random_passages(random.Random(seed), 40)
    other = {"ada": "z", "ben": "m", "chloe": "a"}
    renamed = [[Answer(other[x.annotator], x.spans, (), x.choices) for x in one] for one in each]
    backwards = [list(reversed(one)) for one in renamed]
    before, after = figures(contract(report(*each))), figures(contract(report(*backwards)))
    for name, figure in before.items():
        assert after[name]["value"] == pytest.approx(figure["value"], abs=1e-6), name
        assert after[name]["n"] == figure["n"]


def test_two_annotators_get_cohens_kappa_and_three_get_fleiss():
    # The table of Artstein & Poesio: pi .341, kappa .348.
    table = {("calm", "calm"): 20, ("calm", "loud"): 20, ("loud", "calm"): 10, ("loud", "loud"): 50}
    two = [
        [answer("ada", tone=a), answer("ben", tone=b)]
        for (a, b), n in table.items()
        for _ in range(n)
    ]
    layer = report(*two)["layers"]["tone"]
    assert layer["kappa"]["value"] == pytest.approx(0.348, abs=5e-4)
    assert layer["percent"]["value"] == pytest.approx(0.7)
    assert layer["pairs"][0]["kappa"]["value"] == pytest.approx(0.348, abs=5e-4)
    three = [[*one, answer("chloe", tone=one[0].choices[0].values[0])] for one in two]
    assert report(*three)["layers"]["tone"]["kappa"]["value"] == pytest.approx(0.56, abs=0.02)


@pytest.mark.parametrize(
    ("each", "reason"),
    [
        ([], "nobody to compare with"),
        ([[answer("ada", "A 0 3", tone="calm")]] * 40, "nobody to compare with"),
        ([[answer("ada"), answer("ben")]] * 40, "nothing marked"),
    ],
)
def test_an_undefined_figure_says_why(each, reason):
    layer = report(*each)["layers"]["mark"]
    assert layer["f1_exact"] == {"value": None, "ci95": None, "n": 0, "reason": reason}


def test_below_thirty_units_it_says_too_few():
    few = [[answer("ada", "A 0 3", tone="calm"), answer("ben", "A 0 3", tone="loud")]] * 5
    found = contract(report(*few))
    assert found["layers"]["mark"]["f1_exact"] == {
        "value": None, "ci95": None, "n": 10, "reason": TOO_FEW,
    }  # fmt: skip
    assert found["layers"]["tone"]["kappa"]["reason"] == TOO_FEW
    assert found["layers"]["mark"]["alpha_token"]["value"] == 1


def test_one_article_is_drawn_passage_by_passage_and_one_passage_has_no_interval():
    each = passages(*random_passages(random.Random(5), 40))
    whole = [ComparedPassage("one", one.counts) for one in each]
    figure = make_report(whole, SCHEME.layers)["layers"]["mark"]["f1_exact"]
    assert figure["ci95"][0] < figure["value"] < figure["ci95"][1]
    text = TEXT * 4
    long = [answer(name, *(f"A {n * 4} {n * 4 + 3}" for n in range(40))) for name in ("a", "b")]
    alone = ComparedPassage("one", compare(long, text, SCHEME, Rules()).counts)
    figure = make_report([alone], SCHEME.layers)["layers"]["mark"]["f1_exact"]
    assert figure["value"] is None
    assert "one article" in figure["reason"]


def test_labels_pairs_and_attributes_have_figures_of_their_own():
    each = [
        [
            answer("ada", "A 0 3 voice=outlet", "B 8 13", links=[(0, 1)]),
            answer("ben", "A 0 3 voice=quoted" if n % 4 else "A 0 3 voice=outlet", "C 8 13"),
        ]
        for n in range(40)
    ]
    layer = report(*each)["layers"]["mark"]
    labels = {one["label"]: one for one in layer["labels"]}
    assert labels["A"]["f1_exact"]["value"] == 1
    assert labels["A"]["alpha_token"]["value"] == 1
    assert labels["B"]["f1_exact"]["value"] == 0
    assert labels["B"]["kinds"] == {"label": 40}
    assert layer["pairs"][0]["labels"]["A"]["value"] == 1
    assert layer["f1_partial"]["value"] == 1
    (voice,) = layer["attributes"]
    assert voice["name"] == "voice"
    assert voice["percent"]["value"] == 0.125 + 0.5
    assert layer["speaker"]["value"] == 0
    assert layer["relations"]["n"] == 40
    assert [one["voice"] for one in layer["voices"]] == ["", "outlet", "quoted"]
    assert layer["confusion"][0]["cells"] == [["A", "A", 40], ["B", "C", 40]]


def test_relations_that_both_drew_agree():
    each = [
        [answer(name, "A 0 3", "B 8 13", links=[(0, 1)]) for name in ("ada", "ben")]
        for _ in range(40)
    ]
    layer = report(*each)["layers"]["mark"]
    assert layer["speaker"]["value"] == layer["relations"]["value"] == 1


def test_slices_and_the_effect_of_suggestions():
    chance = random.Random(8)
    each = random_passages(chance, 60, noise=0.05) + random_passages(chance, 60, noise=0.4)
    slices = {
        n: {"control": "yes" if n >= 60 else "no", "outlet": "Gull" if n % 2 else "Tern"}
        for n in range(120)
    }
    layers = report(*each, slices=slices)["layers"]
    control = {one["value"]: one for one in layers["mark"]["slices"]["control"]}
    assert control["no"]["f1_exact"]["value"] > control["yes"]["f1_exact"]["value"]
    assert {one["value"] for one in layers["mark"]["slices"]["outlet"]} == {"Gull", "Tern"}
    assert layers["mark"]["effect_of_suggestions"]["ci95"][0] > 0
    assert layers["tone"]["effect_of_suggestions"]["ci95"][0] > 0
    assert "effect_of_suggestions" not in report(*each)["layers"]["mark"]


def test_the_latest_weeks_are_shown_in_their_order():
    each = random_passages(random.Random(9), 30)
    slices = {n: {"week": f"2026-01-{n + 1:02}"} for n in range(30)}
    found = report(*each, slices=slices)["layers"]["mark"]["slices"]["week"]
    assert [one["value"] for one in found] == [f"2026-01-{n:02}" for n in range(19, 31)]


def test_annotators_are_held_against_the_gold():
    gold = answer("gold", "A 0 3", tone="calm")
    said = [answer("ada", "A 0 3", tone="calm"), answer("ben", "B 0 3", tone="loud")]
    counts = compare_each(gold, said, TEXT, SCHEME, Rules())
    passages = {
        name: [ComparedPassage(str(n), own) for n in range(40)] for name, own in counts.items()
    }
    found = against_gold(passages, SCHEME.layers)
    assert [one["annotator"] for one in found["mark"]] == ["ada", "ben"]
    assert [one["f1_exact"]["value"] for one in found["mark"]] == [1, 0]
    assert [one["percent"]["value"] for one in found["tone"]] == [1, 0]
    # Passages of one article are drawn one by one, so that there is an interval all the same.
    one = {name: [ComparedPassage("a", own)] * 40 for name, own in counts.items()}
    assert against_gold(one, SCHEME.layers)["mark"][0]["f1_exact"]["value"] == 1


def test_kappa_is_zero_where_one_annotator_gives_one_answer_whatever_it_is():
    for always, sometimes in (("calm", "loud"), ("loud", "calm")):
        each = [
            [answer("ada", tone=always), answer("ben", tone=always if n % 4 else sometimes)]
            for n in range(40)
        ]
        assert report(*each)["layers"]["tone"]["kappa"]["value"] == 0
    apart = [[answer("ada", tone="calm"), answer("ben", tone="loud")]] * 40
    assert report(*apart)["layers"]["tone"]["kappa"]["value"] == 0


def test_two_reviewers_are_held_against_each_other():
    first, second = answer("ruth", "A 0 3", "B 4 7"), answer("sam", "A 0 3", "C 4 7")
    counts = compare([first, second], TEXT, SCHEME, Rules()).counts
    looks = [TwoLooks(ComparedPassage(str(n), counts), 2, n % 2) for n in range(40)]
    found = between_reviewers(looks, SCHEME.layers)
    assert (found["reviewers"], found["passages"]) == (["ruth", "sam"], 40)
    assert (found["groups_alike"]["value"], found["groups_alike"]["n"]) == (0.75, 80)
    assert (found["passages_alike"]["value"], found["passages_alike"]["n"]) == (0.5, 40)
    low, high = found["passages_alike"]["ci95"]
    assert 0 < low < 0.5 < high < 1
    assert found["layers"]["mark"]["f1_exact"]["value"] == 0.5
    few = between_reviewers(looks[:5], SCHEME.layers)
    assert few["passages_alike"]["reason"] == "too few"
    nothing = [TwoLooks(ComparedPassage("a", counts), 0, 0)]
    assert "settled twice" in between_reviewers(nothing, SCHEME.layers)["groups_alike"]["reason"]


def test_a_question_in_free_words_is_not_compared():
    free = Layer("remark", "choice", ())
    scheme = Scheme((free,), (), (), "sha")
    said = [
        Answer(name, choices=(type(answer("x", tone="calm").choices[0])("remark", (name,)),))
        for name in ("a", "b")
    ]
    compared = [
        ComparedPassage(str(n), compare(said, TEXT, scheme, Rules()).counts) for n in range(40)
    ]
    layer = make_report(compared, scheme.layers)["layers"]["remark"]
    assert layer["alpha_nominal"]["value"] is None
    assert "free words" in layer["alpha_nominal"]["reason"]


@given(st.lists(answers(), min_size=1, max_size=4))
def test_whatever_was_marked_the_report_is_json(each):
    found = report(*each)
    json.dumps(found, allow_nan=False)
    marks = found["layers"]["mark"]
    assert marks["n_spans"] == sum(len(one.spans) for passage in each for one in passage)
    assert sum(marks["kinds"].values()) <= marks["n_spans"]


def test_where_too_many_pairs_met_figures_are_kept_by_pair_and_by_label_apart(monkeypatch):
    each = [[answer("ada", "A 0 5"), answer("ben", "A 0 5", "B 7 9")]] * 40
    whole = report(*each)
    monkeypatch.setattr(span_figures, "MOST_PAIRS", 0)
    apart = report(*each)
    for layer in whole["layers"]:
        assert apart["layers"][layer].get("f1_exact") == whole["layers"][layer].get("f1_exact")


def test_a_task_that_nobody_answered_counts_for_nothing():
    config = """<View><Labels name="entity" toName="text"><Label value="ORG"/></Labels>
      <Text name="text" value="$text"/></View>"""
    task = {"id": 1, "data": {"text": "Quay Watch spoke."}, "annotations": []}
    found = compare_export(json.dumps([task]), config)
    assert found.answer["passages"] == 0


def test_a_number_here_and_a_person_there_are_one_annotator():
    config = (
        '<View><Text name="t" value="$text"/>'
        '<Labels name="l" toName="t"><Label value="PER"/></Labels></View>'
    )
    ada = {"id": 7, "email": "ada@example.org"}
    tasks = [
        {"id": n, "data": {"text": "Ada"}, "annotations": [{"completed_by": who, "result": []}]}
        for n, who in enumerate((7, ada))
    ]
    assert compare_export(json.dumps(tasks), config).answer["annotators"] == ["ada@example.org"]
