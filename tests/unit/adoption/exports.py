"""An odd project of Label Studio: its config, its tasks, and ways to write results for it."""

import json
from typing import Any

from labeling.adoption.config import read_config
from labeling.adoption.export import Export
from labeling.adoption.scheme import AdoptedScheme, Found, adopted_scheme

CONFIG = """<View>
  <Header value="Mark what you see"/>
  <Relations><Relation value="works_for"/></Relations>
  <Labels name="ner" toName="article">
    <Label value="PER" alias="Person"/><Label value="ORG" background="red"/></Labels>
  <HyperTextLabels name="text" toName="article"><Label value="CLAIM"/></HyperTextLabels>
  <Text name="article" value="$body"/>
  <Text name="teaser" value="$teaser"/>
  <Labels name="marks, all" toName="article,teaser"><Label value="X"/></Labels>
  <Labels name="there" toName="teaser"><Label value="T"/></Labels>
  <View visibleWhen="region-selected" whenTagName="ner">
    <Choices name="role" toName="article" perRegion="true"><Choice value="lead"/></Choices>
  </View>
  <TextArea name="why" toName="article" perRegion="true" maxSubmissions="1"/>
  <Choices name="tone" toName="article"><Choice value="calm"/></Choices>
  <Taxonomy name="topic" toName="article">
    <Choice value="News"><Choice value="World"/></Choice></Taxonomy>
  <Rating name="stars" toName="article"/>
  <Number name="count" toName="article"/>
  <DateTime name="day" toName="article"/>
  <Choices name="empty" toName="article" value="$options"/>
  <Image name="photo" value="$photo"/>
  <RectangleLabels name="boxes" toName="photo"><Label value="Face"/></RectangleLabels>
</View>"""

TEXT = "Ada met\r\nBob at  Acme 🙂."


def adopted(*results: list[Any], config: str = CONFIG) -> AdoptedScheme:
    foreign = read_config(config)
    found = Found(foreign)
    for result in results:
        found.note(result)
    return adopted_scheme(foreign, found)


def region(
    start: Any = 0, end: Any = 3, labels: Any = None, key: Any = "r", **more: Any
) -> dict[str, Any]:
    value = {"start": start, "end": end, "labels": ["Person"] if labels is None else labels}
    return {"id": key, "from_name": "ner", "to_name": "article", "type": "labels"} | {
        "value": value,
        **more,
    }


def answer(name: str, kind: str, given: Any, key: Any = "r", **more: Any) -> dict[str, Any]:
    value = {"text" if kind == "textarea" else kind: given}
    return {
        "id": key,
        "from_name": name,
        "to_name": "article",
        "type": kind,
        "value": value,
        **more,
    }


def relation(source: Any = "r", target: Any = "s", **more: Any) -> dict[str, Any]:
    return {"type": "relation", "from_id": source, "to_id": target, "direction": "right", **more}


def annotation(result: Any = (), completed_by: Any = 1, **more: Any) -> dict[str, Any]:
    result = list(result) if isinstance(result, tuple) else result
    return {"id": 5, "completed_by": completed_by, "result": result, **more}


def task(*annotations: Any, data: Any = None, key: Any = 1, **more: Any) -> dict[str, Any]:
    data = {"body": TEXT} if data is None else data
    return {"id": key, "data": data, "annotations": list(annotations), **more}


def export(*tasks: Any, config: str = CONFIG) -> Export:
    return Export(json.dumps(list(tasks)), config)
