"""Canonical lines through columns and back: to the byte, whatever is in them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.datasets.formats.base import FormatError, gold_of
from labeling.datasets.formats.columns import (
    chunks,
    facts_of,
    lines_of,
    split_of_line,
    table_of,
)
from labeling.datasets.records import to_json_line
from labeling.datasets.splits import record_keys
from tests.unit.formats.records import bare_record, records, rich_record

ATTRS = st.recursive(
    st.one_of(
        st.text(st.sampled_from('ab{}"\\,:end []é🙂\n'), max_size=12), st.integers(), st.none()
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["kind", "end", 'a"b', "x}"]), inner, max_size=3),
    ),
    max_leaves=6,
)


def round_trip(lines: list[str]) -> list[str]:
    return [line for batch in table_of(lines).to_batches() for line in lines_of(batch)]


@given(st.lists(records(), min_size=1, max_size=4))
def test_lines_come_back_as_they_went(some: list[dict[str, Any]]) -> None:
    lines = [to_json_line(record) for record in some]
    assert round_trip(lines) == lines
    for record, facts in zip(some, facts_of(table_of(lines)), strict=True):
        assert record_keys(record) == (facts.article, facts.story, facts.cluster, facts.split)
        gold = gold_of(record)
        assert (facts.uid, facts.spans, facts.relations) == (
            record["passage"]["uid"], len(gold["spans"]), len(gold["relations"]),
        )  # fmt: skip


@given(st.dictionaries(st.sampled_from(["kind", "end", "a{", "}"]), ATTRS, max_size=3))
def test_attributes_of_any_name_and_kind_come_back(attrs: dict[str, Any]) -> None:
    record = rich_record()
    for span in record["gold"]["spans"]:
        span["attrs"] = attrs
    line = to_json_line(record)
    assert round_trip([line, to_json_line(bare_record())])[0] == line


@pytest.mark.parametrize("split", ["train", "dev", "test", None])
def test_the_split_is_read_off_a_line_whatever_its_texts_say(split: str | None) -> None:
    record = rich_record(split=split)
    record["batch"] = record["scheme"]["name"] = '","split":"test","state":"x'
    record["gold"]["spans"][0]["attrs"] = {"split": "dev", "x": {"split": "dev"}}
    assert split_of_line(to_json_line(record)) == (split or "all")


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line[:-1],
        lambda line: line.replace('"attrs":{"', '"attrs":{{"', 1),
        lambda line: line[: line.index('"attrs":{"kind') + 12],
        lambda line: line.replace('"state":', '"mood":1,"state":'),
        lambda line: f"{line}\n{line}",
        lambda _line: "[]",
        lambda _line: "",
    ],
)
def test_what_is_no_record_is_refused(change: Any) -> None:
    with pytest.raises(FormatError, match="record"):
        table_of([change(to_json_line(rich_record()))])


def test_lines_are_taken_so_many_at_a_time() -> None:
    assert list(chunks("abcde", 2)) == [["a", "b"], ["c", "d"], ["e"]]
    assert list(chunks("")) == []
