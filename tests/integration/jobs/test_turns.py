"""Pushes take turns at a server, whichever lane of a batch lies there."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from contextlib import contextmanager

import pytest

from app.jobs import push
from app.jobs.runner import JobRunner
from app.keys import TokenVault
from app.models.jobs import JobState
from app.services.connections import save_connection
from app.services.pushing import request_push
from labeling.studio.fake_gateway import FakeGateway
from labeling.studio.fake_server import LEGACY_TOKEN, FakeServer
from tests.line import ADA, BEN

HOME, AWAY = "http://studio.example.org", "http://other.example.org"
PATIENCE_S = 60


class Servers:
    """Two servers; imports into one of them can be held up, and overlapping ones are counted."""

    def __init__(self):
        self.servers = {HOME: FakeServer(), AWAY: FakeServer()}
        self.gates = defaultdict(lambda: threading.Semaphore(1000))
        self.entered = defaultdict(threading.Event)
        self.busy = defaultdict(int)
        self.most = defaultdict(int)
        self.lock = threading.Lock()

    def connect(self, url, token):
        servers = self

        class Gateway(FakeGateway):
            def import_tasks(self, project_id, payload):
                with servers.importing(url):
                    return super().import_tasks(project_id, payload)

        return Gateway(self.servers[url.rstrip("/")], token)

    @contextmanager
    def importing(self, url):
        with self.lock:
            self.busy[url] += 1
            self.most[url] = max(self.most[url], self.busy[url])
        self.entered[url].set()
        assert self.gates[url].acquire(timeout=PATIENCE_S)
        try:
            yield
        finally:
            with self.lock:
                self.busy[url] -= 1


@pytest.fixture
def servers(line, monkeypatch):
    monkeypatch.setattr(push, "TURN_EVERY_S", 0.01)
    servers = Servers()
    line.runner = JobRunner(line.store, line.settings, servers.connect, "test", patience=(0.0, 0.0))
    for name, url in (("away", AWAY), ("away-too", AWAY)):
        connect(line, name, url)
    line.add_article()
    return servers


def connect(line, name, url):
    with line.store.transaction() as session:
        vault = TokenVault(line.settings)
        save_connection(session, vault, name=name, url=url, token=LEGACY_TOKEN, actor="system")


def ask(line, slug):
    with line.store.transaction() as session:
        return request_push(session, line.queue, slug, actor="system")


def begin(line, job):
    thread = threading.Thread(target=line.run, args=(job,))
    thread.start()
    return thread


def until(said):
    deadline = time.monotonic() + PATIENCE_S
    while not said():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def waits(line, job):
    return "another push to the same server" in line.job(job.id).message


def one_behind_the_other(line, servers, other):
    """A push at work on a server, and one that waits there with its second lane."""
    line.add_batch("there", connection=other)
    line.add_batch("both", annotators=(ADA, BEN), lanes={ADA: "fake", BEN: "away"}, overlap=2)
    servers.gates[AWAY] = threading.Semaphore(0)
    there, both = ask(line, "there"), ask(line, "both")
    first = begin(line, there)
    assert servers.entered[AWAY].wait(PATIENCE_S)
    second = begin(line, both)
    until(lambda: waits(line, both))
    return there, both, (first, second)


def test_pushes_to_one_server_are_in_one_partition_and_others_are_not(line, servers):
    partitions = {}
    for slug, connection in (("a", "fake"), ("b", "away"), ("c", "away-too"), ("d", "away")):
        line.add_batch(slug, connection=connection)
        partitions[slug] = ask(line, slug).partition
    assert partitions["a"] != partitions["b"]
    assert partitions["b"] == partitions["c"] == partitions["d"]


@pytest.mark.parametrize("other", ["away", "away-too"])
def test_a_lane_on_another_server_waits_for_the_push_that_is_at_work_there(line, servers, other):
    there, both, threads = one_behind_the_other(line, servers, other)
    # The lane at home was not held up.
    assert line.show("both")["pushed"] == 5
    servers.gates[AWAY].release(100)
    for thread in threads:
        thread.join(PATIENCE_S)
    assert [line.job(job.id).state for job in (there, both)] == [JobState.SUCCEEDED] * 2
    assert line.show("both")["pushed"] == 10
    assert dict(servers.most) == {HOME: 1, AWAY: 1}


def test_two_batches_that_cross_on_two_servers_both_come_home(line, servers):
    line.add_batch("one", annotators=(ADA, BEN), lanes={ADA: "fake", BEN: "away"}, overlap=2)
    line.add_batch("two", annotators=(ADA, BEN), lanes={ADA: "away", BEN: "fake"}, overlap=2)
    jobs = [ask(line, slug) for slug in ("one", "two")]
    for thread in [begin(line, job) for job in jobs]:
        thread.join(PATIENCE_S)
    assert [line.job(job.id).state for job in jobs] == [JobState.SUCCEEDED] * 2
    assert line.show("one")["pushed"] == line.show("two")["pushed"] == 10
    assert dict(servers.most) == {HOME: 1, AWAY: 1}


def test_a_push_that_waits_can_be_cancelled_and_one_that_failed_holds_nobody_up(line, servers):
    there, both, (first, second) = one_behind_the_other(line, servers, "away")
    with line.store.transaction() as session:
        line.queue.cancel(session, both.id)
    second.join(PATIENCE_S)
    assert line.job(both.id).state == JobState.CANCELLED
    servers.servers[AWAY].fail_next("import_tasks", "500")
    servers.servers[AWAY].fail_next("count_tasks", "403")
    servers.gates[AWAY].release(100)
    first.join(PATIENCE_S)
    assert line.job(there.id).state == JobState.FAILED
    with line.store.transaction() as session:
        again = line.queue.retry(session, both.id)
    assert line.run(again).state == JobState.SUCCEEDED
