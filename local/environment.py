"""The environments our child processes get.

This is the one module besides ``config.py`` that touches the process's environment, and it
decides nothing by it: it passes it on. A setting of Copydesk is read in ``config.py`` only.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_LOOPBACK = "127.0.0.1,localhost"
# Label Studio looks settings up as LABEL_STUDIO_X, HEARTEX_X and plain X, so that a PORT or
# a USERNAME of the caller's shell would change it. It gets these and nothing else.
_STUDIO_KEEPS = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TZ", "SYSTEMROOT")


def inherited() -> dict[str, str]:
    """This process's environment, as a copy."""
    return dict(os.environ)


def for_copydesk(instance: Path, public_url: str) -> dict[str, str]:
    """The environment of the web process, the worker and every ``flask`` command.

    Args:
        instance: the instance folder.
        public_url: the dashboard's absolute address; one set by the user is kept.
    """
    env = inherited() | {"COPYDESK_INSTANCE": str(instance), "PYTHONUNBUFFERED": "1"}
    env.setdefault("COPYDESK_PUBLIC_URL", public_url)
    # Calls to the local Label Studio must not take a way round by a proxy.
    for name in ("NO_PROXY", "no_proxy"):
        env[name] = ",".join(part for part in (env.get(name, ""), _LOOPBACK) if part)
    # `make -j run` would hand its job server down to everything we start.
    for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "FLASK_APP", "FLASK_DEBUG", "PORT"):
        env.pop(name, None)
    return env


def for_studio(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of the local Label Studio: a few of ours, and its own settings."""
    kept = {name: value for name, value in inherited().items() if name in _STUDIO_KEEPS}
    return kept | {"PYTHONUNBUFFERED": "1"} | dict(settings)
