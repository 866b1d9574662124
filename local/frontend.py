"""Fetch the browser's files: htmx and idiomorph, as the lock file pins them.

Installed without scripts, with the machine's Node or, where there is none, with the Node
that comes as a wheel. Only the files named here reach the browser.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from local import environment, jsonfile
from local.errors import LocalError
from local.places import NODE_VENV, ROOT
from local.progress import Say
from local.venvs import Environment, sha256_of

VENDOR = ROOT / "app" / "static" / "vendor"
FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "idiomorph-ext.min.js": "idiomorph/dist/idiomorph-ext.min.js",
}
_STAMP = ROOT / "node_modules" / "copydesk-stamp"


def ensure(say: Say, *, with_tools: bool) -> None:
    """Install what ``package-lock.json`` pins and copy the browser's files.

    Args:
        say: where progress goes.
        with_tools: the type checker of ``make check`` too.
    """
    wanted = {"lock": sha256_of(ROOT / "package-lock.json"), "tools": with_tools}
    stamp = jsonfile.read(_STAMP)
    has_enough = stamp.get("lock") == wanted["lock"] and (stamp.get("tools") or not with_tools)
    if has_enough and all((VENDOR / name).exists() for name in FILES):
        return
    say.waiting("fetching the browser files")
    _install(with_tools=with_tools)
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name, source in FILES.items():
        shutil.copyfile(ROOT / "node_modules" / source, VENDOR / name)
    jsonfile.write(_STAMP, wanted)
    say.done(f"browser files in {VENDOR.relative_to(ROOT)}")


def _install(*, with_tools: bool) -> None:
    npm, env = _npm()
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if not with_tools:
        command.append("--omit=dev")
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LocalError(
            "The browser files could not be fetched with npm.",
            remedy="Is the npm registry reachable (`npm config get registry`)? It said:\n"
            + (done.stdout + done.stderr).strip(),
        )


def _npm() -> tuple[str, dict[str, str]]:
    """The npm to use and the environment in which it finds its Node."""
    env = environment.inherited()
    npm = shutil.which("npm")
    if npm and shutil.which("node"):
        return npm, env
    Environment(NODE_VENV, ROOT / "requirements-node.txt", "Node").ensure(Say())
    folder = NODE_VENV / "bin"
    env["PATH"] = f"{folder}:{env.get('PATH', '')}"
    return str(folder / "npm"), env


def node() -> tuple[str, dict[str, str]]:
    """The Node to run the type checker with, and its environment."""
    npm, env = _npm()
    return str(Path(npm).parent / "node"), env
