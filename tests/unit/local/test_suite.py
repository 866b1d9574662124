"""Counting what the test stages reported."""

from pathlib import Path

from local.suite import Tally

REPORT = """<testsuites><testsuite>
<testcase classname="t.a" name="one"/>
<testcase classname="t.a" name="two"><failure message="no"/></testcase>
<testcase classname="t.a" name="three"><error message="no"/></testcase>
<testcase classname="t.b" name="four"><skipped message="no browser"/></testcase>
</testsuite></testsuites>"""


def test_reports_of_several_stages_are_added_up(tmp_path: Path) -> None:
    report = tmp_path / "fast.xml"
    report.write_text(REPORT)
    tally = Tally()
    tally.add(report)
    tally.add(report)
    assert tally.closing_line() == "2 passed, 4 failed, 2 skipped"


def test_a_skip_is_told_with_its_name_and_reason(tmp_path: Path) -> None:
    report = tmp_path / "fast.xml"
    report.write_text(REPORT)
    tally = Tally()
    tally.add(report)
    assert tally.skipped == ["t.b::four: no browser"]
