"""A person labels a passage in Label Studio, presses Sync, and sees the spans: by mouse and key."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from app.extensions import Store
from app.keys import TokenVault
from app.queries.batches import show_batch
from app.queries.records import iter_records
from app.queue import Queue
from app.services.articles import ArticleFields, prepare_article, store_article
from app.services.batches import BatchPlan, create_batch
from app.services.connections import save_connection
from app.services.pushing import request_push
from labeling.studio.sdk_gateway import SdkGateway
from tests.browser.conftest import browser_type_launch_args, chromium  # noqa: F401 - fixtures
from tests.browser.labeling_page import LabelingPage
from tests.browser.site import running_site
from tests.processes import WorkerUnderTest, wait_until
from tests.studio_server import StudioServer

pytestmark = [pytest.mark.studio, pytest.mark.browser, pytest.mark.slow]

ADA, PASSWORD = "ada@example.org", "an-annotators-own-password"
PASSAGE = "🙂🙂 “We won’t pay this death tax,” said Ada Venn, minister of ports."
ARTICLE = f"Minister rejects levy\n\n{PASSAGE}\n\nThe vote is on Thursday, after a debate.\n"


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    with StudioServer(tmp_path_factory.mktemp("studio") / "data") as server:
        yield server


@pytest.fixture
def settings(sqlite_template, tmp_path):
    with sqlite_template.copy(tmp_path / "instance") as settings:
        yield settings


@pytest.fixture
def store(settings):
    store = Store(settings.sqlalchemy_url)
    yield store
    store.dispose()


def prepare(settings, store, studio):
    """An article, a connection, a batch of one lane and the job that pushes it."""
    queue = Queue(settings)
    with store.transaction() as session:
        prepared = prepare_article(
            ARTICLE.encode(), source="levy.txt", fields=ArticleFields(), max_bytes=10_000
        )
        store_article(session, prepared)
        save_connection(
            session,
            TokenVault(settings),
            name="local",
            url=studio.url,
            token=studio.token,
            actor="system",
        )
        # Without suggestions, all of which Label Studio would have marked already.
        plan = BatchPlan("hand", "news", (ADA,), control=100)
        create_batch(session, plan, actor="system")
        request_push(session, queue, "hand", actor="system")
    queue.close()


def shown(store):
    with store.reading() as session:
        return show_batch(session, "hand")


def the_task(studio, project):
    for page in SdkGateway(studio.url, studio.token).iter_tasks(project, since=None):
        for task in page:
            if "death tax" in task.data["text"]:
                return task.ls_task_id
    raise AssertionError("the passage is not there")


def label(browser, studio, project):
    """What the annotator does, signed in with a password of their own."""
    studio.set_password(ADA, PASSWORD)
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    person = SimpleNamespace(url=studio.url, admin_email=ADA, admin_password=PASSWORD)
    desk = LabelingPage(context.new_page(), person)
    desk.sign_in()
    desk.open(project, the_task(studio, project))
    desk.mark("s", "Ada Venn")
    desk.mark("q", "“We won’t pay this death tax,”")
    desk.mark("l", "death tax")
    desk.select("“We won", "How is it quoted?")
    desk.answer("d", "Direct, a full quotation")
    desk.link("Ada Venn")
    desk.let_go()
    desk.submit()
    context.close()


def test_what_is_labeled_by_hand_is_seen_on_the_passage_page_and_exported(
    settings, store, studio, browser, tmp_path
):
    prepare(settings, store, studio)
    with (
        WorkerUnderTest(settings, tmp_path / "worker.log") as worker,
        running_site(settings, tmp_path / "web.log", filled=False) as site,
    ):
        wait_until(lambda: shown(store)["state"] == "open", 60, worker.tail)
        label(browser, studio, shown(store)["lanes"][0]["project_id"])
        context = site.sign_in(browser)
        page = context.new_page()
        page.goto(f"{site.url}/batches/hand")
        page.get_by_role("button", name="Sync").click()
        # Without a reload: the page asks for itself while the job runs.
        expect(page.get_by_text("1 of 1").first).to_be_visible(timeout=30_000)
        page.goto(f"{site.url}/batches/hand")
        page.get_by_role("link", name="death tax").first.click()
        for words in ("QUOTE", "SPEAKER", "LOADED_TERM", "direct", "said by"):
            expect(page.get_by_text(words).first).to_be_visible()
        context.close()
    (record,) = [r for r in iter_records(store, "hand") if r["annotations"]]
    assert record["passage"]["text"] == PASSAGE
    (layer,) = record["annotations"]
    found = {span["label"]: span for span in layer["spans"]}
    assert {name: span["text"] for name, span in found.items()} == {
        "QUOTE": "“We won’t pay this death tax,”",
        "SPEAKER": "Ada Venn",
        "LOADED_TERM": "death tax",
    }
    assert PASSAGE[found["QUOTE"]["start"] : found["QUOTE"]["end"]] == found["QUOTE"]["text"]
    assert found["QUOTE"]["attrs"] == {"kind": "direct"}
    assert [r["label"] for r in layer["relations"]] == ["said_by"]
