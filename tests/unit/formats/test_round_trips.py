"""Each format gives back what was written, up to the losses it reports."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.datasets.formats import FORMATS, load_format
from labeling.datasets.formats.base import FormatError, Item, Losses
from labeling.datasets.formats.jsonl import item_of
from labeling.datasets.records import without_text
from tests.unit.formats.records import SPEC, Folder, bare_record, records, rich_record

# What a format promises to keep of a span, besides label and place.
KEPT = {
    "jsonl": ("id", "layer", "attrs", "voice", "settled", "origin", "text"),
    "parquet": ("id", "layer", "attrs", "voice", "settled", "origin", "text"),
    "csv": ("id", "layer", "attrs", "voice", "settled", "origin", "text"),
    "docbin": ("id", "layer", "attrs", "voice", "settled", "origin", "text"),
    "brat": ("id", "layer", "attrs", "voice", "settled", "origin"),
    "w3c": ("id", "layer", "attrs", "voice", "settled", "origin"),
    "label-studio": ("id", "layer", "attrs"),
    "conll": ("layer",),
    "prodigy": (),
    "doccano": (),
}
RELATIONS = frozenset(FORMATS) - {"conll"}
CHOICES = frozenset({"jsonl", "parquet", "csv", "docbin", "w3c", "label-studio"})


def written(name: str, wanted: Iterable[dict[str, Any]], folder: Path) -> tuple[list[Item], Losses]:
    """Write records and read them again."""
    form = load_format(name)
    losses = form.write(iter(wanted), Folder(folder), SPEC)
    return list(form.read(folder)), losses


def shape(item: Item, keys: Iterable[str]) -> list[tuple[Any, ...]]:
    """The spans of an item, as far as a format keeps them."""
    return sorted(
        ((s["start"], s["end"], label(s), *(_lists(s[key]) for key in keys)) for s in item.spans),
        key=repr,
    )


def _lists(value: Any) -> Any:
    """Label Studio answers with a list even where there can be only one answer."""
    if isinstance(value, dict):
        return sorted((key, one if isinstance(one, list) else [one]) for key, one in value.items())
    return value


def label(span: Any) -> str:
    """A label without the layer that some formats put before it."""
    return str(span["label"]).rpartition("-")[2]


def ends(item: Item) -> list[tuple[Any, ...]]:
    """The relations of an item by the places they join."""
    places = {s["id"]: (s["start"], s["end"], label(s)) for s in item.spans}
    return sorted((places[r["from"]], places[r["to"]]) for r in item.relations)


def unmarkable(record: dict[str, Any], losses: Losses) -> int:
    return losses.count("no_token") + losses.count("blank_span")


@pytest.mark.parametrize("name", FORMATS)
@given(wanted=st.lists(records(), max_size=4, unique_by=lambda r: r["passage"]["uid"]))
def test_what_is_read_is_what_was_written_up_to_the_losses(
    name: str, wanted: list[dict[str, Any]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        items, losses = written(name, wanted, Path(folder))
    assert {item.id for item in items} == {r["passage"]["uid"] for r in wanted}
    assert len(items) == len(wanted)
    by_id = {item.id: item for item in items}
    lost = 0
    for record in wanted:
        item, told = by_id[record["passage"]["uid"]], item_of(record)
        assert (item.split, item.text) == (told.split, told.text)
        found, expected = shape(item, KEPT[name]), shape(told, KEPT[name])
        lost += len(expected) - len(found)
        if name == "conll":
            assert len(found) <= len(expected)
        elif not unmarkable(record, losses):
            assert found == expected
            assert ends(item) == ends(told)
        else:
            assert set(map(repr, found)) <= set(map(repr, expected))
    assert lost == sum(losses.count(kind) for kind in ("no_token", "blank_span", "overlap"))


@pytest.mark.parametrize("name", FORMATS)
def test_a_rich_passage_and_a_bare_one_come_back(name: str, tmp_path: Path) -> None:
    wanted = [rich_record(), bare_record()]
    items, losses = written(name, wanted, tmp_path)
    rich, bare = items
    told = item_of(wanted[0])
    assert (bare.id, bare.split, bare.spans) == ("p-bare", None, ())
    assert (rich.id, rich.split, rich.text) == ("p-rich", "train", told.text)
    kinds = {loss["kind"] for loss in losses.report()}
    if name == "conll":
        # The two loaded terms overlap; only the longer one has room.
        assert kinds == {"overlap", "attributes", "relations", "choices", "annotator_layers"}
        assert len(rich.spans) == 4
    else:
        assert shape(rich, KEPT[name]) == shape(told, KEPT[name])
        assert ends(rich) == ends(told)
    if name in CHOICES:
        assert [(c["layer"], list(c["values"])) for c in rich.choices] == [
            ("stance", ["for", "against"])
        ]
    else:
        assert "choices" in kinds
    if name not in ("jsonl", "parquet"):
        assert "annotator_layers" in kinds


@pytest.mark.parametrize("name", ["jsonl", "parquet"])
def test_the_whole_formats_give_the_records_themselves_back(name: str, tmp_path: Path) -> None:
    wanted = [rich_record(), bare_record("p-2", "train")]
    form = load_format(name)
    assert form.write(iter(wanted), Folder(tmp_path), SPEC).report() == []
    assert list(form.read_records(tmp_path)) == wanted


@pytest.mark.parametrize("name", FORMATS)
def test_two_writings_of_the_same_records_are_the_same_bytes(name: str, tmp_path: Path) -> None:
    contents = []
    for turn in ("one", "two"):
        written(name, [rich_record(), bare_record()], tmp_path / turn)
        files = sorted(path for path in (tmp_path / turn).rglob("*") if path.is_file())
        contents.append([(p.relative_to(tmp_path / turn), p.read_bytes()) for p in files])
    assert contents[0] == contents[1]
    assert contents[0]


@pytest.mark.parametrize("name", FORMATS)
def test_offsets_only_are_written_or_refused_in_plain_words(name: str, tmp_path: Path) -> None:
    bare = without_text(rich_record())
    assert "pay" not in repr(bare)
    if FORMATS[name].needs_text:
        with pytest.raises(FormatError, match="offsets only"):
            written(name, [bare], tmp_path)
    else:
        (item,), _ = written(name, [bare], tmp_path)
        assert item.text is None
        assert shape(item, ()) == shape(item_of(bare), ())


def test_a_bare_record_without_text_stays_bare() -> None:
    assert without_text(bare_record())["gold"] is None


def test_an_unknown_format_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(FormatError, match="'xml'") as caught:
        load_format("xml")
    assert "jsonl, parquet, csv" in caught.value.remedy
