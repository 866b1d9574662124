"""Files that were cut, changed or never ours are refused with the place; odd records are told."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from labeling.datasets.formats import docbin, load_format
from labeling.datasets.formats.base import FormatError, Losses, Spec
from labeling.datasets.formats.labels import LabelNames
from labeling.text.tokens import tokens_of
from labeling.types import Layer
from tests.unit.formats.records import SPEC, Folder, bare_record, rich_record

FILES = {
    "jsonl": "data/train.jsonl",
    "parquet": "data/train.parquet",
    "csv": "data/train.csv",
    "conll": "data/train.quote.conll",
    "docbin": "data/train-00000.spacy",
    "brat": "train/p-rich.ann",
    "label-studio": "data/train.json",
    "prodigy": "data/train.jsonl",
    "doccano": "data/train.jsonl",
    "w3c": "data/train.jsonld",
}


def write(name: str, folder: Path, *records: dict[str, Any], spec: Spec = SPEC) -> Losses:
    return load_format(name).write(records or (rich_record(),), Folder(folder), spec)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "edit",
    [
        lambda data: b"nothing of ours\tat all\n",
        lambda data: data[: len(data) * 2 // 3],
        lambda data: data.replace(b'"', b"").replace(b"0", b"x"),
    ],
    ids=["foreign", "cut", "garbled"],
)
def test_a_file_that_is_not_as_written_is_refused_with_its_name(
    name: str, edit: Any, tmp_path: Path
) -> None:
    write(name, tmp_path)
    path = tmp_path / FILES[name]
    whole = path.read_bytes()
    path.write_bytes(edit(whole))
    try:
        spans = sum(len(item.spans) for item in load_format(name).read(tmp_path))
    except FormatError as err:
        said = err.message
    else:
        # Where a cut falls between lines there is less to read, and the counts tell.
        said = f"{path.name} holds {spans}"
        assert spans < 5
    assert path.name in said


def test_a_json_line_that_is_no_record_is_refused(tmp_path: Path) -> None:
    write("jsonl", tmp_path)
    (tmp_path / FILES["jsonl"]).write_text("[]\n")
    with pytest.raises(FormatError, match=r"train\.jsonl, line 1"):
        list(load_format("jsonl").read(tmp_path))


def test_a_table_whose_numbers_are_words_is_refused(tmp_path: Path) -> None:
    write("csv", tmp_path)
    path = tmp_path / FILES["csv"]
    path.write_bytes(path.read_bytes().replace(b",QUOTE,2,", b",QUOTE,two,"))
    with pytest.raises(FormatError, match="passage p-rich"):
        list(load_format("csv").read(tmp_path))


def test_an_annotation_without_a_body_is_refused(tmp_path: Path) -> None:
    write("w3c", tmp_path)
    path = tmp_path / FILES["w3c"]
    path.write_bytes(path.read_bytes().replace(b'"body"', b'"bodies"'))
    with pytest.raises(FormatError, match="'body'"):
        list(load_format("w3c").read(tmp_path))


def test_layers_whose_files_tell_different_passages_are_refused(tmp_path: Path) -> None:
    write("conll", tmp_path)
    path = tmp_path / FILES["conll"]
    path.write_bytes(path.read_bytes().replace(b"p-rich", b"p-poor"))
    with pytest.raises(FormatError, match="not in every layer"):
        list(load_format("conll").read(tmp_path))


def test_a_formula_is_disarmed_in_the_file_and_whole_after_reading(tmp_path: Path) -> None:
    write("csv", tmp_path)
    raw = (tmp_path / FILES["csv"]).read_text("utf-8")
    assert ",'=Vote," in raw
    assert ",=Vote," not in raw


def test_excel_gets_its_mark_and_the_reader_does_not_mind(tmp_path: Path) -> None:
    write("csv", tmp_path, spec=Spec("news", SPEC.layers, excel=True))
    assert (tmp_path / FILES["csv"]).read_bytes().startswith(b"\xef\xbb\xbfpassage,")
    (item,) = load_format("csv").read(tmp_path)
    assert len(item.spans) == 5


def test_bilou_says_where_a_span_ends_and_iob2_where_it_begins(tmp_path: Path) -> None:
    write("conll", tmp_path / "iob2")
    write("conll", tmp_path / "bilou", spec=Spec("news", SPEC.layers, tags="bilou"))
    name = "data/train.loaded.conll"
    told = {
        form: [line.split("\t")[3] for line in text.splitlines() if line.count("\t") == 3]
        for form in ("iob2", "bilou")
        for text in [(tmp_path / form / name).read_text("utf-8")]
    }
    # Of the two that overlap, "tax,”" has more tokens than "death tax".
    assert [tag for tag in told["iob2"] if tag != "O"] == ["B-ORG", "I-ORG", "I-ORG"]
    assert [tag for tag in told["bilou"] if tag != "O"] == ["B-ORG", "I-ORG", "L-ORG"]
    one, two = (next(iter(load_format("conll").read(tmp_path / f))) for f in ("iob2", "bilou"))
    assert one == two


def test_a_span_of_one_token_has_a_tag_of_its_own_in_bilou(tmp_path: Path) -> None:
    record = bare_record("p-1", "train")
    span = {**rich_record()["gold"]["spans"][0], "start": 0, "end": 5, "text": "Quiet"}
    record["gold"] = {"spans": [span], "relations": [], "choices": []}
    write("conll", tmp_path, record, spec=Spec("news", SPEC.layers, tags="bilou"))
    assert "\tU-QUOTE\n" in (tmp_path / FILES["conll"]).read_text("utf-8")
    (item,) = load_format("conll").read(tmp_path)
    assert [(s["start"], s["end"]) for s in item.spans] == [(0, 5)]


def test_label_studio_has_no_place_for_a_layer_or_an_answer_nobody_asked(tmp_path: Path) -> None:
    record = rich_record()
    spans = {span["id"]: span for span in record["gold"]["spans"]}
    spans["q"]["attrs"] = {"mood": "calm"}
    spans["s"]["layer"] = "elsewhere"
    losses = write("label-studio", tmp_path, record)
    assert (losses.count("attributes"), losses.count("layer")) == (1, 1)
    (item,) = load_format("label-studio").read(tmp_path)
    assert len(item.spans) == 4
    assert [relation["label"] for relation in item.relations] == [""]


def test_the_same_label_of_two_layers_has_two_names() -> None:
    layers = (Layer("a b", "spans", ("X", "Y")), Layer("a_b", "spans", ("X",)))
    names = LabelNames(Spec("s", layers), plain=True)
    assert (names.of("a b", "X"), names.of("a b", "Y"), names.of("a_b", "X")) == (
        "a_b-X", "Y", "a_b-X_",
    )  # fmt: skip
    assert names.of("new", "Z") == "new-Z"
    assert names.all == ["a_b-X", "Y", "a_b-X_", "new-Z"]


def test_without_spacy_the_format_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(FormatError, match="needs spaCy") as caught:
        write("docbin", tmp_path)
    assert "pip install spacy" in caught.value.remedy


def test_many_passages_are_written_in_several_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docbin, "_DOCS", 2)
    monkeypatch.setattr(load_format("parquet"), "AT_ONCE", 2)
    records = [bare_record(f"p-{n}", "train") for n in range(4)]
    write("docbin", tmp_path, *records)
    write("parquet", tmp_path, *records)
    assert len(list((tmp_path / "data").glob("*.spacy"))) == 2
    for name in ("docbin", "parquet"):
        assert [item.id for item in load_format(name).read(tmp_path)] == [
            record["passage"]["uid"] for record in records
        ]


def test_a_span_of_a_layer_that_the_scheme_lost_is_kept_by_docbin(tmp_path: Path) -> None:
    record = rich_record()
    record["gold"]["spans"][0]["layer"] = "elsewhere"
    write("docbin", tmp_path, record)
    (item,) = load_format("docbin").read(tmp_path)
    assert len(item.spans) == 5


def test_only_twenty_examples_of_a_loss_are_told_and_all_are_counted() -> None:
    losses = Losses()
    for n in range(30):
        losses.add("overlap", "why", f"p-{n}")
    losses.add("none", "why", "p", 0)
    (loss,) = losses.report()
    assert (loss["count"], len(loss["examples"])) == (30, 20)


def test_tokens_keep_apostrophes_and_hyphens_and_cover_all_that_is_visible() -> None:
    text = "Don’t re-open 12 “shops”, 🙂!"
    assert [text[start:end] for start, end in tokens_of(text)] == [
        "Don’t", "re-open", "12", "“", "shops", "”", ",", "🙂", "!",
    ]  # fmt: skip
