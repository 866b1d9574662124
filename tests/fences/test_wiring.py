"""What is named in one place is there in the other."""

from __future__ import annotations

import re

import click
from alembic.script import ScriptDirectory

from app.cli import COMMANDS
from app.jobs import BODIES
from app.queue import JOB_NAMES
from config import PREFIX, ROOT, Settings


def test_every_job_name_has_a_body():
    assert set(BODIES) == set(JOB_NAMES)


def test_every_command_is_where_it_is_said_to_be():
    assert [command.load().name for command in COMMANDS] == [command.name for command in COMMANDS]


def test_every_command_takes_json():
    without = []
    for command in COMMANDS:
        found = command.load()
        below = found.commands if isinstance(found, click.Group) else {"": found}
        without += [
            f"{command.name} {verb}".strip()
            for verb, one in below.items()
            if not any("--json" in param.opts for param in one.params)
        ]
    assert without == []


def test_every_setting_is_described_and_none_that_is_not_there():
    guide = (ROOT / "docs" / "guide" / "settings.md").read_text(encoding="utf-8")
    described = set(re.findall(rf"^\| `({PREFIX}[A-Z_]+)`", guide, re.MULTILINE))
    assert described == {PREFIX + name.upper() for name in Settings.model_fields}


def test_the_described_defaults_are_the_real_ones():
    guide = (ROOT / "docs" / "guide" / "settings.md").read_text(encoding="utf-8")
    rows = dict(re.findall(rf"^\| `{PREFIX}([A-Z_]+)` \| `([^`]+)` \|", guide, re.MULTILINE))
    for name, said in rows.items():
        real = Settings.model_fields[name.lower()].default
        shown = f"{real:g}" if isinstance(real, float) else str(real)
        assert said.lower() == shown.lower()


def test_migrations_are_one_line_and_named_after_themselves():
    scripts = ScriptDirectory(str(ROOT / "migrations"))
    assert len(scripts.get_heads()) == 1
    assert len(scripts.get_bases()) == 1
    numbers = []
    for script in scripts.walk_revisions():
        assert script.path.endswith(f"{script.revision}.py")
        numbers.append(int(script.revision.split("_")[0]))
    assert numbers == list(range(len(numbers), 0, -1))


def test_every_decision_record_has_a_number_of_its_own_and_bears_it():
    records = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
    numbers = [record.name[:4] for record in records]
    assert len(set(numbers)) == len(numbers)
    for number, record in zip(numbers, records, strict=True):
        assert record.read_text(encoding="utf-8").startswith(f"# {number} ")
