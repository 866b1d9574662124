"""Several commands in one process behave as each would on a terminal."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from local.places import ROOT


def _ask(instance: Path, *requests: tuple[list[str], str]) -> list[dict[str, Any]]:
    lines = [json.dumps({"arguments": asked, "feed": feed}) for asked, feed in requests]
    done = subprocess.run(
        [sys.executable, "-m", "local", "commands"],
        input="\n".join(lines) + "\n",
        env=os.environ | {"COPYDESK_INSTANCE": str(instance)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_new_instance_is_made_and_used_by_the_same_process(tmp_path: Path) -> None:
    create = ["users", "create", "admin@example.org", "--role", "admin", "--json"]
    answers = _ask(
        tmp_path,
        (["users", "list", "--json"], ""),
        (["db", "upgrade", "--json"], ""),
        (create, "a long pass phrase for one admin"),
        (create, ""),
        (["users", "list", "--json"], ""),
        (["nonsense"], ""),
    )
    assert [answer["status"] for answer in answers] == [1, 0, 0, 1, 0, 2]
    told = [json.loads(answer["stdout"]) for answer in answers[:-1]]
    assert "flask db upgrade" in told[0]["error"]["remedy"]
    assert told[2]["link"] is None
    assert told[3]["error"]["kind"] == "conflict"
    assert [(user["email"], user["invited"]) for user in told[4]["users"]] == [
        ("admin@example.org", False)
    ]
