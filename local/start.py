"""``run`` and ``demo``: bring every part up, in the order in which they need each other."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from local import (
    commands,
    environment,
    first_data,
    http_probe,
    jsonfile,
    labelstudio,
    ports,
    runfile,
    simulate,
    summary,
)
from local.credentials import ADMIN, ANNOTATORS, Credentials
from local.errors import LocalError, StopRequestedError
from local.ledger import Ledger, hold
from local.runner import Runner
from local.session import Session
from local.supervise import Supervisor

if TYPE_CHECKING:
    from typing import Any

    from local.parts import Part
    from local.places import Instance
    from local.progress import Say

_STUDIO_LIMIT_S = 900.0
_WEB_LIMIT_S = 60.0
_ORPHAN_GRACE_S = 20.0


def run(instance: Instance, say: Say, *, port: int | None, demo: bool) -> int:
    """Start everything and keep it running until somebody ends it.

    Args:
        instance: where data, keys and logs are kept.
        say: where progress goes.
        port: the dashboard's; None for last time's or the usual one.
        demo: let simulated annotators label the demo batch.

    Returns:
        0 after an orderly end.

    Raises:
        LocalError: a part could not be started; nothing is left running.
    """
    os.umask(0o077)
    instance.make()
    with hold(instance):
        runfile.withdraw(instance)
        ended = Ledger(instance).end_orphans(_ORPHAN_GRACE_S)
        if ended:
            say.line(f"Ended what an earlier run had left behind: {', '.join(sorted(ended))}.")
        try:
            with Supervisor(instance, say) as supervisor:
                try:
                    start = Start(supervisor, _choose_ports(instance, say, port))
                    start.bring_up(demo=demo)
                    supervisor.watch(start.publish)
                finally:
                    runfile.withdraw(instance)
                    say.line("Ending every part …")
        except StopRequestedError:
            say.line("Copydesk has ended.")
    return 0


def _choose_ports(instance: Instance, say: Say, port: int | None) -> dict[str, int]:
    kept = jsonfile.read(instance.ports)
    wanted = port or int(kept.get("web", ports.WEB))
    web = ports.choose(wanted)
    studio_wanted = int(kept.get("labelstudio", ports.STUDIO))
    studio = ports.choose(studio_wanted, taken=frozenset({web}))
    for name, asked, got in (("dashboard", wanted, web), ("Label Studio", studio_wanted, studio)):
        if got != asked:
            say.line(f"Port {asked} is taken; the {name} uses {got}.")
    chosen = {"web": web, "labelstudio": studio}
    jsonfile.write(instance.ports, kept | chosen)
    return chosen


class Start:
    """One start of all parts.

    Args:
        supervisor: owns the processes.
        chosen: the ports of ``web`` and ``labelstudio``.
    """

    def __init__(self, supervisor: Supervisor, chosen: dict[str, int]) -> None:
        self._supervisor = supervisor
        self._instance = supervisor.instance
        self._say = supervisor.say
        self._ports = chosen
        self._dashboard = f"http://{ports.HOST}:{chosen['web']}"
        self._studio = f"http://{ports.HOST}:{chosen['labelstudio']}"
        self._env = environment.for_copydesk(self._instance.folder, self._dashboard)
        self._credentials = Credentials(self._instance)
        self._runner = Runner(supervisor)
        self._session = Session(supervisor, self._env)
        self._flask = commands.Flask(self._session, self._instance)
        self._begun = time.monotonic()

    def bring_up(self, *, demo: bool) -> None:
        """Start the parts, give a new instance its first data, say where to go."""
        self._say.line(f"Copydesk · instance {self._instance.folder}")
        server = self._launch_studio()
        self._flask("db", "upgrade")
        self._say.done("database is up to date")
        web = self._launch_dashboard()
        link = first_data.ensure_admin(self._flask)
        batch = first_data.find_batch(self._flask)
        if batch is None:
            new, there = first_data.import_articles(self._flask)
            self._say.done(f"demo articles: {new} imported, {there} were there already")
        self._wait_for_dashboard(web)
        report = labelstudio.starting(self._instance, self._say)
        is_ready = labelstudio.readiness(self._ports["labelstudio"], report)
        self._supervisor.wait_for(server, is_ready, limit_s=_STUDIO_LIMIT_S)
        self._say.done(f"Label Studio answers at {self._studio}")
        shown = self._complete_batch(batch)
        simulated = self._simulate(shown) if demo else None
        self._session.close()
        self.publish()
        outcome = summary.Outcome(
            dashboard=self._dashboard,
            labelstudio=self._studio,
            instance=_as_typed(self._instance),
            link=link,
            lanes=shown["lanes"],
            simulated=simulated,
            seconds=time.monotonic() - self._begun,
        )
        summary.tell(outcome, self._credentials, self._say)

    def publish(self) -> None:
        """Write ``run.json``: everything is up, with these pids."""
        pids = self._supervisor.pids()
        runfile.publish(self._instance, runfile.Running(self._dashboard, self._studio, ADMIN, pids))

    def _launch_studio(self) -> Part:
        if not labelstudio.has_data(self._instance):
            self._credentials.forget_server()
        labelstudio.ensure_token(self._instance, self._credentials, self._runner)
        server = labelstudio.part(self._instance, self._ports["labelstudio"], self._credentials)
        self._supervisor.launch(server)
        return server

    def _launch_dashboard(self) -> Part:
        web = commands.web(self._instance, self._env, self._ports["web"])
        self._supervisor.launch(commands.worker(self._instance, self._env))
        self._supervisor.launch(web)
        return web

    def _wait_for_dashboard(self, web: Part) -> None:
        port = self._ports["web"]
        self._supervisor.wait_for(
            web, lambda: http_probe.status(port, "/healthz") == 200, limit_s=_WEB_LIMIT_S
        )
        self._say.done(f"dashboard answers at {self._dashboard}")

    def _reporter(self, text: str) -> simulate.Report:
        return lambda: self._say.waiting(text)

    def _complete_batch(self, batch: dict[str, Any] | None) -> dict[str, Any]:
        # The gateway's library is slow to load: the connection is renewed when it has changed.
        if batch is None or jsonfile.read(self._instance.ports).get("connected") != self._studio:
            first_data.connect(self._flask, self._studio, self._credentials.token() or "")
            jsonfile.write(self._instance.ports, self._ports | {"connected": self._studio})
        if batch is None:
            batch = first_data.create_batch(self._flask)
        report = self._reporter("pushing the demo batch to Label Studio")
        batch = first_data.push_batch(self._flask, batch, report)
        self._set_passwords()
        self._say.done(f"batch demo: {batch['pushed']} of {batch['tasks']} tasks in Label Studio")
        return batch

    def _set_passwords(self) -> None:
        for email in ANNOTATORS:
            try:
                labelstudio.set_password(email, self._instance, self._credentials, self._runner)
            except LocalError as err:
                # Somebody may have removed the account on purpose: the parts run all the same.
                self._say.line(f"  ! {err.message}")

    def _simulate(self, shown: dict[str, Any]) -> int:
        job = {
            "url": self._studio,
            "token": self._credentials.token(),
            "lanes": shown["lanes"],
        }
        report = self._reporter("simulated annotators are at work")
        made = simulate.let_annotate(self._runner, self._env, self._instance, job, report)
        self._flask("sync", first_data.BATCH, "--wait")
        self._say.done(f"simulated annotators: {made} new annotations, synced")
        return made


def _as_typed(instance: Instance) -> str:
    try:
        return str(instance.folder.relative_to(Path.cwd()))
    except ValueError:
        return str(instance.folder)
