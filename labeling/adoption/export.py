"""A JSON export of Label Studio, Community or Enterprise, old or new, task by task.

The file's text is held whole, and one task of it at a time: memory is the file and no more.
What is no task or no annotation is given back as it is, for the reader to set aside.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from labeling.adoption.config import read_config, text_in
from labeling.adoption.results import read_result
from labeling.adoption.scheme import Found, adopted_scheme
from labeling.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from labeling.adoption.config import ForeignConfig
    from labeling.adoption.scheme import AdoptedScheme
    from labeling.types import ParsedAnnotation, RawTask

LARGEST_ID = 2**31 - 1
_BLANK = re.compile(r"[\s,]*")
_LONGEST_NUMBER = 300


@dataclass(frozen=True, slots=True)
class Person:
    """Who made an annotation, as far as the file tells.

    ``key`` is the same for the same person throughout the file. ``number`` is Label Studio's
    id of the account; ``email`` is empty where the file has none.
    """

    key: str
    number: int | None = None
    email: str = ""


@dataclass(frozen=True, slots=True)
class ExportedAnnotation:
    """One annotation of the file; ``raw`` is its whole JSON object."""

    ls_id: int | None
    person: Person
    was_cancelled: bool
    created_at: str
    updated_at: str
    lead_time: float | None
    result: list[Any]
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ExportedTask:
    """One task of the file, by its place ``n`` from 0; ``odd``: what is no annotation in it."""

    n: int
    ls_task_id: int | None
    data: Mapping[str, Any]
    annotations: tuple[ExportedAnnotation, ...]
    odd: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadAnnotation:
    """An annotation with what it says."""

    annotation: ExportedAnnotation
    parsed: ParsedAnnotation


@dataclass(frozen=True, slots=True)
class ReadTask:
    """A task with its text and what was said about it; ``problem``: why there is no text."""

    task: ExportedTask
    text: str
    problem: str
    annotations: tuple[ReadAnnotation, ...]


class Export:
    """An export and the label config of its project.

    Args:
        text: the file's text.
        config_xml: the project's label config.

    Raises:
        ExportError: the file is no JSON export with tasks.
        SchemeError: the config is not XML, or shows no text.
    """

    def __init__(self, text: str, config_xml: str) -> None:
        self._text = text
        survey = Survey(read_config(config_xml))
        for task in export_tasks(text):
            survey.note(task)
        self.adopted: AdoptedScheme = survey.scheme()
        self.people = tuple(survey.people.values())
        self.most_annotators = survey.most_annotators

    def tasks(self) -> Iterator[ReadTask]:
        """Every task in the order of the file; annotations of a task without text are not read."""
        for task in self.unread_tasks():
            yield read_task(task, self.adopted)

    def unread_tasks(self) -> Iterator[ExportedTask]:
        """The same tasks, for whoever reads their annotations otherwise."""
        return export_tasks(self._text)


class Survey:
    """What must be known of all tasks before the first can be read.

    ``people`` holds everybody who annotated, in the order in which they first appear.
    """

    def __init__(self, foreign: ForeignConfig) -> None:
        self._foreign = foreign
        self._found = Found(foreign)
        self.people: dict[str, Person] = {}
        self.most_annotators = 0

    def note(self, task: ExportedTask) -> None:
        """Look at one task."""
        here: set[str] = set()
        for annotation in task.annotations:
            self._found.note(annotation.result)
            known = self.people.get(annotation.person.key)
            if known is None or (annotation.person.email and not known.email):
                self.people[annotation.person.key] = annotation.person
            here.add(annotation.person.key)
        self.most_annotators = max(self.most_annotators, len(here))

    def scheme(self) -> AdoptedScheme:
        """The scheme of all that was looked at."""
        return adopted_scheme(self._foreign, self._found)


def read_task(task: ExportedTask, adopted: AdoptedScheme) -> ReadTask:
    """Read one task by the scheme of its project."""
    text, problem = text_in(task.data, adopted.foreign.text)
    read = () if problem else task.annotations
    return ReadTask(
        task,
        text,
        problem,
        tuple(ReadAnnotation(one, read_result(one.result, text, adopted)) for one in read),
    )


def export_tasks(text: str) -> Iterator[ExportedTask]:
    """The tasks of an export.

    Raises:
        ExportError: it is not JSON, or nothing in it is a task of Label Studio.
    """
    odd: Any = None
    tasks = 0
    for n, item in enumerate(_items(text)):
        task = _task(n, item)
        if task is None:
            odd = odd or item
            task = ExportedTask(n, None, {}, (), (item,))
        else:
            tasks += 1
        yield task
    if not tasks:
        raise _no_tasks(odd)


def listed_task(raw: RawTask, n: int) -> ExportedTask:
    """A task as a server lists it, in the same form."""
    return ExportedTask(
        n,
        raw.ls_task_id,
        raw.data,
        tuple(
            ExportedAnnotation(
                one.ls_id,
                person_of(one.completed_by, 1),
                one.was_cancelled,
                one.created_at,
                one.updated_at,
                one.lead_time,
                one.result,
                one.raw,
            )
            for one in raw.annotations
        ),
    )


def person_of(told: object, nth: int) -> Person:
    """Who ``completed_by`` tells of; ``nth``: which nameless one of its task this would be."""
    if isinstance(told, dict):
        email = told.get("email")
        email = email.strip().lower() if isinstance(email, str) else ""
        number = _number(told.get("id"))
        if number is not None:
            return Person(f"id:{number}", number, email)
        told = email or told.get("username")
    number = _number(told)
    if number is not None:
        return Person(f"id:{number}", number)
    if isinstance(told, str) and told.strip():
        name = told.strip().lower()
        return Person(f"name:{name}", None, name if "@" in name else "")
    return Person(f"nth:{nth}")


def _items(text: str) -> Iterator[Any]:
    """The members of the file's list, or its objects one after the other."""
    decoder = json.JSONDecoder(parse_constant=str, parse_float=_float, parse_int=_int, strict=False)
    at = _skip(text, 1 if text.startswith("\ufeff") else 0)
    inside = text.startswith("[", at)
    at = _skip(text, at + inside)
    while at < len(text) and not (inside and text[at] == "]"):
        try:
            item, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as err:
            line = text.count("\n", 0, getattr(err, "pos", at)) + 1
            raise ExportError(
                f"line {line}: the file is not JSON that can be read ({type(err).__name__})",
                remedy="Export the project again as JSON; was the file cut off?",
            ) from None
        at = _skip(text, at)
        yield item
    if inside and at >= len(text):
        raise ExportError(
            "the file ends in the middle of its list",
            remedy="Export the project again as JSON; was the file cut off?",
        )


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _float(literal: str) -> float | str:
    """No store holds a number beyond all numbers; it stays as the word that was written."""
    value = float(literal)
    return value if math.isfinite(value) else literal


def _int(literal: str) -> int | str:
    return int(literal) if len(literal) <= _LONGEST_NUMBER else literal


def _task(n: int, item: object) -> ExportedTask | None:
    if not isinstance(item, dict) or not isinstance(item.get("data"), dict):
        return None
    listed = item.get("annotations")
    if listed is None:
        listed = item.get("completions")
    annotations: list[ExportedAnnotation] = []
    odd: list[Any] = [] if listed is None or isinstance(listed, list) else [listed]
    nameless = 0
    for entry in listed if isinstance(listed, list) else ():
        annotation = _annotation(entry, nameless + 1)
        if annotation is None:
            odd.append(entry)
            continue
        nameless += annotation.person.key.startswith("nth:")
        annotations.append(annotation)
    return ExportedTask(n, _number(item.get("id")), item["data"], tuple(annotations), tuple(odd))


def _annotation(entry: object, nth: int) -> ExportedAnnotation | None:
    if not isinstance(entry, dict):
        return None
    result = entry.get("result")
    if result is not None and not isinstance(result, list):
        return None
    lead_time = entry.get("lead_time")
    return ExportedAnnotation(
        ls_id=_number(entry.get("id")),
        person=person_of(entry.get("completed_by"), nth),
        was_cancelled=bool(entry.get("was_cancelled")),
        created_at=_time(entry.get("created_at")),
        updated_at=_time(entry.get("updated_at")),
        lead_time=float(lead_time) if isinstance(lead_time, int | float) else None,
        result=result or [],
        raw=entry,
    )


def _number(told: object) -> int | None:
    """An id that the store has room for."""
    if isinstance(told, str) and told.isascii() and told.isdigit():
        told = int(told)
    return told if type(told) is int and 0 <= told <= LARGEST_ID else None


def _time(told: object) -> str:
    """A time in the one form that sorts; empty where the file tells none."""
    try:
        if isinstance(told, str):
            moment = datetime.fromisoformat(told)
        elif isinstance(told, int | float):
            moment = datetime.fromtimestamp(told, UTC)
        else:
            return ""
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    except (ValueError, OverflowError, OSError):
        return ""


def _no_tasks(odd: Any) -> ExportError:
    if isinstance(odd, dict) and {"annotator", "annotation_id"} & odd.keys():
        return ExportError(
            "this is a JSON_MIN export, which tells neither regions' ids nor what was skipped",
            remedy="Export the project again with the format JSON.",
        )
    if odd is None:
        return ExportError(
            "the file holds no task", remedy="Export the project again with the format JSON."
        )
    return ExportError(
        "nothing in the file is a task of Label Studio with its data and annotations",
        remedy="Export the project with the format JSON.",
    )
