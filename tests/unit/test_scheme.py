"""A label config becomes a typed scheme, or an error that names the line and the remedy."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.errors import SchemeError
from labeling.scheme import guideline_html, path_steps, path_text, read_scheme
from labeling.types import Attribute, Layer

SMALL = """<View>
  <Labels name="entity" toName="text">
    <Label value="PERSON"/>
    <Label value="ORG"/>
  </Labels>
  <Text name="text" value="$text"/>
</View>"""

RICH = """<View>
  <Header value="Headline: $headline"/>
  <Text name="around" value="$context"/>
  <Relations><Relation value="said_by"/><Relation value="about"/><Relation/></Relations>
  <Filter name="find" toName="entity"/>
  <Labels name="entity" toName="text"><Label value="PERSON" hotkey="$"/></Labels>
  <HyperTextLabels name="quote" toName="text">
    <Label value="Quotation" alias="QUOTE"/>
  </HyperTextLabels>
  <Text name="text" value="$text"/>
  <View visibleWhen="region-selected" whenTagName="quote">
    <View><Choices name="kind" toName="text" perRegion="true">
      <Choice value="direct"/><Choice value="in part" alias="partial"/>
    </Choices></View>
  </View>
  <TextArea name="note" toName="text" perRegion="True" maxSubmissions="1"
    whenTagName="entity,quote"/>
  <TextArea name="notes" toName="text" perRegion="true"/>
  <View visibleWhen="choice-selected" whenTagName="kind">
    <Rating name="sure" toName="text" perRegion="true"/>
  </View>
  <Choices name="tone" toName="text" choice="multiple">
    <Choice value="calm"/><Choice value="loud"/>
  </Choices>
  <Taxonomy name="topic" toName="around">
    <Choice value="World"><Choice value="Talks" alias="t"/></Choice>
  </Taxonomy>
  <Number name="score" toName="text" perRegion="true"/>
</View>"""


def refused(config: str) -> SchemeError:
    with pytest.raises(SchemeError) as caught:
        read_scheme(config)
    assert caught.value.remedy
    return caught.value


def small(old: str, new: str) -> str:
    assert old in SMALL
    return SMALL.replace(old, new)


def test_a_labels_control_becomes_a_span_layer() -> None:
    scheme = read_scheme(SMALL)
    assert scheme.layers == (Layer("entity", "spans", ("PERSON", "ORG")),)
    assert scheme.relations == ()
    assert scheme.variables == ("text",)


def test_a_rich_config_gives_its_layers_in_document_order() -> None:
    layers = read_scheme(RICH).layers
    assert [(layer.name, layer.kind, layer.labels) for layer in layers] == [
        ("entity", "spans", ("PERSON",)),
        ("quote", "spans", ("QUOTE",)),
        ("tone", "choice", ("calm", "loud")),
        ("topic", "choice", ("World", "World / t")),
    ]


def test_a_per_region_question_belongs_to_the_layer_that_shows_it_else_to_all() -> None:
    entity, quote, *_ = read_scheme(RICH).layers
    kind = Attribute("kind", ("direct", "partial"))
    note = Attribute("note", (), kind="textarea")
    notes = Attribute("notes", (), multiple=True, kind="textarea")
    sure = Attribute("sure", (), kind="rating")
    score = Attribute("score", (), kind="number")
    assert entity.attributes == (note, notes, sure, score)
    assert quote.attributes == (kind, note, notes, sure, score)


def test_relations_and_variables_are_told_once_each() -> None:
    scheme = read_scheme(RICH)
    assert scheme.relations == ("said_by", "about")
    assert scheme.variables == ("headline", "context", "text")


def test_the_sha_changes_with_config_or_guideline_and_only_then() -> None:
    shas = {
        read_scheme(SMALL).sha,
        read_scheme(SMALL, "Be kind.").sha,
        read_scheme(SMALL + "\n").sha,
        read_scheme(SMALL).sha,
    }
    assert len(shas) == 3


def test_a_byte_order_mark_and_an_encoding_declaration_do_no_harm() -> None:
    config = '\ufeff<?xml version="1.0" encoding="latin-1"?>' + small("ORG", "Ü")
    assert read_scheme(config).layers[0].labels == ("PERSON", "Ü")


@pytest.mark.parametrize(
    ("config", "says"),
    [
        (small("</Labels>", ""), "line 7: the label config is not well-formed XML"),
        (small("PERSON", "\ud800"), "line 3: the label config is not well-formed XML"),
        ("", "line 1: the label config is not well-formed XML"),
        (
            small("<View>", "<!DOCTYPE a [<!ENTITY b 'c'>]>\n<View>"),
            "line 1: the label config decl",
        ),
        (small("<View>", "<View>&b;"), "line 1: the label config is not well-formed XML"),
        (SMALL.replace("Labels", "View").replace("Label", "View"), "is of a kind"),
        ('<View><Text name="text" value="$text"/></View>', "has no control"),
        (
            small('name="entity"', 'name="text"'),
            'line 6: the name "text" is already taken by <Labels>',
        ),
        (
            small('toName="text"', 'toName="txt"'),
            'line 2: the control <Labels name="entity"> points',
        ),
        (small('toName="text"', ""), 'points with toName="" to no object'),
        (small('toName="text"', 'toName="entity"'), "to no object"),
        (small('name="entity"', ""), "has no name"),
        (small("ORG", "PERSON"), 'line 4: "entity" has a <Label> "PERSON" twice'),
        (small('value="ORG"', ""), 'line 4: "entity" has a <Label> without a value'),
        (small('<Text name="text" value="$text"/>', ""), 'no <Text name="text">'),
        (small('<Text name="text"', '<HyperText name="text"'), 'no <Text name="text">'),
        (small("$text", "$body"), 'line 6: the object "text" does not show $text'),
        (small("</View>", '<Text name="more"/></View>'), 'object <Text name="more"> has no value'),
        (small("</View>", '<Header value="$title"/></View>'), "line 7: the tasks carry no $title"),
        (
            small("<Labels", '<Text name="b" value="$context"/><Labels').replace(
                'toName="text"', 'toName="b"'
            ),
            "labels another object than the passage",
        ),
        (
            small(
                "</View>",
                '<Choices name="c" toName="text" whenTagName="x" perRegion="true"/></View>',
            ),
            '"c" offers nothing to choose',
        ),
        (
            small(
                "</View>",
                '<Rating name="r" toName="text" whenTagName="x" perRegion="true"/></View>',
            ),
            'line 7: whenTagName="x" names no control',
        ),
        (small("</View>", '<VideoRectangle name="v" toName="text"/></View>'), "cannot be read"),
        (small("</View>", "<View>" * 64 + "</View>" * 65), "nested deeper than 64 levels"),
        (SMALL + " " * 500_000, "longer than 500,000 characters"),
    ],
)
def test_a_config_that_cannot_be_used_is_refused_with_its_reason(config: str, says: str) -> None:
    assert says in refused(config).message


def test_an_entity_bomb_is_refused_before_it_grows() -> None:
    bomb = '<!DOCTYPE v [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {name} "{f"&{below};" * 10}">'
        for below, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    begun = time.perf_counter()
    assert "document type" in refused(f"{bomb}]><View>&i;</View>").message
    assert time.perf_counter() - begun < 1


def test_no_file_is_read_for_an_external_entity() -> None:
    config = '<!DOCTYPE v [<!ENTITY a SYSTEM "file:///etc/hostname">]><View>&a;</View>'
    assert "document type" in refused(config).message


@given(st.text(alphabet='<>/&;"=! \nVaiewLblsToNm$text[]', max_size=80))
def test_any_text_is_a_scheme_or_a_scheme_error(config: str) -> None:
    with pytest.raises(SchemeError):
        read_scheme(config)


@given(st.lists(st.text(alphabet="ab c", min_size=1), min_size=1))
def test_a_taxonomy_path_can_be_taken_apart_again(steps: list[str]) -> None:
    assert path_steps(path_text(steps)) == steps


def test_a_guideline_becomes_html() -> None:
    html = guideline_html("# Labels\n\n- **PERSON** is a *name*\n\n|a|b|\n|-|-|\n|1|`2`|\n")
    for part in (
        "<h1>Labels</h1>",
        "<li><strong>PERSON</strong>",
        "<em>",
        "<td>",
        "<code>2</code>",
    ):
        assert part in html


def test_a_guideline_brings_its_own_style_sheet_which_reaches_nothing_else() -> None:
    html = guideline_html("- PERSON")
    assert html.startswith("<style>")
    assert '</style>\n<div class="guideline">' in html
    for rule in html.split("</style>")[0].splitlines()[1:]:
        assert rule.startswith(".guideline ")


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)>",
        "[go](javascript:alert(1))",
        "[go](data:text/html;base64,PHNjcmlwdD4=)",
        "![pixel](https://elsewhere.example/p.gif)",
        "<style>body{display:none}</style>",
    ],
)
def test_a_guideline_cannot_carry_code_or_images(hostile: str) -> None:
    html = guideline_html(hostile).split("</style>", 1)[1]
    for forbidden in ("<script", "<img", "<style", 'href="javascript', 'href="data'):
        assert forbidden not in html


@pytest.mark.parametrize(
    ("config", "room"),
    [
        (small('name="entity"', f'name="{"n" * 81}"'), 80),
        (small('value="ORG"', f'value="{"l" * 121}"'), 120),
        (small('value="ORG"', f'value="Org" alias="{"l" * 121}"'), 120),
        (small("<Text", f'<Relations><Relation value="{"r" * 121}"/></Relations><Text'), 120),
        (small("<Text", f'<Rating name="{"n" * 81}" toName="text" perRegion="true"/><Text'), 80),
    ],
)
def test_a_word_longer_than_the_store_has_room_for_is_refused(config, room):
    error = refused(config)
    assert error.message.startswith("line ")
    assert f"there is room for {room}" in error.message


def test_words_that_just_fit_are_taken():
    config = small('name="entity"', f'name="{"n" * 80}"').replace("ORG", "l" * 120)
    relations = f'<Relations><Relation value="{"r" * 120}"/></Relations><Text'
    scheme = read_scheme(config.replace("<Text", relations))
    assert [layer.name for layer in scheme.layers] == ["n" * 80]
    assert scheme.relations == ("r" * 120,)
