"""Results as Label Studio sends them, for a scheme with every kind of control."""

from typing import Any

from labeling.annotations import parse_result
from labeling.scheme import read_scheme
from labeling.types import ParsedAnnotation

SCHEME = read_scheme("""<View>
  <Relations><Relation value="said_by"/><Relation value="about"/></Relations>
  <Labels name="entity" toName="text"><Label value="PERSON"/><Label value="ORG"/></Labels>
  <Labels name="quote" toName="text"><Label value="QUOTE"/><Label value="SPEAKER"/></Labels>
  <Text name="text" value="$text"/>
  <View visibleWhen="region-selected" whenTagName="quote">
    <Choices name="kind" toName="text" perRegion="true">
      <Choice value="direct"/><Choice value="partial"/></Choices>
    <Choices name="flags" toName="text" perRegion="true" choice="multiple">
      <Choice value="open"/><Choice value="nested"/></Choices>
    <TextArea name="note" toName="text" perRegion="true" maxSubmissions="1"/>
    <Rating name="sure" toName="text" perRegion="true"/>
    <Taxonomy name="topic" toName="text" perRegion="true">
      <Choice value="A"><Choice value="B"/></Choice></Taxonomy>
  </View>
  <Choices name="tone" toName="text"><Choice value="calm"/><Choice value="loud"/></Choices>
  <TextArea name="remark" toName="text"/>
  <Rating name="stars" toName="text"/>
</View>""")

TEXT = "🙂 “We won’t pay,” said Ada Lovelace.\nShe left."


def region(
    name: str = "quote", label: str = "QUOTE", key: Any = "q", **value: Any
) -> dict[str, Any]:
    place = {"start": 2, "end": 17, "labels": [label], **value}
    return {"id": key, "from_name": name, "to_name": "text", "type": "labels", "value": place}


def answer(name: str, kind: str, given: Any, key: Any = "q") -> dict[str, Any]:
    place = {"start": 2, "end": 17, "text" if kind == "textarea" else kind: given}
    return {"id": key, "from_name": name, "type": kind, "value": place}


def relation(source: Any = "q", target: Any = "s", **more: Any) -> dict[str, Any]:
    link = {"from_id": source, "to_id": target, "direction": "right", "labels": ["said_by"]}
    return {"type": "relation", **link, **more}


SPEAKER = region(label="SPEAKER", key="s", start=23, end=35)


def parsed(*items: Any) -> ParsedAnnotation:
    return parse_result(list(items), TEXT, SCHEME)


def aside(*items: Any) -> list[tuple[int, str]]:
    found = parsed(*items).set_aside
    assert all(entry.raw is items[entry.index] and entry.reason for entry in found)
    return [(entry.index, entry.kind) for entry in found]
