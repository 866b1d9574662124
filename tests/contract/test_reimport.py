"""A release as Label Studio JSON goes into a real Label Studio again, with all its spans."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from labeling.annotations import parse_result
from labeling.datasets.formats import load_format
from labeling.datasets.formats.base import gold_of
from labeling.scheme import read_scheme
from labeling.studio.gateway import ProjectSpec
from labeling.studio.sdk_gateway import SdkGateway
from tests.unit.formats.records import SPEC, Folder, bare_record, rich_record

if TYPE_CHECKING:
    from pathlib import Path

    from tests.studio_server import StudioServer

CONFIG = """<View>
  <Labels name="entity" toName="text"><Label value="PERSON"/><Label value="ORG"/></Labels>
  <Labels name="quote" toName="text"><Label value="QUOTE"/><Label value="SPEAKER"/></Labels>
  <Labels name="loaded" toName="text"><Label value="LOADED_TERM"/><Label value="ORG"/></Labels>
  <Relations><Relation value="said_by"/><Relation value="about"/></Relations>
  <Text name="text" value="$text"/>
  <Choices name="kind" toName="text" perRegion="true" whenTagName="quote">
    <Choice value="direct"/><Choice value="partial"/>
  </Choices>
  <Choices name="tone" toName="text" choice="multiple" perRegion="true" whenTagName="loaded">
    <Choice value="calm"/><Choice value="sharp"/>
  </Choices>
  <TextArea name="alternative" toName="text" perRegion="true" whenTagName="loaded"/>
  <Choices name="stance" toName="text" choice="multiple">
    <Choice value="for"/><Choice value="against"/>
  </Choices>
</View>"""


@pytest.mark.studio
def test_a_real_server_takes_an_export_and_gives_every_span_back(
    studio_server: StudioServer, tmp_path: Path
) -> None:
    records = [rich_record(), bare_record()]
    losses = load_format("label-studio").write(records, Folder(tmp_path), SPEC)
    assert losses.count("overlap") == 0
    studio = SdkGateway(studio_server.url, studio_server.token)
    project = studio.create_project(ProjectSpec("Again", CONFIG, "", "again-1")).id
    for path in sorted((tmp_path / "data").glob("*.json")):
        studio.import_tasks(project, path.read_bytes())
    scheme = read_scheme(CONFIG)
    tasks = {t.data["uid"]: t for page in studio.iter_tasks(project, since=None) for t in page}
    assert len(tasks) == 2
    for record in records:
        task = tasks[record["passage"]["uid"]]
        assert task.data["text"] == record["passage"]["text"]
        (answer,) = task.annotations
        read = parse_result(answer.result, record["passage"]["text"], scheme)
        assert read.set_aside == ()
        gold = gold_of(record)
        assert sorted((s.layer, s.label, s.start, s.end, s.attrs) for s in read.spans) == sorted(
            (s["layer"], s["label"], s["start"], s["end"], s["attrs"]) for s in gold["spans"]
        )
        texts = {s.id: (s.start, s.end) for s in read.spans}
        wanted = {s["id"]: (s["start"], s["end"]) for s in gold["spans"]}
        assert {(texts[r.from_id], r.label, texts[r.to_id]) for r in read.relations} == {
            (wanted[r["from"]], r["label"], wanted[r["to"]]) for r in gold["relations"]
        }
        assert {c.layer: sorted(c.values) for c in read.choices} == {
            c["layer"]: sorted(c["values"]) for c in gold["choices"]
        }
