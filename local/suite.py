"""``make test``: all tests in two stages, the coverage gates, one closing line."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from local import environment
from local.places import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from local.progress import Say

RESULTS = ROOT / "test-results"
# Branch coverage each package must reach, in per cent.
GATES = {"labeling": 100, "app": 95}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PYTEST = [sys.executable, "-m", "pytest"]
_NOTHING_COLLECTED = 5
_COLLECTED = re.compile(r"^(\d+)(?:/\d+)? tests? collected", re.MULTILINE)


@dataclass(slots=True)
class Tally:
    """How many tests passed, failed and were skipped; which were skipped, and why."""

    passed: int = 0
    failed: int = 0
    skipped: list[str] = field(default_factory=list)

    def add(self, report: Path) -> None:
        """Count a JUnit report that pytest wrote."""
        for case in ET.parse(report).iter("testcase"):  # noqa: S314 -- written by our own pytest
            name = f"{case.get('classname')}::{case.get('name')}"
            skip = case.find("skipped")
            if case.find("failure") is not None or case.find("error") is not None:
                self.failed += 1
            elif skip is not None:
                self.skipped.append(f"{name}: {skip.get('message', '')}")
            else:
                self.passed += 1

    def closing_line(self) -> str:
        """The last line of a run, in a form that programs read easily."""
        return f"{self.passed} passed, {self.failed} failed, {len(self.skipped)} skipped"


def run(say: Say, *, no_skips: bool) -> int:
    """Run everything; the fault runs repeat themselves here only a few times.

    Args:
        say: where the results go.
        no_skips: a skipped test fails the run (as it does in CI).

    Returns:
        0 when all is well, 1 otherwise.
    """
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir()
    tally = Tally()
    slow = "studio or browser" if has_browser() else "studio and not browser"
    fine = _stage(say, tally, "fast", ["-n", "2", "-m", "not studio and not browser"])
    # One after the other: a real server and a browser are enough for two cores.
    fine = _stage(say, tally, "real server and browser", ["--cov-append", "-m", slow]) and fine
    if not has_browser():
        _count_browser_tests_as_skipped(say, tally)
    fine = _gates(say) and fine
    for skip in tally.skipped:
        say.line(f"skipped: {skip}")
    if no_skips and tally.skipped:
        say.line("A skipped test fails this run.")
        fine = False
    say.line(tally.closing_line())
    return 0 if fine and not tally.failed else 1


def has_browser() -> bool:
    """Whether a Chromium is there for the browser tests."""
    named = environment.inherited().get("COPYDESK_CHROMIUM")
    return any(shutil.which(name) for name in ((named,) if named else BROWSERS))


def _stage(say: Say, tally: Tally, title: str, options: list[str]) -> bool:
    report = RESULTS / f"{title.replace(' ', '-')}.xml"
    cov = ["--cov", "--cov-report="]
    where = ["tests", f"--junitxml={report}"]
    begun = time.monotonic()
    say.line(say.bold(f"{title} tests"))
    status = subprocess.run([*_PYTEST, *where, *cov, *options], cwd=ROOT, check=False).returncode
    if report.exists():
        tally.add(report)
    say.line(f"{title} tests: {time.monotonic() - begun:.0f} s")
    return status in {0, _NOTHING_COLLECTED}


def _count_browser_tests_as_skipped(say: Say, tally: Tally) -> None:
    command = [*_PYTEST, "tests", "--collect-only", "-q", "-m", "browser"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = _COLLECTED.search(done.stdout)
    reason = "there is no Chromium here (Debian, Ubuntu: apt install chromium)"
    say.line(f"Browser tests: {reason}")
    count = int(found[1]) if found else 0
    tally.skipped += [f"browser test {number + 1}: {reason}" for number in range(count)]


def _gates(say: Say) -> bool:
    fine = True
    for package, per_cent in GATES.items():
        options = [f"--include={package}/*", f"--fail-under={per_cent}"]
        command = [sys.executable, "-m", "coverage", "report", *options]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        total = done.stdout.rstrip().splitlines()[-1:] or ["nothing measured"]
        if done.returncode == 0:
            say.done(f"coverage of {package}: {total[0].split()[-1]} (at least {per_cent} %)")
            continue
        say.line(f"coverage of {package} is below {per_cent} %:\n{done.stdout or done.stderr}")
        fine = False
    return fine
