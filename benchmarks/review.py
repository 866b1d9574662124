"""The review room: its page and its acts at eight clients, and the longest text it may meet.

Ours are percentiles of 95 in milliseconds, theirs is what the page must keep to. The server is
gunicorn with two processes, as it is shipped. Each client is a reviewer: first one who needs
about half a second for a verdict, then (``_flat_out``) one who needs no time at all, which is many
times the work of eight people. The last figures are of a browser with a text of 20,000 characters
under 600 spans.
"""

from __future__ import annotations

import http.client
import json
import random
import re
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import select

from app import create_app
from app.extensions import Store
from app.models.articles import Article
from app.models.passages import Passage
from app.models.review import ReviewItem
from app.models.tasks import Task
from app.services.accounts import create_user
from app.services.articles import ArticleFields, prepare_article, store_article
from benchmarks.figure import Figure
from config import Settings
from labeling.text.passages import text_sha
from tests.browser.conftest import chromium
from tests.browser.site import CHROMIUM_FLAGS, Site, running_site
from tests.instances import PEOPLE, SqliteTemplate
from tests.line import ADA, BEN, CHLOE, Line
from tests.visitors import visitor

CLIENTS = 8
EACH = 12
PACED = 4
"""Of these passages, how many are worked on at a person's pace: ``PAUSE_S`` for an act."""
PAUSE_S = 0.5
PAGE_MS, SUBMIT_MS, DRAW_MS, KEY_MS = 100.0, 100.0, 50.0, 50.0
CHARS, SPANS = 20_000, 600
_WORD = "harbour "


class Percentile(Figure):
    """What all but one of twenty were served within."""

    def line(self) -> str:
        ours = statistics.quantiles(self.ours, n=20)[-1] if len(self.ours) > 1 else self.ours[0]
        told = {"name": self.name, "ours": round(ours, 2), "theirs": self.theirs[0]}
        more = {"ratio": round(ours / self.theirs[0], 3), "unit": self.unit, "n": len(self.ours)}
        return json.dumps({**told, **more})


@dataclass
class Reviewer:
    """One client: asks for pages and sends forms, one after the other."""

    host: str
    cookie: str
    passages: list[str]
    pause_s: float = 0.0
    times: dict[str, list[float]] = field(default_factory=dict)
    chance: random.Random = field(default_factory=lambda: random.Random(0))

    def work(self) -> None:
        """Open each passage, decide every group of it, submit."""
        for uid in self.passages:
            body = self.ask("page", "GET", f"/review/first/{uid}")
            for pick in re.findall(
                r'name="pick" value="([^"]+)" class="option" data-option="1"', body
            ):
                self.send("decide", uid, body, pick=pick)
            self.send("submit", uid, body)

    def send(self, act: str, uid: str, body: str, **fields: str) -> None:
        """Send one of the page's forms."""
        carried = {
            name: re.findall(rf'name="{name}" value="([^"]*)"', body)[0]
            for name in ("csrf_token", "seen", "base")
        }
        form = urlencode({**carried, **fields, "batch": "none"})
        self.ask(act, "POST", f"/review/first/{uid}/{act}", form)

    def ask(self, name: str, method: str, path: str, form: str | None = None) -> str:
        """One request, timed."""
        time.sleep(self.pause_s * self.chance.uniform(0.5, 1.5))
        headers = {"Cookie": self.cookie, "HX-Request": "true"}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection(self.host, timeout=60)
        begun = time.perf_counter()
        connection.request(method, path, form, headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        self.times.setdefault(name, []).append((time.perf_counter() - begun) * 1000)
        connection.close()
        if answer.status not in (200, 204):
            raise SystemExit(f"{method} {path}: {answer.status}\n{body[:600]}")
        return body


def measure() -> Iterator[Figure]:
    """Reviewers at work, then a browser with the long text."""
    with tempfile.TemporaryDirectory() as place:
        template = SqliteTemplate.make(Path(place) / "template")
        with template.copy(Path(place) / "instance") as settings:
            passages, long_text = _fill(settings)
            with running_site(settings, Path(place) / "log", filled=False, workers=2) as site:
                yield from _at_work(settings, site, passages)
                yield from _long_text(settings, site, long_text)


def _fill(settings: Settings) -> tuple[list[str], str]:
    """Passages that three annotators answered differently, and the long text in a batch apart."""
    store = Store(settings.sqlalchemy_url)
    line = Line(settings.model_copy(update={"push_settle_s": 0.0}), store)
    for n in range(CLIENTS):
        line.add_article(f"boats{n}", paragraphs=EACH + 1)
    line.add_batch(annotators=(ADA, BEN, CHLOE), overlap=3)
    line.push()
    _annotate(line, "first", _short)
    long_text = (_WORD * (CHARS // len(_WORD))).strip()
    prepared = prepare_article(
        f"Long\n\n{long_text}".encode(),
        source="long.txt",
        fields=ArticleFields(outlet="Gull", external_id="long"),
        max_bytes=1_000_000,
    )
    with store.transaction() as session:
        article = store_article(session, prepared).uid
    line.add_batch("long", annotators=(ADA, BEN, CHLOE), overlap=3, articles=(article,))
    _stretch(store, article, long_text)
    line.push("long")
    _annotate(line, "long", _long)
    with store.transaction() as session:
        for n in range(CLIENTS):
            create_user(session, email=f"r{n}@example.org", role="reviewer", actor="system")
        rows = session.execute(
            select(Passage.uid, Passage.text)
            .join(ReviewItem, ReviewItem.passage_id == Passage.id)
            .where(ReviewItem.state == "ready")
            .order_by(Passage.id)
        ).all()
    line.queue.close()
    store.dispose()
    short = [uid for uid, text in rows if "said Ada" in text]
    return short[: CLIENTS * EACH], next(uid for uid, text in rows if len(text) > CHARS // 2)


def _stretch(store: Store, article: str, text: str) -> None:
    """Make one passage the whole text: ours are cut, but adopted ones may be as long as that."""
    with store.transaction() as session:
        passage = session.scalars(
            select(Passage)
            .join(Article, Article.id == Passage.article_id)
            .where(Article.uid == article, Passage.role == "body")
            .order_by(Passage.id)
        ).first()
        if passage is None:
            raise SystemExit("the long article has no passage")
        passage.text, passage.text_sha = text, text_sha(text)
        for task in session.scalars(select(Task).where(Task.passage_id == passage.id)):
            task.text_sha = passage.text_sha


def _annotate(line: Line, slug: str, say: Any) -> None:
    users = {user.email: user.id for user in line.server.users}
    for n, (lane, email) in enumerate(zip(line.lanes(slug), (ADA, BEN, CHLOE), strict=True)):
        for task in line.server.tasks_of(lane.ls_project_id or 0):
            spans = say(task["data"]["text"], n)
            regions = [_region(f"r{at}", *span) for at, span in enumerate(spans)]
            line.server.annotate(task["id"], regions, completed_by=users[email])
    line.sync(slug)


def _short(text: str, who: int) -> list[tuple[str, int, int]]:
    """Ten spans a passage; every third is another label, or a word longer, by one of them."""
    words = [match.span() for match in re.finditer(r"\w{3,}", text)][:10]
    return [
        ("ORG" if at % 3 == who else "PERSON", start, end - (at % 4 == who))
        for at, (start, end) in enumerate(words)
    ]


def _long(text: str, who: int) -> list[tuple[str, int, int]]:
    """A third of the spans each: two hundred places, most of them alike."""
    if len(text) < CHARS // 2:
        return []
    step = len(text) // (SPANS // 3)
    return [
        ("ORG" if at % 5 == who else "PERSON", at * step, at * step + 40 - 4 * (at % 7 == who))
        for at in range(SPANS // 3)
    ]


def _region(key: str, label: str, start: int, end: int) -> dict[str, Any]:
    value = {"start": start, "end": end, "labels": [label]}
    return {"id": key, "from_name": "entity", "to_name": "text", "type": "labels", "value": value}


def _at_work(settings: Settings, site: Site, passages: list[str]) -> Iterator[Figure]:
    app = create_app(settings)
    host = site.url.removeprefix("http://")
    cookies = [_signed_in(app, n) for n in range(CLIENTS)]
    # Both processes read their templates once; that is no reviewer's day.
    for _ in range(2):
        for n, cookie in enumerate(cookies):
            Reviewer(host, cookie, []).ask("warm", "GET", f"/review/first/{passages[n * EACH]}")
    for first, last, pause_s, word in ((0, PACED, PAUSE_S, ""), (PACED, EACH, 0.0, "_flat_out")):
        reviewers = [
            Reviewer(
                host, cookie, passages[n * EACH + first : n * EACH + last], pause_s,
                chance=random.Random(n),
            )
            for n, cookie in enumerate(cookies)
        ]  # fmt: skip
        threads = [threading.Thread(target=one.work) for one in reviewers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for name, budget in (("page", PAGE_MS), ("decide", SUBMIT_MS), ("submit", SUBMIT_MS)):
            times = [took for one in reviewers for took in one.times[name]]
            yield Percentile(f"review_{name}_p95{word}", times, [budget], "ms")


def _long_text(settings: Settings, site: Site, uid: str) -> Iterator[Figure]:
    app = create_app(settings)
    path = f"/review/long/{uid}"
    alone = Reviewer(site.url.removeprefix("http://"), _signed_in(app, 0), [])
    for _ in range(12):
        alone.ask("page", "GET", path)
    yield Percentile("review_600_spans_server", alone.times["page"][2:], [PAGE_MS], "ms")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        page = _open(browser, site, path, alone.cookie)
        drawn = [page.evaluate(DRAW) for _ in range(13)][3:]
        yield Percentile("review_600_spans_draw", drawn, [DRAW_MS], "ms")
        yield Percentile("review_600_spans_key", _keys(page), [KEY_MS], "ms")
        browser.close()


# Take the text away, put it back, and wait for its layout: what drawing it costs.
DRAW = """() => {
  const text = document.getElementById('passage-text');
  const place = document.createComment('');
  const html = text.outerHTML;
  text.replaceWith(place);
  document.body.offsetHeight;
  const begun = performance.now();
  const holder = document.createElement('template');
  holder.innerHTML = html;
  place.replaceWith(holder.content.firstElementChild);
  document.body.offsetHeight;
  return performance.now() - begun;
}"""

# From a key to the frame after it was painted.
KEY = """(key) => new Promise((done) => {
  const begun = performance.now();
  document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => done(performance.now() - begun);
    channel.port2.postMessage(0);
  });
})"""


def _open(browser: Browser, site: Site, path: str, cookie: str) -> Page:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    name, _, value = cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": site.url}])
    page = context.new_page()
    page.goto(site.url + path)
    page.wait_for_load_state("networkidle")
    return page


def _keys(page: Page) -> list[float]:
    """Picking the first version of one group after the other, and moving on."""
    return [page.evaluate(KEY, "1") for _ in range(23)][3:]


def _signed_in(app: Any, n: int) -> str:
    """The cookie of a reviewer's session."""
    name = f"r{n}"
    PEOPLE[name] = f"{name}@example.org"
    client = visitor(app, name)
    del PEOPLE[name]
    client.get("/review")
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    return f"{cookie.key}={cookie.value}"
