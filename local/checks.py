"""``make check``: everything that can be said of the code without running it."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

from local import frontend, requirements
from local.places import ROOT, VENV

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from local.progress import Say

_BIN = VENV / "bin"


def run(say: Say) -> int:
    """Run all checks, also after one has failed; show what only the failed ones printed.

    Args:
        say: where the results go.

    Returns:
        0 when all passed, 1 otherwise.
    """
    node, env = frontend.node()
    tsc = [node, "node_modules/typescript/bin/tsc", "--project", "tsconfig.json"]
    failed = [
        title
        for title, command, environment in (
            ("lint", [str(_BIN / "ruff"), "check", "."], None),
            ("format", [str(_BIN / "ruff"), "format", "--check", "."], None),
            ("types", [str(_BIN / "mypy")], None),
            ("imports", [str(_BIN / "lint-imports")], None),
            ("browser types", tsc, env),
        )
        if not _passes(title, command, environment, say)
    ]
    wrong = requirements.disagreements()
    for sentence in wrong:
        say.line(f"  ✗ requirements: {sentence}")
    if not wrong:
        say.done("requirements")
    failed += ["requirements"] if wrong else []
    say.line(f"check: {', '.join(failed)} failed" if failed else "check: all passed")
    return 1 if failed else 0


def _passes(title: str, command: Sequence[str], env: Mapping[str, str] | None, say: Say) -> bool:
    begun = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - begun
    if done.returncode == 0:
        say.done(f"{title} ({seconds:.1f} s)")
        return True
    say.line(f"  ✗ {title}\n{(done.stdout + done.stderr).rstrip()}")
    return False
