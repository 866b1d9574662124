"""A scheme: what annotators are asked, read from a label config and a guideline.

The XML is read with the standard library's expat alone. That is enough to be safe, because
every known XML attack on it (entity bombs, external entities, fetched DTDs) needs a
document type declaration, and the first sight of one ends the reading; without one, expat
knows the five predefined entities and never opens a file or a connection.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.parsers import expat

from labeling.errors import SchemeError
from labeling.types import Attribute, Layer, Scheme

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TEXT_OBJECT = "text"
TASK_VARIABLES = ("uid", "text", "headline", "context", "notice", "round")
MAX_CONFIG_CHARS = 500_000
MAX_CONFIG_DEPTH = 64
# In code points, as the store has room for: of a layer or attribute, of a span or relation.
MAX_NAME_CHARS = 80
MAX_LABEL_CHARS = 120

SPAN_TAGS = frozenset({"Labels", "HyperTextLabels"})
ANSWER_TAGS = {
    "Choices": "choices",
    "Taxonomy": "taxonomy",
    "TextArea": "textarea",
    "Rating": "rating",
    "Number": "number",
    "DateTime": "datetime",
}
_HELPER_TAGS = frozenset({"Filter", "Shortcut"})
_GUIDELINE_STYLE = """<style>
.guideline { font-size: .95rem; line-height: 1.5; }
.guideline h1 { font-size: 1.4rem; line-height: 1.3; margin: 0 0 .75rem; }
.guideline h2 { font-size: 1.15rem; line-height: 1.3; margin: 1.6rem 0 .5rem; }
.guideline h3 { font-size: 1rem; line-height: 1.3; margin: 1rem 0 .4rem; }
.guideline p, .guideline ul, .guideline ol { margin: .5rem 0; }
.guideline ul { list-style: disc; padding-left: 1.4rem; }
.guideline ol { list-style: decimal; padding-left: 1.4rem; }
.guideline li { margin: .25rem 0; }
.guideline blockquote { margin: .75rem 0; padding-left: .9rem; border-left: 3px solid #8886; }
.guideline table { width: 100%; border-collapse: collapse; margin: .5rem 0 1rem; }
.guideline th, .guideline td { border: 1px solid #8886; padding: .3rem .6rem; }
.guideline th, .guideline td { text-align: left; vertical-align: top; }
</style>
"""
_VARIABLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True, slots=True, eq=False)
class Element:
    """One XML element; elements are kept as a flat list in document order."""

    tag: str
    attrs: dict[str, str]
    line: int
    parent: Element | None

    @property
    def name(self) -> str:
        """What other elements know it by; empty for most."""
        return self.attrs.get("name", "")

    @property
    def is_control(self) -> bool:
        """Whether annotators answer with it, in a way that can be read."""
        return self.tag in SPAN_TAGS or self.tag in ANSWER_TAGS

    @property
    def is_per_region(self) -> bool:
        """Whether it asks about a region instead of the whole."""
        return self.attrs.get("perRegion", "").lower() == "true"

    def ancestors(self) -> Iterator[Element]:
        """The elements around it, the innermost first."""
        above = self.parent
        while above is not None:
            yield above
            above = above.parent


def read_scheme(config_xml: str, guideline_md: str = "") -> Scheme:
    """Read a label config into a typed scheme, or say precisely what is wrong with it.

    Args:
        config_xml: the label config, as Label Studio takes it.
        guideline_md: the guideline in Markdown; it only takes part in the scheme's sha.

    Returns:
        The layers in document order, the relation labels, the task variables in use.

    Raises:
        SchemeError: the config cannot be used; the message names the line, the remedy says
            what to change.
    """
    elements = read_elements(config_xml)
    named = _named(elements)
    _check_text_object(named)
    for element in elements:
        _check_element(element, named)
    layers = _layers(elements, named)
    if not layers:
        raise SchemeError(
            "the label config has no control, so there is nothing to annotate",
            remedy=f'add for instance <Labels name="entity" toName="{TEXT_OBJECT}">',
        )
    return Scheme(
        layers=layers,
        relations=_relations(elements),
        variables=_variables(elements),
        sha=_sha(config_xml, guideline_md),
    )


def guideline_html(guideline_md: str) -> str:
    """Turn a guideline into the HTML a project shows as its instructions.

    HTML inside the Markdown is shown as text, links keep only harmless schemes, and images
    are left out: annotators' browsers shall not be sent to other servers. Label Studio takes
    every margin and list mark away in its pop-up (and every ``style`` attribute), so the
    guideline brings a small style sheet of its own.

    Args:
        guideline_md: Markdown (CommonMark with tables).

    Returns:
        HTML without scripts or images.
    """
    # Imported here, because only a push needs it and the web process never does.
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    return f'{_GUIDELINE_STYLE}<div class="guideline">\n{markdown.render(guideline_md)}</div>\n'


def path_text(steps: Sequence[str]) -> str:
    """Write a taxonomy's path, root first, as the one string that stands for it here."""
    return " / ".join(steps)


def path_steps(path: str) -> list[str]:
    """Undo ``path_text``."""
    return path.split(" / ")


def read_elements(config_xml: str) -> list[Element]:
    """Read the XML of any label config, without asking what it means.

    Raises:
        SchemeError: it is not well-formed, too long, too deep, or declares a document type.
    """
    if len(config_xml) > MAX_CONFIG_CHARS:
        raise SchemeError(
            f"the label config is longer than {MAX_CONFIG_CHARS:,} characters",
            remedy="split the scheme, or shorten its lists of labels",
        )
    elements: list[Element] = []
    open_elements: list[Element] = []
    parser = expat.ParserCreate("utf-8")

    def start(tag: str, attrs: dict[str, str]) -> None:
        if len(open_elements) == MAX_CONFIG_DEPTH:
            raise SchemeError(
                f"line {parser.CurrentLineNumber}: elements are nested deeper than "
                f"{MAX_CONFIG_DEPTH} levels",
                remedy="flatten the label config",
            )
        parent = open_elements[-1] if open_elements else None
        elements.append(Element(tag, attrs, parser.CurrentLineNumber, parent))
        open_elements.append(elements[-1])

    def end(_tag: str) -> None:
        open_elements.pop()

    def refuse_doctype(*_declaration: object) -> None:
        raise SchemeError(
            f"line {parser.CurrentLineNumber}: the label config declares a document type",
            remedy="take the <!DOCTYPE …> out; a label config needs none",
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = refuse_doctype
    try:
        parser.Parse(config_xml.removeprefix("\ufeff").encode("utf-8"), True)
    except (expat.ExpatError, UnicodeEncodeError) as error:
        line = getattr(error, "lineno", config_xml.count("\n", 0, getattr(error, "start", 0)) + 1)
        raise SchemeError(
            f"line {line}: the label config is not well-formed XML: {error}",
            remedy="close every tag, quote every attribute, and write & as &amp;",
        ) from error
    return elements


def _named(elements: list[Element]) -> dict[str, Element]:
    named: dict[str, Element] = {}
    for element in elements:
        if not element.name:
            continue
        if element.name in named:
            raise SchemeError(
                f'line {element.line}: the name "{element.name}" is already taken by '
                f"<{named[element.name].tag}> on line {named[element.name].line}",
                remedy="give every control and object a name of its own",
            )
        named[element.name] = element
    return named


def _check_text_object(named: dict[str, Element]) -> None:
    element = named.get(TEXT_OBJECT)
    if element is None or element.tag != "Text":
        raise SchemeError(
            f'the label config has no <Text name="{TEXT_OBJECT}">, the object that shows a passage',
            remedy=f'add <Text name="{TEXT_OBJECT}" value="${TEXT_OBJECT}"/>',
        )
    if element.attrs.get("value") != f"${TEXT_OBJECT}":
        raise SchemeError(
            f'line {element.line}: the object "{TEXT_OBJECT}" does not show ${TEXT_OBJECT}',
            remedy=f'write value="${TEXT_OBJECT}"',
        )


def _check_element(element: Element, named: dict[str, Element]) -> None:
    helper = element.tag in _HELPER_TAGS
    if element.is_control or ("toName" in element.attrs and not helper):
        _check_control(element, named)
    elif element.name and not helper and not element.attrs.get("value"):
        raise SchemeError(
            f'line {element.line}: the object <{element.tag} name="{element.name}"> has no value',
            remedy=f'write for instance value="${TASK_VARIABLES[2]}"',
        )
    for variable in _variables([element]):
        if variable not in TASK_VARIABLES:
            raise SchemeError(
                f"line {element.line}: the tasks carry no ${variable}",
                remedy="use only " + ", ".join(f"${name}" for name in TASK_VARIABLES),
            )


def _check_control(element: Element, named: dict[str, Element]) -> None:
    place = f'line {element.line}: the control <{element.tag} name="{element.name}">'
    if not element.is_control:
        raise SchemeError(
            f"{place} is of a kind whose answers cannot be read",
            remedy="use " + ", ".join(sorted(SPAN_TAGS | ANSWER_TAGS.keys())),
        )
    if not element.name:
        raise SchemeError(f"{place} has no name", remedy='add name="…", the key of the layer')
    _check_length(element, "name", element.name, MAX_NAME_CHARS)
    for target in element.attrs.get("toName", "").split(","):
        aim = named.get(target)
        if aim is None or aim.is_control:
            raise SchemeError(
                f'{place} points with toName="{target}" to no object of the config',
                remedy=f'write toName="{TEXT_OBJECT}"',
            )
    if element.tag in SPAN_TAGS and element.attrs["toName"] != TEXT_OBJECT:
        raise SchemeError(
            f"{place} labels another object than the passage",
            remedy=f'write toName="{TEXT_OBJECT}"; spans are kept for the passage alone',
        )


def _layers(elements: list[Element], named: dict[str, Element]) -> tuple[Layer, ...]:
    attributes: dict[str, list[Attribute]] = {
        element.name: [] for element in elements if element.tag in SPAN_TAGS
    }
    layers: list[tuple[str, str, tuple[str, ...]]] = []
    for element in elements:
        if element.tag in SPAN_TAGS:
            layers.append((element.name, "spans", _options(element, elements)))
        elif element.tag in ANSWER_TAGS and not element.is_per_region:
            layers.append((element.name, "choice", _options(element, elements)))
        elif element.tag in ANSWER_TAGS:
            attribute = _attribute(element, elements)
            for layer in _layers_asked(element, named) or tuple(attributes):
                attributes[layer].append(attribute)
    return tuple(
        Layer(name, kind, labels, tuple(attributes.get(name, ()))) for name, kind, labels in layers
    )


def _attribute(element: Element, elements: list[Element]) -> Attribute:
    kind = ANSWER_TAGS[element.tag]
    multiple = {
        "choices": element.attrs.get("choice") == "multiple",
        "taxonomy": True,
        "textarea": element.attrs.get("maxSubmissions") != "1",
    }.get(kind, False)
    return Attribute(element.name, _options(element, elements), multiple, kind)


def _layers_asked(element: Element, named: dict[str, Element]) -> tuple[str, ...]:
    """The span layers a per-region control is shown for; none when it is shown for all."""
    for asker in (element, *element.ancestors()):
        names = [name for name in asker.attrs.get("whenTagName", "").split(",") if name]
        for name in names:
            if name not in named:
                raise SchemeError(
                    f'line {asker.line}: whenTagName="{name}" names no control of the config',
                    remedy="write the name of the control that the question belongs to",
                )
        layers = tuple(name for name in names if named[name].tag in SPAN_TAGS)
        if layers:
            return layers
    return ()


def _options(control: Element, elements: list[Element]) -> tuple[str, ...]:
    """What a control offers; an option's alias is what Label Studio stores, where it has one."""
    tag = "Label" if control.tag in SPAN_TAGS else "Choice"
    options: dict[str, None] = {}
    for element in elements:
        owner = next((above for above in element.ancestors() if above.is_control), None)
        if element.tag != tag or owner is not control:
            continue
        option = option_text(element, control)
        if not option or option in options:
            raise SchemeError(
                f'line {element.line}: "{control.name}" has a <{tag}> '
                + (f'"{option}" twice' if option else "without a value"),
                remedy=f"give every <{tag}> of a control a value of its own",
            )
        if control.tag in SPAN_TAGS:
            _check_length(element, "label", option, MAX_LABEL_CHARS)
        options[option] = None
    if not options and (control.tag in SPAN_TAGS or control.tag in ("Choices", "Taxonomy")):
        raise SchemeError(
            f'line {control.line}: the control "{control.name}" offers nothing to choose',
            remedy=f'add <{tag} value="…"/> inside it',
        )
    return tuple(options)


def option_text(element: Element, control: Element) -> str:
    """What Label Studio stores when this option of a control is chosen."""
    own = element.attrs.get("alias") or element.attrs.get("value", "")
    if control.tag != "Taxonomy":
        return own
    above = [step for step in element.ancestors() if step.tag == "Choice"]
    steps = [step.attrs.get("alias") or step.attrs.get("value", "") for step in reversed(above)]
    return path_text([*steps, own])


def _relations(elements: list[Element]) -> tuple[str, ...]:
    labels: dict[str, None] = {}
    for element in elements:
        if element.tag == "Relation" and (label := element.attrs.get("value", "")):
            _check_length(element, "label", label, MAX_LABEL_CHARS)
            labels[label] = None
    return tuple(labels)


def _check_length(element: Element, what: str, text: str, most: int) -> None:
    if len(text) > most:
        raise SchemeError(
            f'line {element.line}: the {what} "{text[:30]}…" of <{element.tag}> has {len(text)} '
            f"characters, but there is room for {most}",
            remedy=f"shorten it to {most} characters",
        )


def _variables(elements: list[Element]) -> tuple[str, ...]:
    found = [
        name
        for element in elements
        for key, value in element.attrs.items()
        if key != "hotkey"
        for name in _VARIABLE.findall(value)
    ]
    return tuple(dict.fromkeys(found))


def _sha(config_xml: str, guideline_md: str) -> str:
    whole = config_xml.encode("utf-8") + b"\0" + guideline_md.encode("utf-8", "surrogatepass")
    return hashlib.sha256(whole).hexdigest()
