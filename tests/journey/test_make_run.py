"""`make demo` (and so `make run`) for real: twice, with a killed part and a killed supervisor.

The Label Studio store is a copy of the migrated template, so that the first start need not
migrate for more than a minute each time the tests run.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.places import ROOT, Instance
from local.processes import Identity
from tests.studio_server import ADMIN_PASSWORD, DATABASE, LEGACY_TOKEN, template

pytestmark = [pytest.mark.studio, pytest.mark.slow]

READY_S = 480.0


class Run:
    """One `python -m local …` in the background, with what it printed."""

    def __init__(self, instance: Instance, command: str) -> None:
        self.instance = instance
        self._output = instance.folder / f"terminal-{time.monotonic_ns()}.txt"
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "local", command, "--instance", str(instance.folder)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_ready(self) -> dict[str, Any]:
        """What run.json says once it is there."""

        def is_ready() -> bool:
            assert self.process.poll() is None, self.printed()
            return "Copydesk is ready" in self.printed() and self.instance.run_file.exists()

        until(is_ready, READY_S)
        return self.run_json()

    def run_json(self) -> dict[str, Any]:
        return dict(json.loads(self.instance.run_file.read_text()))

    def printed(self) -> str:
        return self._output.read_text()


def until(fact: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)


def of_instance(folder: Path) -> set[int]:
    """Every process whose environment or command line names the instance, ours apart."""
    mark, found = str(folder).encode(), set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                told = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if mark in told and Identity.of(int(entry.name)) is not None:
                found.add(int(entry.name))
    return found


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    made = Instance.at(tmp_path / "inst")
    made.make()
    shutil.copytree(template(), made.studio_data, dirs_exist_ok=True)
    made.studio_token.write_text(LEGACY_TOKEN)
    secrets = {"labelstudio_passwords": {"admin@example.org": ADMIN_PASSWORD}}
    made.credentials.write_text(json.dumps(secrets))
    assert (made.studio_data / DATABASE).exists()
    yield made
    stop = [sys.executable, "-m", "local", "stop", "--instance", str(made.folder)]
    subprocess.run(stop, cwd=ROOT, check=True)


def flask(instance: Instance, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "flask", *arguments, "--json"],
        cwd=ROOT,
        env=os.environ | {"COPYDESK_INSTANCE": str(instance.folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


def credentials(printed: str) -> dict[str, str]:
    """E-mail -> password, as the summary shows them."""
    return dict(re.findall(r"^ +(\w+@example\.org) {2,}(\S+)", printed, re.MULTILINE))


def can_sign_in(labelstudio: str, email: str, password: str) -> bool:
    with httpx.Client(base_url=labelstudio, trust_env=False) as client:
        page = client.get("/user/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token is not None
        form = {"csrfmiddlewaretoken": token[1], "email": email, "password": password}
        headers = {"Referer": f"{labelstudio}/user/login/"}
        return client.post("/user/login/", data=form, headers=headers).status_code == 302


def test_one_command_starts_everything_once_and_ends_all_of_it(instance: Instance) -> None:
    first = Run(instance, "demo")
    try:
        where = first.wait_ready()
        _everything_answers(where, first)
        made = _simulated_work_is_there(first)
        _a_killed_part_is_back(first)
        left = first.run_json()["pids"]
        first.process.kill()
        first.process.wait(timeout=5)
        assert Identity.of(left["labelstudio"]) is not None

        second = Run(instance, "demo")
        again = second.wait_ready()
        assert "Ended what an earlier run had left behind" in second.printed()
        assert all(Identity.of(left[name]) is None for name in ("web", "worker", "labelstudio"))
        assert again["dashboard"] == where["dashboard"]
        assert credentials(second.printed()) == credentials(first.printed())
        assert "(0 new in this run)" in second.printed()
        assert _without_times(flask(instance, "batches", "show", "demo")) == made
    finally:
        stop = [sys.executable, "-m", "local", "stop", "--instance", str(instance.folder)]
        subprocess.run(stop, cwd=ROOT, check=True)
    assert second.process.wait(timeout=5) == 0
    assert of_instance(instance.folder) == set()
    assert not instance.run_file.exists()


def _without_times(shown: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in shown.items() if name != "synced_at"}


def _simulated_work_is_there(run: Run) -> dict[str, Any]:
    shown = flask(run.instance, "batches", "show", "demo")
    assert "SIMULATED" in run.printed()
    assert 0.7 * shown["tasks"] < shown["annotated"] < shown["tasks"]
    assert shown["quarantined"] == 0
    assert (run.instance.folder / "SIMULATED.txt").exists()
    return _without_times(shown)


def _everything_answers(where: dict[str, Any], run: Run) -> None:
    assert set(where) == {"dashboard", "labelstudio", "admin_email", "pids"}
    assert set(where["pids"]) == {"supervisor", "web", "worker", "labelstudio"}
    assert where["pids"]["supervisor"] == run.process.pid
    assert httpx.get(where["dashboard"] + "/healthz", trust_env=False).status_code == 200
    assert httpx.get(where["labelstudio"] + "/health", trust_env=False).status_code == 200
    link = re.search(rf"{where['dashboard']}/\S+", run.printed().split("chooses a password")[1])
    assert link is not None
    assert httpx.get(link[0], trust_env=False).status_code == 200
    told = credentials(run.printed())
    assert len(told) == 4
    assert all(can_sign_in(where["labelstudio"], *account) for account in told.items())
    shown = flask(run.instance, "batches", "show", "demo")
    assert shown["pushed"] == shown["tasks"] > 0
    assert {lane["annotator"] for lane in shown["lanes"]} == set(told) - {where["admin_email"]}


def _a_killed_part_is_back(run: Run) -> None:
    before = run.run_json()["pids"]
    os.kill(before["worker"], signal.SIGKILL)
    begun = time.monotonic()
    until(lambda: run.run_json()["pids"]["worker"] != before["worker"], 5)
    assert time.monotonic() - begun < 2
    after = run.run_json()["pids"]
    assert Identity.of(after["worker"]) is not None
    assert {name for name in before if before[name] != after[name]} == {"worker"}
