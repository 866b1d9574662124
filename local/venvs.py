"""Virtual environments with hash-pinned requirements.

This runs on a bare Python, before anything is installed: standard library only.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import TYPE_CHECKING

from local import environment, indexes, jsonfile
from local.errors import LocalError
from local.places import ROOT, UV_VENV

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from local.progress import Say

_STAMP = "copydesk-stamp"


class Environment:
    """One virtual environment and the pinned requirements that belong in it."""

    def __init__(self, folder: Path, requirements: Path, title: str) -> None:
        self.folder = folder
        self.requirements = requirements
        self.title = title

    @property
    def python(self) -> Path:
        """The environment's own Python."""
        return self.folder / "bin" / "python"

    def stamped_for(self) -> str:
        """The name of the requirements that were installed last, or ""."""
        return str(jsonfile.read(self.folder / _STAMP).get("requirements", ""))

    def is_current(self) -> bool:
        """Whether exactly these requirements were installed and the Python still runs."""
        stamp = jsonfile.read(self.folder / _STAMP)
        wanted = {"requirements": self.requirements.name, "sha256": sha256_of(self.requirements)}
        return stamp == wanted and self.python.exists()

    def ensure(self, say: Say) -> None:
        """Make or renew the environment where it is not current."""
        if self.is_current():
            return
        say.waiting(f"installing {self.title} (once; downloads are cached)")
        if not self.python.exists():
            _make_venv(self.folder, with_pip=False)
        self._install()
        stamp = {"requirements": self.requirements.name, "sha256": sha256_of(self.requirements)}
        jsonfile.write(self.folder / _STAMP, stamp)
        say.done(f"{self.title} installed in {self.folder.name}")

    def _install(self) -> None:
        python, file = str(self.python), str(self.requirements)
        uv, env = uv_command()
        uv += ["pip", "sync", "--quiet", "--require-hashes", "--python", python, file]
        if subprocess.run(uv, env=env, check=False).returncode == 0:
            return
        # pip knows every odd index, proxy and keyring set-up; it is only slower.
        pip = [*_pip(), "--python", python, "install", "--quiet", "--require-hashes", "-r", file]
        if subprocess.run(pip, check=False).returncode != 0:
            raise LocalError(
                f"{self.title} could not be installed from {self.requirements.name}.",
                remedy="Read the lines above; is the package index reachable "
                "(`pip config list`)? Then run the same command again.",
            )


def _uv() -> Path:
    """The pinned uv, in a small environment of its own, made when missing."""
    tools = Environment(UV_VENV, ROOT / "requirements-uv.txt", "uv")
    if not tools.is_current():
        if not tools.python.exists():
            _make_venv(UV_VENV, with_pip=True)
        command = [*_pip(), "install", "--quiet", "--require-hashes", "-r"]
        if subprocess.run([*command, str(tools.requirements)], check=False).returncode != 0:
            raise LocalError(
                "uv, which installs everything else, could not be installed.",
                remedy="Is the package index reachable (`pip config list`, network, proxy)?",
            )
        stamp = {"requirements": tools.requirements.name, "sha256": sha256_of(tools.requirements)}
        jsonfile.write(UV_VENV / _STAMP, stamp)
    return UV_VENV / "bin" / "uv"


def uv_command() -> tuple[list[str], dict[str, str]]:
    """How to call the pinned uv, and the environment that tells it what pip was told."""
    return [str(_uv())], _uv_environment()


def _pip() -> list[str]:
    return [str(UV_VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]


def _uv_environment() -> dict[str, str]:
    command = [*_pip(), "config", "list"]
    listing = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    given = environment.inherited()
    return given | indexes.as_uv_environment(indexes.parse_pip_config(listing), given)


def _make_venv(folder: Path, *, with_pip: bool) -> None:
    options: Sequence[str] = () if with_pip else ("--without-pip",)
    command = [sys.executable, "-m", "venv", *options, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LocalError(
            f"{sys.executable} could not make the virtual environment {folder.name}.",
            remedy="On Debian and Ubuntu its venv module is a package of its own: "
            "apt install python3-venv. What it said:\n" + (done.stdout + done.stderr).strip(),
        )


def sha256_of(file: Path) -> str:
    """The digest of a file, in hex."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
