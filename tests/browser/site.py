"""The dashboard as people get it: a filled desk behind a real gunicorn on a loopback port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext

from app.extensions import Store
from config import ROOT, Settings
from tests.desk import Desk, fill
from tests.instances import PASSWORD, PEOPLE

START_S = 40.0
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Every page and what leads to it; `{desk.…}` is filled in by `path_of`.
PAGES = {
    "home": "/",
    "articles": "/articles",
    "articles-none": "/articles?q=zzz",
    "import": "/articles/import",
    "import-checked": "/articles/import/{desk.intake}",
    "article": "/articles/{desk.article}",
    "article-loaded": "/articles/{desk.loaded}",
    "batches": "/batches",
    "batch": "/batches/demo",
    "drift": "/batches/demo/drift",
    "drift-open": "/batches/shared-pilot/drift",
    "batch-new": "/new-batch",
    "batch-shared": "/batches/shared-pilot",
    "batch-draft": "/batches/week-14",
    "passage": "/batches/demo/passages/{desk.rich}",
    "passage-waiting": "/batches/week-14/passages/{desk.empty}",
    "set-aside": "/set-aside?batch=demo",
    "set-aside-item": "/batches/demo/set-aside/1",
    "agreement": "/agreement",
    "agreement-batch": "/batches/demo/agreement",
    "agreement-label": "/batches/demo/agreement?layer=entity&label=PERSON",
    "agreement-places": "/batches/demo/agreement/passages?layer=quote&label=QUOTE",
    "agreement-none": "/batches/week-14/agreement",
    "review": "/review",
    "review-narrowed": "/review?kind=boundary&order=age&sample=50",
    "review-none": "/review?label=zzz",
    "review-passage": "/review/demo/{desk.review}",
    "review-add": "/review/demo/{desk.review}?do=add",
    "review-back": "/review/demo/{desk.review}?do=back",
    "review-settled": "/review/demo/{desk.settled}",
    "guideline": "/batches/demo/guideline",
    "lexicon": "/lexicon",
    "lexicon-none": "/lexicon?q=zzz",
    "term": "/lexicon/death-tax",
    "term-new": "/lexicon/new",
    "datasets": "/datasets",
    "dataset": "/datasets/{desk.dataset}/1.0.0",
    "dataset-records": "/datasets/{desk.dataset}/1.0.0/records",
    "dataset-diff": "/datasets/{desk.dataset}/1.1.0/diff",
    "release-new": "/new-release",
    "contexts": "/terms",
    "contexts-of-a-term": "/terms/zealots",
    "contexts-alike": "/terms/death tax?look=alike&sort=right",
    "contexts-none": "/terms/nowhere-at-all",
    "contexts-counts": "/terms/counts?term=zealots",
    "evenness": "/terms/evenness",
    "outlets": "/terms/outlets",
    "desk": "/moderation",
    "desk-none": "/moderation?term=zzz",
    "desk-decided": "/moderation?state=all&order=age",
    "desk-article": "/moderation/{desk.loaded}",
    "desk-escalated": "/moderation/{desk.escalated}",
    "desk-appealed": "/moderation/{desk.appealed}",
    "desk-overturned": "/moderation/{desk.overturned}",
    "desk-report": "/moderation/{desk.overturned}/report",
    "desk-figures": "/moderation/figures",
    "policies": "/policies",
    "policy": "/policies/house",
    "policy-new": "/policies/new?from=house",
    "connections": "/connections",
    "jobs": "/jobs",
    "job-running": "/jobs/{desk.running_job}",
    "job-failed": "/jobs/{desk.failed_job}",
    "account": "/account",
    "not-found": "/articles/nothing",
}
PUBLIC_PAGES = {"sign-in": "/login"}


@dataclass
class Site:
    """A running dashboard; ``desk`` is None when it is fresh."""

    url: str
    desk: Desk | None = None

    def path_of(self, name: str) -> str:
        """The address of one of ``PAGES`` on this site."""
        path = {**PAGES, **PUBLIC_PAGES}[name]
        return self.url + path.format(desk=self.desk)

    def sign_in(self, browser: Browser, role: str = "admin", **options: object) -> BrowserContext:
        """A browser in which somebody has signed in through the form."""
        context = browser.new_context(**options)
        page = context.new_page()
        page.goto(self.url + "/login")
        page.get_by_label("E-mail address").fill(PEOPLE[role])
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(self.url + "/")
        page.close()
        return context


@contextmanager
def running_site(
    settings: Settings, log: Path, *, filled: bool = True, workers: int = 1
) -> Iterator[Site]:
    """Fill the instance and serve it, by as many processes as told."""
    desk = None
    if filled:
        store = Store(settings.sqlalchemy_url)
        desk = fill(settings, store)
        desk.line.queue.close()
        store.dispose()
    port = _free_port()
    command = [
        *(sys.executable, "-m", "gunicorn"),
        *("--workers", str(workers), "--bind", f"127.0.0.1:{port}"),
    ]
    with log.open("ab") as out:
        process = subprocess.Popen(
            [*command, "wsgi:app"],
            cwd=ROOT,
            env={**os.environ, "COPYDESK_INSTANCE": str(settings.instance)},
            stdout=out,
            stderr=out,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_ready(url, process, log)
            yield Site(url, desk)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url + "/readyz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"the dashboard did not start:\n{log.read_text()[-2000:]}")
