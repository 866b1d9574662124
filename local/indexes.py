"""Let uv use the package index, mirror or proxy that the user told pip about.

uv does not read pip's settings. Nothing of them is ever written down: they go into the
environment of one child process. Every file installed is checked by its hash, wherever it
came from.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_LINE = re.compile(r"^(?P<section>[^.]+)\.(?P<name>[\w-]+)=(?P<value>.*)$")
_RANK = {":env:": 0, "install": 1, "global": 2}
_UV_INDEXES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL")


def parse_pip_config(listing: str) -> dict[str, list[str]]:
    """Read what ``pip config list`` prints; the nearest section wins.

    Args:
        listing: lines such as ``global.index-url='https://…'``.

    Returns:
        name of the setting -> its values (a setting may hold several, apart by white space).
    """
    found: dict[str, tuple[int, list[str]]] = {}
    for line in listing.splitlines():
        match = _LINE.match(line)
        if match is None or match["section"] not in _RANK:
            continue
        rank, name = _RANK[match["section"]], match["name"].replace("_", "-")
        if name not in found or rank < found[name][0]:
            found[name] = (rank, _values(match["value"]))
    return {name: values for name, (_, values) in found.items()}


def _values(written: str) -> list[str]:
    try:
        value = ast.literal_eval(written)
    except (ValueError, SyntaxError):
        value = written
    return str(value).split()


def as_uv_environment(pip: Mapping[str, list[str]], given: Mapping[str, str]) -> dict[str, str]:
    """The variables by which uv does what pip is set up to do.

    Args:
        pip: see ``parse_pip_config``.
        given: the environment so far; a variable set there is left alone.

    Returns:
        only the variables to add.
    """
    wanted: dict[str, str] = {}
    if not any(name in given for name in _UV_INDEXES):
        wanted |= _index_variables(pip)
    for setting, variable in (("cert", "SSL_CERT_FILE"), ("proxy", "ALL_PROXY")):
        if pip.get(setting):
            wanted[variable] = pip[setting][0]
    if pip.get("trusted-host"):
        wanted["UV_INSECURE_HOST"] = " ".join(pip["trusted-host"])
    return {name: value for name, value in wanted.items() if name not in given}


def _index_variables(pip: Mapping[str, list[str]]) -> dict[str, str]:
    wanted: dict[str, str] = {}
    if pip.get("index-url"):
        wanted["UV_DEFAULT_INDEX"] = pip["index-url"][0]
    if pip.get("extra-index-url"):
        wanted["UV_INDEX"] = " ".join(pip["extra-index-url"])
        # pip takes the best version of all indexes; hashes keep that safe here.
        wanted["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    if pip.get("find-links"):
        wanted["UV_FIND_LINKS"] = ",".join(pip["find-links"])
    return wanted
