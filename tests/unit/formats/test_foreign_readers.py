"""Programs of others open what we write, and see the same spans at the same characters."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given

from config import ROOT
from labeling.datasets.formats import load_format
from labeling.datasets.records import without_text
from tests.unit.formats.records import SPEC, TEXT, Folder, bare_record, records, rich_record

SCHEMA = json.loads((ROOT / "labeling" / "datasets" / "record.schema.json").read_text("utf-8"))
VALID = jsonschema.Draft202012Validator(SCHEMA)


def write(name: str, folder: Path) -> None:
    load_format(name).write([rich_record(), bare_record("p-2", "train")], Folder(folder), SPEC)


@given(record=records())
def test_every_record_fits_the_published_schema(record: dict[str, Any]) -> None:
    VALID.validate(record)
    VALID.validate(without_text(record))


def test_the_schema_refuses_what_it_does_not_know() -> None:
    VALID.validate(rich_record())
    for odd in ({"mood": 1}, {"split": "half"}, {"state": "liked"}):
        assert not VALID.is_valid({**rich_record(), **odd})


@pytest.mark.slow
def test_hugging_face_loads_the_parquet_file_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    from datasets import Dataset

    write("parquet", tmp_path)
    path = str(tmp_path / "data" / "train.parquet")
    loaded = Dataset.from_parquet(path, cache_dir=str(tmp_path / "cache"))
    rich, bare = loaded
    assert (rich["id"], rich["text"], bare["gold"]) == ("p-rich", TEXT, None)
    gold = rich_record()["gold"]["spans"]
    told = [{**span, "attrs": json.loads(span["attrs"])} for span in rich["gold"]["spans"]]
    assert told == gold
    assert loaded.features["gold"]["spans"].feature["start"].dtype == "int32"


def test_spacy_finds_the_span_groups_on_the_text(tmp_path: Path) -> None:
    import spacy
    from spacy.tokens import DocBin

    write("docbin", tmp_path)
    (path,) = (tmp_path / "data").glob("*.spacy")
    rich, bare = DocBin().from_disk(path).get_docs(spacy.blank("en").vocab)
    assert (rich.text, bare.text) == (TEXT, "Quiet")
    loaded = [(s.text, s.label_, s.id_) for s in rich.spans["loaded"]]
    assert loaded == [("death tax", "LOADED_TERM", "l"), ("tax,”", "ORG", "o")]
    assert [s.text for s in rich.spans["entity"]] == ["Ana Ní Bhriain"]
    assert list(bare.spans["quote"]) == []


def test_seqeval_reads_the_tags_as_entities(tmp_path: Path) -> None:
    from seqeval.metrics.sequence_labeling import get_entities

    write("conll", tmp_path)
    lines = (tmp_path / "data" / "train.entity.conll").read_text("utf-8").split("\n")
    tags = [line.split("\t")[3] for line in lines if line.count("\t") == 3]
    words = [line.split("\t")[0] for line in lines if line.count("\t") == 3]
    (entity,) = get_entities(tags)
    kind, first, last = entity
    assert (kind, words[first : last + 1]) == ("PERSON", ["Ana", "Ní", "Bhriain"])


def test_pandas_reads_a_row_a_span(tmp_path: Path) -> None:
    import pandas as pd

    write("csv", tmp_path)
    table = pd.read_csv(tmp_path / "data" / "train.csv")
    marked = table[table["label"].notna()]
    assert len(marked) == 5
    for row in marked.itertuples():
        text = row.passage_text
        assert text[int(row.start) : int(row.end)] == row.text.removeprefix("'")


def test_a_plain_csv_reader_meets_no_formula(tmp_path: Path) -> None:
    write("csv", tmp_path)
    for path in (tmp_path / "data").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_the_w3c_file_is_one_json_document_with_the_standards_parts(tmp_path: Path) -> None:
    write("w3c", tmp_path)
    collection = json.loads((tmp_path / "data" / "train.jsonld").read_text("utf-8"))
    assert collection["@context"] == "http://www.w3.org/ns/anno.jsonld"
    assert collection["type"] == "AnnotationCollection"
    page = collection["first"]
    assert (page["type"], page["startIndex"]) == ("AnnotationPage", 0)
    assert collection["total"] == len(page["items"]) == 10
    ids = {item["id"] for item in page["items"]}
    assert len(ids) == 10
    for item in page["items"]:
        assert item["type"] == "Annotation"
        assert item["motivation"] in {"describing", "tagging", "linking", "classifying"}
        assert item["target"]
        assert item["body"]
    spans = [item for item in page["items"] if item["motivation"] == "tagging"]
    for span in spans:
        place, quote = span["target"]["selector"]
        assert TEXT[place["start"] : place["end"]] == quote["exact"]
        assert (quote["prefix"] + quote["exact"] + quote["suffix"]) in TEXT
    (link, _) = [item for item in page["items"] if item["motivation"] == "linking"]
    assert link["target"] in ids


def test_doccano_and_prodigy_lines_have_their_documented_shape(tmp_path: Path) -> None:
    write("doccano", tmp_path / "doccano")
    write("prodigy", tmp_path / "prodigy")
    doccano, prodigy = (
        [json.loads(line) for line in path.read_bytes().splitlines()]
        for path in (tmp_path / name / "data" / "train.jsonl" for name in ("doccano", "prodigy"))
    )
    ids = [entity["id"] for line in doccano for entity in line["entities"]]
    assert len(set(ids)) == len(ids) == 5
    for line in doccano:
        places = [[e["start_offset"], e["end_offset"], e["label"]] for e in line["entities"]]
        assert line["label"] == places
        for relation in line["relations"]:
            assert {relation["from_id"], relation["to_id"]} <= set(ids)
    for line in prodigy:
        text, tokens = line["text"], line["tokens"]
        assert [token["id"] for token in tokens] == list(range(len(tokens)))
        assert all(text[t["start"] : t["end"]] == t["text"] for t in tokens)
        for span in line["spans"]:
            first, last = tokens[span["token_start"]], tokens[span["token_end"]]
            assert first["start"] <= span["start"] < span["end"] <= last["end"]
        for relation in line["relations"]:
            assert relation["head"] == relation["head_span"]["token_end"]
            assert relation["child_span"] in line["spans"]
        assert isinstance(line["_input_hash"], int)
        assert line["answer"] == "accept"


def test_brats_text_is_the_passage_and_its_marks_fit(tmp_path: Path) -> None:
    write("brat", tmp_path)
    folder = tmp_path / "train"
    text = (folder / "p-rich.txt").read_bytes().decode("utf-8")
    assert text == TEXT
    marks = [line for line in (folder / "p-rich.ann").read_text("utf-8").split("\n") if line]
    for line in marks:
        if line.startswith("T"):
            _, place, words = line.split("\t")
            fragments = [part.split(" ") for part in place.split(" ", 1)[1].split(";")]
            assert " ".join(text[int(a) : int(b)] for a, b in fragments) == words
    assert any(";" in line for line in marks if line.startswith("T"))
    conf = (folder / "annotation.conf").read_text("utf-8")
    for section in ("[entities]", "[relations]", "[events]", "[attributes]"):
        assert section in conf
    assert "loaded-ORG" in conf
