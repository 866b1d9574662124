"""The pinned requirements: written from the ``.in`` files, and checked to agree."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from local.errors import LocalError
from local.places import ROOT
from local.venvs import uv_command

if TYPE_CHECKING:
    from pathlib import Path

    from local.progress import Say

NAMES = (
    "requirements",
    "requirements-test",
    "requirements-labelstudio",
    "requirements-node",
    "requirements-uv",
)
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)", re.MULTILINE)
_DIRECT = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)", re.MULTILINE)
_OPTIONS = ("--universal", "--generate-hashes", "--no-header", "--no-annotate", "--quiet")


def lock(say: Say) -> None:
    """Write every ``.txt`` from its ``.in``, with hashes, and no host named in it.

    Versions pinned already are kept as long as they fit.

    Args:
        say: where progress goes.

    Raises:
        LocalError: a file could not be resolved.
    """
    command, env = uv_command()
    for name in NAMES:
        files = [f"{name}.in", "--output-file", f"{name}.txt", "--python-version", "3.11"]
        compiled = [*command, "pip", "compile", *_OPTIONS, *files]
        if subprocess.run(compiled, cwd=ROOT, env=env, check=False).returncode != 0:
            raise LocalError(f"{name}.in could not be resolved.", remedy="Read the lines above.")
        say.done(f"{name}.txt")


def disagreements(root: Path = ROOT) -> list[str]:
    """What is wrong with the pinned files, in sentences; empty when they agree.

    Args:
        root: the folder they are in.
    """
    run = pins(root / "requirements.txt")
    test = pins(root / "requirements-test.txt")
    found = [
        f"requirements-test.txt has {name} {test.get(name, 'not at all')}, "
        f"requirements.txt has {version}: run `make lock`"
        for name, version in run.items()
        if test.get(name) != version
    ]
    for name in NAMES:
        text = (root / f"{name}.txt").read_text("utf-8")
        direct = _direct(root / f"{name}.in")
        missing = sorted(direct - set(pins(root / f"{name}.txt")))
        found += [f"{name}.txt does not pin {one} of {name}.in: run `make lock`" for one in missing]
        if "://" in text:
            found.append(f"{name}.txt names a host: write it with `make lock`")
    return found


def pins(file: Path) -> dict[str, str]:
    """Name -> version of every pin in a requirements file; a fork by markers joins them."""
    found: dict[str, list[str]] = {}
    for match in _PIN.finditer(file.read_text("utf-8")):
        found.setdefault(_normal(match["name"]), []).append(match["version"])
    return {name: " / ".join(sorted(set(versions))) for name, versions in found.items()}


def _direct(file: Path) -> set[str]:
    return {_normal(match["name"]) for match in _DIRECT.finditer(file.read_text("utf-8"))} - {""}


def _normal(name: str) -> str:
    return "" if name.startswith("-") else re.sub(r"[-_.]+", "-", name).lower()
