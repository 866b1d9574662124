"""The supervisor with real, tiny processes."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest

from local import processes
from local.errors import LocalError, StopRequestedError
from local.ledger import Ledger, hold
from local.parts import Part, rotate
from local.places import Instance
from local.processes import Identity
from local.progress import Say
from local.runner import Runner
from local.session import Session
from local.stop import status, stop
from local.supervise import Supervisor

SLEEP = ["sleep", "60"]


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    made = Instance(tmp_path)
    made.make()
    return made


@pytest.fixture
def supervisor(instance: Instance) -> Iterator[Supervisor]:
    kept = {number: signal.getsignal(number) for number in (2, 15, 1)}
    with Supervisor(instance, Say(StringIO())) as made:
        yield made
    for number, handler in kept.items():
        signal.signal(number, handler)


def _part(instance: Instance, name: str, *command: str, **options: float) -> Part:
    env = {"PATH": os.environ["PATH"]}
    return Part(name, command or SLEEP, env=env, log=instance.log(name), **options)


def _until(fact: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not fact():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def _identity(pid: int) -> Identity:
    found = Identity.of(pid)
    assert found is not None
    return found


def test_leaving_the_block_ends_every_part_and_its_children(instance: Instance) -> None:
    with Supervisor(instance, Say(StringIO())) as supervisor:
        family = _part(instance, "web", "sh", "-c", "sleep 60 & echo $!; exec sleep 60")
        supervisor.launch(family)
        _until(lambda: instance.log("web").read_text() != "")
        child = _identity(int(instance.log("web").read_text()))
        leader = _identity(family.pid)
    assert not leader.is_alive()
    _until(lambda: not child.is_alive())
    assert Ledger(instance).living() == {}


def test_a_part_that_does_not_want_to_end_is_killed_after_its_grace(instance: Instance) -> None:
    stubborn = _part(
        instance,
        "worker",
        "sh",
        "-c",
        "trap '' TERM; echo; while :; do sleep 0.1; done",
        grace_s=0.2,
    )
    with Supervisor(instance, Say(StringIO())) as supervisor:
        supervisor.launch(stubborn)
        _until(lambda: instance.log("worker").read_text() != "")
        leader = _identity(stubborn.pid)
    assert not leader.is_alive()


def test_a_part_that_dies_is_back_and_the_others_are_not_touched(
    instance: Instance, supervisor: Supervisor
) -> None:
    worker, web = _part(instance, "worker"), _part(instance, "web")
    supervisor.launch(worker)
    supervisor.launch(web)
    before = supervisor.pids()
    os.kill(worker.pid, signal.SIGKILL)
    with pytest.raises(StopRequestedError):
        supervisor.watch(lambda: os.kill(os.getpid(), signal.SIGTERM))
    after = supervisor.pids()
    assert after["worker"] != before["worker"]
    assert after["web"] == before["web"]
    assert after["supervisor"] == os.getpid()
    assert Ledger(instance).living()["worker"].pid == after["worker"]


def test_ctrl_c_at_the_terminal_does_not_reach_the_parts_by_itself(
    instance: Instance, supervisor: Supervisor
) -> None:
    part = _part(instance, "web")
    supervisor.launch(part)
    assert os.getpgid(part.pid) == part.pid != os.getpgid(0)


def test_a_part_that_ends_while_it_starts_is_said_with_its_log(
    instance: Instance, supervisor: Supervisor
) -> None:
    part = _part(instance, "web", "sh", "-c", "echo cannot bind; exit 3")
    supervisor.launch(part)
    with pytest.raises(LocalError, match=r"web ended at once \(status 3\)") as caught:
        supervisor.wait_for(part, lambda: False, limit_s=5)
    assert caught.value.log == instance.log("web")
    assert "cannot bind" in instance.log("web").read_text()


def test_a_part_that_is_never_ready_is_given_up(instance: Instance, supervisor: Supervisor) -> None:
    part = _part(instance, "web")
    supervisor.launch(part)
    with pytest.raises(LocalError, match="was not ready in 0 s"):
        supervisor.wait_for(part, lambda: False, limit_s=0.01)


def test_a_helper_gets_its_stdin_and_its_answer_is_read(
    instance: Instance, supervisor: Supervisor
) -> None:
    command = ["sh", "-c", "cat; echo aside >&2; exit 4"]
    env = {"PATH": os.environ["PATH"]}
    finished = Runner(supervisor).run(command, env=env, feed="grüße")
    assert (finished.status, finished.stdout) == (4, "grüße")
    assert instance.log("setup").read_text() == "aside\n"
    assert list(supervisor.pids()) == ["supervisor"]


def test_a_helper_that_takes_too_long_is_given_up_and_ended(instance: Instance) -> None:
    with Supervisor(instance, Say(StringIO())) as supervisor:
        with pytest.raises(LocalError, match="took longer"):
            Runner(supervisor).run(SLEEP, env={"PATH": os.environ["PATH"]}, limit_s=0.01)
        helper = _identity(supervisor.pids()["helper"])
    assert not helper.is_alive()


def test_a_helper_that_prints_much_does_not_block(supervisor: Supervisor) -> None:
    command = ["sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x"]
    finished = Runner(supervisor).run(command, env={"PATH": os.environ["PATH"]})
    assert finished.stdout == "x" * 300_000


def test_an_answer_of_a_session_may_come_in_pieces(supervisor: Supervisor) -> None:
    session = _session(
        supervisor,
        'read a; printf \'{"status": 0,\'; sleep 0.05; echo \' "stdout": "ok"}\'; sleep 60',
    )
    finished = session.ask(["x", "y"], feed="", limit_s=5, report=lambda: None)
    assert (finished.status, finished.stdout) == (0, "ok")
    session.close()
    assert list(supervisor.pids()) == ["supervisor"]


def test_a_session_that_breaks_is_said_with_the_command(supervisor: Supervisor) -> None:
    session = _session(supervisor, "read a; exit 1")
    with pytest.raises(LocalError, match="flask db upgrade broke"):
        session.ask(["db", "upgrade", "--json"], feed="", limit_s=5, report=lambda: None)


def test_a_session_that_does_not_answer_is_given_up(supervisor: Supervisor) -> None:
    session = _session(supervisor, "sleep 60")
    with pytest.raises(LocalError, match="not done in time"):
        session.ask(["sync", "demo"], feed="", limit_s=0.01, report=lambda: None)


def _session(supervisor: Supervisor, script: str) -> Session:
    env = {"PATH": os.environ["PATH"]}
    return Session(supervisor, env, command=["sh", "-c", script])


def test_the_next_run_ends_what_a_killed_supervisor_left(instance: Instance) -> None:
    left = subprocess.Popen(SLEEP, start_new_session=True)
    Ledger(instance).record("worker", left.pid)
    reaper = threading.Thread(target=left.wait)
    reaper.start()
    assert Ledger(instance).end_orphans(5) == ["worker"]
    reaper.join(5)
    assert left.returncode == -signal.SIGTERM
    assert Ledger(instance).end_orphans(5) == []


def test_a_pid_that_belongs_to_somebody_else_by_now_is_left_alone(instance: Instance) -> None:
    stranger = subprocess.Popen(SLEEP, start_new_session=True)
    try:
        assert not processes.end(Identity(stranger.pid, "another moment"), 1)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_second_supervisor_of_an_instance_is_refused_by_name(instance: Instance) -> None:
    with hold(instance), pytest.raises(LocalError, match=rf"process {os.getpid()}") as caught:
        hold(instance).__enter__()
    assert "make stop" in caught.value.remedy
    with hold(instance):
        pass


def test_stop_ends_the_supervisor_and_then_what_it_left(instance: Instance) -> None:
    program = (
        "import sys, time; from local.ledger import hold; from local.places import Instance\n"
        f"with hold(Instance.at({str(instance.folder)!r})): print(flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    left = subprocess.Popen(SLEEP, start_new_session=True)
    Ledger(instance).record("web", left.pid)
    assert holder.stdout is not None
    holder.stdout.readline()
    reapers = [threading.Thread(target=one.wait) for one in (holder, left)]
    for reaper in reapers:
        reaper.start()
    out = StringIO()
    assert status(instance, Say(StringIO())) == 1
    assert stop(instance, Say(out)) == 0
    for reaper in reapers:
        reaper.join(5)
    holder.stdout.close()
    assert holder.returncode == left.returncode == -signal.SIGTERM
    assert out.getvalue() == f"Everything of {instance.folder} has ended.\n"


def test_stop_says_when_nothing_was_running(tmp_path: Path) -> None:
    out = StringIO()
    assert stop(Instance(tmp_path / "none"), Say(out)) == 0
    assert "Nothing of" in out.getvalue()
    assert not (tmp_path / "none").exists()


def test_a_zombie_counts_as_gone() -> None:
    child = subprocess.Popen(["true"])
    _until(lambda: Identity.of(child.pid) is None)
    child.wait()


def test_a_log_that_has_grown_large_is_put_aside(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_text("x" * 11)
    rotate(log, limit=10)
    assert not log.exists()
    assert (tmp_path / "web.log.1").read_text() == "x" * 11
