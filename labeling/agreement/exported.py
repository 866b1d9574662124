"""Agreement of any Label Studio export, without a store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labeling.adoption.export import Export, Person, ReadAnnotation, ReadTask
from labeling.agreement.answers import Answer
from labeling.agreement.comparison import compare
from labeling.agreement.report import ComparedPassage, contract, make_report
from labeling.agreement.rules import read_rules

ARTICLE_KEYS = ("article_uid", "article", "article_id", "document", "doc_id", "url")
"""Where a task's data may say which article it is of; the first that is there counts."""


@dataclass(frozen=True, slots=True)
class ExportAgreement:
    """The answer of ``agreement file``, and what had to be left out of it.

    Args:
        answer: the figures, as ``agreement show`` answers them.
        set_aside: items of results that could not be read.
        unreadable: tasks without a text.
    """

    answer: dict[str, Any]
    set_aside: int
    unreadable: int


def compare_export(
    text: str, config_xml: str, rules: Mapping[str, Any] | None = None
) -> ExportAgreement:
    """Compare the annotators of an export.

    Every task is a passage. Passages are of one article where their data says so, by one of
    ``ARTICLE_KEYS``; otherwise each is an article of its own.

    Args:
        text: the export, JSON.
        config_xml: the project's label config.
        rules: rules of comparison, as a scheme may bring them.

    Raises:
        ExportError: the file is no export.
        SchemeError: the config or the rules cannot be used.
    """
    export = Export(text, config_xml)
    scheme = export.adopted.scheme
    read = read_rules(rules, scheme)
    names = {person.key: _name(person) for person in export.people}
    passages: list[ComparedPassage] = []
    set_aside = unreadable = 0
    for task in export.tasks():
        unreadable += bool(task.problem)
        set_aside += sum(len(one.parsed.set_aside) for one in task.annotations)
        answers = _answers(task, names)
        if answers:
            counts = compare(answers, task.text, scheme, read).counts
            passages.append(ComparedPassage(_article(task), counts))
    own_names = {ours: theirs for theirs, ours in export.adopted.layers.items()}
    answer = contract(make_report(passages, scheme.layers))
    answer["layers"] = {own_names[name]: layer for name, layer in answer["layers"].items()}
    return ExportAgreement(answer, set_aside, unreadable)


def _answers(task: ReadTask, names: Mapping[str, str]) -> list[Answer]:
    """What counts of a task: of each person the newest annotation, unless it is a skip."""
    newest: dict[str, ReadAnnotation] = {}
    for read in task.annotations:
        name = names[read.annotation.person.key]
        known = newest.get(name)
        if known is None or read.annotation.updated_at >= known.annotation.updated_at:
            newest[name] = read
    return [
        Answer(name, read.parsed.spans, read.parsed.relations, read.parsed.choices)
        for name, read in sorted(newest.items())
        if not read.annotation.was_cancelled
    ]


def _name(person: Person) -> str:
    """What a person is called: by e-mail, else by the account's number, else by a name."""
    kind, _, rest = person.key.partition(":")
    return person.email or (f"annotator {rest}" if kind == "nth" else rest)


def _article(task: ReadTask) -> str:
    for key in ARTICLE_KEYS:
        value = task.task.data.get(key)
        if isinstance(value, str | int) and value != "":
            return f"{key}:{value}"
    return f"task:{task.task.n}"
