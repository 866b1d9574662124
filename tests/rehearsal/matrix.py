"""The fault matrix: every point of the story's jobs, times every fault that can fall there."""

from __future__ import annotations

import random
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from tests.line import Line
from tests.rehearsal.mutants import Mutant
from tests.rehearsal.play import STAGES, play
from tests.rehearsal.points import (
    READING,
    REQUEST,
    TRANSACTION,
    Fault,
    Point,
    die,
    lose_store,
    store_away,
)
from tests.rehearsal.rig import InvariantError, Rig
from tests.rehearsal.studio import ANSWERS, PAGES, WRITES, Blow
from tests.rehearsal.world import Killed


def _answers() -> Iterator[Fault]:
    for answer in ANSWERS:
        yield Fault(answer, Blow("no", answer))


# A request that was carried out, although whoever asked is told otherwise, or nothing.
_DONE_ALL_THE_SAME = [
    Fault(f"done_{answer}", Blow("yes", answer))
    for answer in ("timeout", "reset", "half", "html_502", "500")
]
_LATE = [Fault("late_timeout", Blow("late", "timeout")), Fault("late_reset", Blow("late", "reset"))]
_KILLS = [
    Fault("kill_before", before=die),
    Fault("kill_after", Blow("yes", "kill")),
]
_LATE_KILLS = [
    Fault("kill_late", Blow("late", "kill")),
    # The next worker reads another time than the dead one did.
    Fault("kill_late_clock_forward", Blow("late", "kill"), before=partial(Rig.turn_clock, hours=1)),
    Fault("kill_late_clock_back", Blow("late", "kill"), before=partial(Rig.turn_clock, hours=-1)),
]
_TWICE = [Fault("twice", Blow("twice")), Fault("twice_timeout", Blow("twice", "timeout"))]
_PAGES = [Fault(f"page_{what}", Blow(page=what)) for what in ("short", "again", "empty")]
_AROUND = [
    Fault("second_worker", before=Rig.take_over, twins=True),
    Fault("stop", before=Rig.stop_worker),
    Fault("cancel", before=Rig.cancel),
    Fault("clock_forward", before=partial(Rig.turn_clock, hours=1)),
    Fault("clock_back", before=partial(Rig.turn_clock, hours=-1)),
    Fault("cut_off", before=Rig.cut_off),
]
# While a pull reads, people may do anything; while a push removes copies, they may begin to answer.
_PULLS = ("pull", "again", "full")
_ROUGH = (
    "edit", "withdraw", "bulk", "tie", "move", "delete_task", "reuse_id", "foreign", "change_text",
    "overwrite",
)  # fmt: skip
_DEEDS = [
    *(Fault(f"people_{deed}", before=partial(Rig.meanwhile, deed=deed), stages=_PULLS)
      for deed in _ROUGH),
    *(Fault(f"people_{deed}", before=partial(Rig.meanwhile, deed=deed), stages=(*_PULLS, "sweep"))
      for deed in ("answer", "skip", "draft")),
]  # fmt: skip
_OF_TRANSACTIONS = [
    Fault("kill_before", before=die),
    Fault("kill_after", after=Killed),
    Fault("store_inside", inside=store_away),
    Fault("store_after", after=store_away),
    Fault("second_worker", before=Rig.take_over, twins=True),
]
_OF_READINGS = [Fault("store_away", before=lose_store)]
_MEANWHILE = ("get_project", "iter_stamps", "read_tasks", "list_task_refs", "delete_tasks")
# Nobody runs a job yet, or any more.
_OUTSIDE = ("runner.JobRunner._try_to_take", "runner.JobRunner._write_end")


def faults_of(point: Point) -> list[Fault]:
    """What can fall at a point."""
    if point.step == READING:
        return _OF_READINGS
    if point.step == TRANSACTION:
        outside = point.name in _OUTSIDE
        return [one for one in _OF_TRANSACTIONS if not (outside and one.name == "second_worker")]
    faults = [*_answers(), *_KILLS, *_AROUND]
    if point.name in WRITES:
        faults += [*_DONE_ALL_THE_SAME, *_LATE, *_LATE_KILLS]
    if point.name == "import_tasks":
        faults += _TWICE
    if point.name in PAGES:
        faults += _PAGES
    if point.name in _MEANWHILE:
        faults += _DEEDS
    return faults


@dataclass(frozen=True, order=True, slots=True)
class Cell:
    """A point, and the name of what falls there."""

    point: Point
    fault: str

    def __str__(self) -> str:
        return f"{self.fault} at {self.point}"


@dataclass(slots=True)
class Figures:
    """What the runs of some cells came to."""

    cells: set[Cell] = field(default_factory=set)
    runs: int = 0
    bad: Counter[str] = field(default_factory=Counter)
    said: list[str] = field(default_factory=list)

    def add(self, other: Figures) -> None:
        """Take in what other cells came to."""
        self.cells |= other.cells
        self.runs += other.runs
        self.bad.update(other.bad)
        self.said += other.said

    def __str__(self) -> str:
        told = ", ".join(f"{self.bad[kind]} {kind}" for kind in ("lost", "repeated", "wrong"))
        return f"{len(self.cells)} cells, {self.runs} runs: {told}"


class Matrix:
    """The cells on one instance, and their runs.

    Args:
        line: the instance, with articles; every run makes a batch of its own on it.
        seeds: how many runs each cell gets.
    """

    def __init__(self, line: Line, seeds: int) -> None:
        self.line = line
        self.seeds = seeds
        self._made = 0
        # Fault-free runs: which point is come to how often, by stage and seed.
        self.seen: dict[tuple[str, int], Counter[Point]] = {}
        for stage in STAGES:
            for seed in range(seeds):
                self.seen[stage, seed] = self._played(stage, seed).probe.seen

    def cells(self) -> list[Cell]:
        """All cells, in order."""
        stages: defaultdict[Point, set[str]] = defaultdict(set)
        for (stage, _), seen in self.seen.items():
            for point in seen:
                stages[point].add(stage)
        return [
            Cell(point, fault.name)
            for point in sorted(stages)
            for fault in faults_of(point)
            if not fault.stages or stages[point] & set(fault.stages)
        ]

    def run(self, cells: Iterable[Cell], figures: Figures) -> None:
        """Run each of these cells with every seed."""
        for cell in cells:
            figures.cells.add(cell)
            for seed in range(self.seeds):
                self._run_cell(cell, seed, figures)

    def _run_cell(self, cell: Cell, seed: int, figures: Figures) -> None:
        fault = next(one for one in faults_of(cell.point) if one.name == cell.fault)
        stage, dry, at = self._place(cell, seed, fault.stages)
        figures.runs += 1
        try:
            struck = self._played(stage, dry, (cell.point, at), fault).probe.struck
        except InvariantError as err:
            figures.bad[err.kind] += 1
            figures.said.append(f"{cell} ({at}) in {stage}, seed {dry}: {err}")
        else:
            assert struck, f"{cell} ({at}) in {stage}, seed {dry}: the fault never fell"

    def _place(self, cell: Cell, seed: int, allowed: tuple[str, ...]) -> tuple[str, int, int]:
        """In which stage, with which seed, and at the how-many-eth coming it falls."""
        luck = random.Random(zlib.crc32(f"{cell} {seed}".encode()))
        stages = defaultdict(list)
        for (stage, dry), seen in self.seen.items():
            if seen[cell.point] and (not allowed or stage in allowed):
                stages[stage].append(dry)
        stage = luck.choice(sorted(stages))
        dry = seed if seed in stages[stage] else luck.choice(stages[stage])
        return stage, dry, luck.randint(1, self.seen[stage, dry][cell.point])

    def _played(
        self,
        stage: str,
        seed: int,
        at: tuple[Point, int] | None = None,
        fault: Fault | None = None,
    ) -> Rig:
        self._made += 1
        rig = Rig(self.line, seed, f"run-{self._made}", at=at, fault=fault)
        with rig.running():
            play(rig, stage)
        return rig


# So many runs may pass before a broken code must have been noticed.
HUNTS = 12


def hunt(line: Line, mutant: Mutant) -> InvariantError | None:
    """Run a mutant where it must be noticed, until it is; None: it never was."""
    for seed in range(HUNTS):
        for operation, name in mutant.cells:
            point = Point(REQUEST, operation)
            fault = next(one for one in faults_of(point) if one.name == name)
            for stage in mutant.stages or ("push", "again"):
                luck = random.Random(f"{seed} {operation} {stage}")
                at = (point, luck.randint(1, 2))
                slug = (
                    f"mutant-{zlib.crc32(mutant.name.encode())}-{seed}-{stage}-{operation}-{name}"
                )
                rig = Rig(line, seed, slug.replace("_", "-"), at=at, fault=fault)
                try:
                    with mutant.breaking(), rig.running():
                        play(rig, stage)
                except InvariantError as err:
                    return err
    return None
