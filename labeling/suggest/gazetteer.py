"""Names from a list, and people by their titles: entities without a model.

Only what is written with a capital is a name here, and a list cannot know how a name is used;
so the scores stay below those of what is found by its shape.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from labeling.suggest.folding import fold
from labeling.suggest.interface import Document, Suggestion, Suggestions
from labeling.suggest.lexicon_csv import RowFault
from labeling.suggest.lexicon_terms import TermError
from labeling.suggest.words import Grounds, is_whole, longest_first

NAME = "gazetteer"
PERSON = "PERSON"
COLUMNS = ("name", "label", "variants")
LISTED_SCORE, TITLED_SCORE, SURNAME_SCORE = 0.6, 0.8, 0.5
LONGEST_NAME = 120
MOST_NAMES = 200_000

_TITLE = (
    "Mr|Mrs|Ms|Mx|Miss|Dr|Prof|Professor|Sir|Dame|Lord|Lady|Sen|Senator|Rep|Representative|"
    "Congressman|Congresswoman|Gov|Governor|President|Vice-President|Premier|Prime Minister|"
    "Chancellor|Minister|Secretary|Mayor|Councillor|Cllr|Ambassador|Judge|Justice|Sheriff|"
    "Gen|General|Col|Colonel|Maj|Major|Capt|Captain|Lt|Sgt|Sergeant|Insp|Inspector|"
    "Bishop|Archbishop|Cardinal|Father|Sister|Rev|Reverend|Rabbi|Imam|Pope|"
    "King|Queen|Prince|Princess"
)
_TITLES = frozenset(_TITLE.split("|"))
# What follows a title with a capital and is no name, in headlines above all.
_NO_NAME = (
    r"(?!(?:Of|The|And|For|In|To|On|At|By|Says?|Said|Will|Is|Was|Has|Election|Secretary|Manager|"
    r"Council|Department|Ministry|Committee|Office|House|Court|Street|League)\b)"
)
_PART = r"[^\W\d_a-z](?:[^\W\d_]|['-](?=[^\W\d_])|\.(?=[A-Z]\.)|(?<=[ .'-][A-Z])\.(?= [A-Z])){0,30}"
_PARTICLE = r"(?:van|von|de|da|del|della|di|du|la|le|bin|ibn|al|el|ter|den|der)"
# One or two titles, then up to four parts of a name; each is bounded, so the search is linear.
_TITLED = re.compile(
    rf"(?<![\w-])(?:(?:{_TITLE})\.? ){{1,2}}"
    rf"(?P<name>{_NO_NAME}{_PART}(?: (?:{_PARTICLE} ){{0,2}}{_PART}){{0,3}})"
)
# A first name has another word before it: else its capital may come from beginning a sentence.
_FIRST_NAME = re.compile(rf"(?<=[a-z,] ){_PART} $")
_FIRST_NAME_CHARS = 34


@dataclass(frozen=True, slots=True)
class Name:
    """A name in the list: its label, and other ways to write it."""

    name: str
    label: str
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NameFile:
    """What a file of names holds: the good ones, and the rows that were set aside."""

    names: tuple[Name, ...]
    faults: tuple[RowFault, ...]


class _Found(NamedTuple):
    start: int
    end: int
    label: str
    score: float


def read_names(data: bytes, *, source: str) -> NameFile:
    """Read a list of names from a CSV file (name, label, variants); a bad row is set aside.

    Raises:
        TermError: the file as a whole cannot be read, or its header is not what it must be.
    """
    try:
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        header = tuple(reader.fieldnames or ())
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as err:
        raise TermError(
            f"{source}: the file cannot be read ({err}).", remedy="Save it as CSV in UTF-8."
        ) from err
    if not {"name", "label"} <= set(header) <= set(COLUMNS):
        raise TermError(
            f"{source}: row 1 must name the columns name and label, and may name variants.",
            remedy="Mend row 1.",
        )
    names: list[Name] = []
    faults: list[RowFault] = []
    for row, cells in enumerate(rows, start=2):
        found = _name_of(cells) if len(names) < MOST_NAMES else "there is no room for more names."
        if isinstance(found, Name):
            names.append(found)
        else:
            faults.append(RowFault(row, f"row {row}: {found}"))
    return NameFile(tuple(names), tuple(faults))


class GazetteerSuggester:
    """Suggests listed names, people behind their titles, and the same people by their surname."""

    name = NAME
    version = "1"

    def __init__(self, names: Sequence[Name]) -> None:
        written = json.dumps([[n.name, n.label, n.variants] for n in names], ensure_ascii=True)
        self.config_sha = hashlib.sha256(written.encode("ascii")).hexdigest()
        self._labels: dict[str, str] = {}
        for one in names:
            for spelled in (one.name, *one.variants):
                self._labels.setdefault(fold(spelled), one.label)
        # One sweep finds names and titles; what follows a title is then read where it stands.
        self._patterns = list({**self._labels, **dict.fromkeys(sorted(_TITLES))})

    @cached_property
    def _automaton(self) -> Any:
        # Imported here, because pages never look any name up.
        from ahocorasick_rs import AhoCorasick

        return AhoCorasick(self._patterns)

    def suggest(self, document: Document) -> Suggestions:
        """Propose entities within headlines, deks and the body."""
        text = fold(document.text)
        grounds = Grounds(document.text, document.blocks)
        found = list(self._hits(text))
        titled = [one for one in found if one.score == TITLED_SCORE]
        found = longest_first(one for one in found if grounds.hold(one.start, one.end))
        found += _surnames(text, titled, found, grounds)
        return Suggestions(
            [
                Suggestion(f"n{n}", one.label, one.start, one.end, one.score)
                for n, one in enumerate(sorted(found), start=1)
            ]
        )

    def _hits(self, text: str) -> Iterator[_Found]:
        for pattern, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if not is_whole(text, start, end):
                continue
            spelled = self._patterns[pattern]
            if spelled in self._labels:
                yield _Found(start, end, self._labels[spelled], LISTED_SCORE)
            if spelled in _TITLES and (titled := _TITLED.match(text, start)):
                yield _of_title(text, *titled.span("name"))


def _of_title(text: str, start: int, end: int) -> _Found:
    if text[start:end].endswith("'s"):
        end -= 2
    return _Found(start, end, PERSON, TITLED_SCORE)


def _surnames(
    text: str, titled: Iterable[_Found], found: Sequence[_Found], grounds: Grounds
) -> list[_Found]:
    """Where somebody who had a title before is named by the surname alone."""
    names = {text[one.start : one.end].rpartition(" ")[2] for one in titled}
    names = {name for name in names if len(name) > 2 and name.isalpha()}
    if not names:
        return []
    known = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))
    again = [
        _Found(_with_first_name(text, match.start()), match.end(), PERSON, SURNAME_SCORE)
        for match in known.finditer(text)
        if is_whole(text, match.start(), match.end()) and grounds.hold(*match.span())
    ]
    kept = longest_first([*found, *(one for one in again if not _is_over(one, found))])
    return [one for one in kept if one.score == SURNAME_SCORE]


def _with_first_name(text: str, start: int) -> int:
    """Where a name begins whose surname begins at ``start``."""
    before = _FIRST_NAME.search(text, max(0, start - _FIRST_NAME_CHARS), start)
    return before.start() if before else start


def _is_over(one: _Found, found: Sequence[_Found]) -> bool:
    place = bisect_left(found, (one.end,)) - 1
    return place >= 0 and found[place].end > one.start


def _name_of(cells: dict[str, Any]) -> Name | str:
    if None in cells or any(value is None for value in cells.values()):
        return "it has more or fewer cells than the header names columns."
    name, label = cells["name"].strip(), cells["label"].strip()
    variants = tuple(v for one in cells.get("variants", "").split(";") if (v := one.strip()))
    if not label.isprintable() or not 0 < len(label) <= LONGEST_NAME:
        return f"the label {label[:40]!r} cannot be one."
    for spelled in (name, *variants):
        fit = len(spelled) <= LONGEST_NAME and spelled.isprintable()
        if not fit or sum(char.isalnum() for char in spelled) < 2:
            return f"the name {spelled[:40]!r} needs two letters, on one line."
        if not any(char.isupper() for char in spelled):
            return f"the name {spelled!r} has no capital, so it would be found everywhere."
    return Name(name, label, variants)
