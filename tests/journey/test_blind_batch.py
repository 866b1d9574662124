"""Three label 300 passages blind on a real Label Studio: dealt evenly, seen apart, proven."""

from __future__ import annotations

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from random import Random
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.extensions import Store
from app.keys import TokenVault
from app.models.articles import Article
from app.models.batches import Lane
from app.models.passages import Passage
from app.models.tasks import Task
from app.queries.batches import get_batch, show_batch
from app.queue import Queue
from app.services.articles import ArticleFields, prepare_article, store_article
from app.services.batches import BatchPlan, create_batch
from app.services.connections import save_connection
from app.services.pushing import request_push
from app.services.syncing import request_sync
from labeling.studio.sdk_gateway import SdkGateway
from tests.browser.conftest import browser_type_launch_args, chromium  # noqa: F401 - fixtures
from tests.browser.labeling_page import LabelingPage
from tests.processes import WorkerUnderTest, wait_until
from tests.studio_server import StudioServer

pytestmark = [pytest.mark.studio, pytest.mark.browser, pytest.mark.slow]

PEOPLE = ("ada@example.org", "ben@example.org", "chloe@example.org")
PASSWORD = "an-annotators-own-password"
BY_HAND = 2
SYLLABLES = ("ba", "do", "fe", "gi", "ka", "lo", "mu", "ne", "pi", "ro", "sa", "te", "vu", "zi")
OUTLETS = ("Gull", "Heron", "Tern")


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


def _sentence(chance, length):
    """Words that nobody has written before: no two passages are near-duplicates."""
    words = ["".join(chance.choices(SYLLABLES, k=4)) for _ in range(length)]
    return " ".join(words).capitalize() + "."


def prepare(settings, store, studio):
    """300 passages of three outlets, dealt to three people, and the job that pushes them."""
    with store.transaction() as session:
        chance = Random(7)
        for n in range(30):
            body = [_sentence(chance, 36) for _ in range(9)]
            text = "\n\n".join([_sentence(chance, 6).rstrip("."), *body])
            fields = ArticleFields(outlet=OUTLETS[n % 3])
            store_article(
                session,
                prepare_article(text.encode(), source="a.txt", fields=fields, max_bytes=10_000),
            )
        save_connection(
            session, TokenVault(settings), name="local", url=studio.url, token=studio.token,
            actor="system",
        )  # fmt: skip
        plan = BatchPlan("blind", "news", PEOPLE, overlap=2, control=10, seed=7)
        create_batch(session, plan, actor="system")
    ask(settings, store, request_push)


def ask(settings, store, request):
    queue = Queue(settings)
    with store.transaction() as session:
        job = request(session, queue, "blind", actor="system").id
    queue.close()
    return job


def shown(store):
    with store.reading() as session:
        return show_batch(session, "blind")


def check_deal(store):
    with store.reading() as session:
        rows = session.execute(
            select(Lane.n, Article.outlet, Task.passage_id, Task.suggested)
            .join(Task, Task.lane_id == Lane.id)
            .join(Passage, Passage.id == Task.passage_id)
            .join(Article, Article.id == Passage.article_id)
        ).all()
    assert set(Counter(row.passage_id for row in rows).values()) == {2}
    assert Counter(row.n for row in rows) == {1: 200, 2: 200, 3: 200}
    by_outlet = Counter((row.n, row.outlet) for row in rows)
    assert max(by_outlet.values()) - min(by_outlet.values()) <= 1
    control = [row for row in rows if not row.suggested]
    assert len({row.passage_id for row in control}) == 30
    assert Counter(row.n for row in control) == {1: 20, 2: 20, 3: 20}


def by_hand(browser, studio, email, stream_url):
    """Work through the first tasks of a lane's own link, and tell what was seen there."""
    studio.set_password(email, PASSWORD)
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    person = SimpleNamespace(url=studio.url, admin_email=email, admin_password=PASSWORD)
    desk = LabelingPage(context.new_page(), person)
    desk.sign_in()
    seen = []
    desk.page.goto(stream_url)
    text = desk.page.locator(".lsf-richtext__container")
    # The guideline is shown before the first task.
    instructions = desk.page.get_by_text("Labeling Instructions", exact=True)
    expect(instructions).to_be_visible(timeout=15_000)
    desk.page.keyboard.press("Escape")
    expect(instructions).to_be_hidden()
    for _ in range(BY_HAND):
        # In the stream of tasks, a second button beside it has the same name.
        button = desk.page.get_by_test_id("bottombar-submit-button")
        expect(button).to_be_enabled()
        expect(text).to_contain_text("a")
        desk.page.wait_for_load_state("networkidle")
        # Nobody has been here before, as far as one can see.
        assert desk.page.locator(".lsf-richtext__container .htx-highlight").count() == 0
        words = text.inner_text().strip()
        assert not any(other in desk.page.content() for other in PEOPLE if other != email)
        seen.append(words)
        desk.mark("l", words.split()[1])
        with desk.page.expect_response(
            lambda answer: "/annotations" in answer.url and answer.request.method == "POST"
        ) as posted:
            button.click()
        assert posted.value.status == 201
        expect(text).not_to_have_text(words)
    context.close()
    return seen


def by_program(studio, lanes):
    """The rest of every lane, in the name of its annotator."""
    gateway = SdkGateway(studio.url, studio.token)
    users = {user.email: user.id for user in gateway.list_users()}

    def annotate(work):
        email, task = work
        start = task.data["text"].index(" ") + 1
        value = {"start": start, "end": start + 4, "labels": ["LOADED_TERM"]}
        region = {
            "id": uuid.uuid4().hex[:10], "from_name": "loaded", "to_name": "text",
            "type": "labels", "value": value,
        }  # fmt: skip
        gateway.submit_annotation(
            task.ls_task_id, result=[region], completed_by=users[email],
            unique_id=str(uuid.uuid4()), lead_time=20.0,
        )  # fmt: skip

    left = [
        (lane.annotator, task)
        for lane in lanes
        for page in gateway.iter_tasks(lane.project_id, since=None)
        for task in page
        if not task.annotations
    ]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(annotate, left))
    return len(left)


def sync(settings, store, worker, wanted):
    ask(settings, store, request_sync)
    wait_until(lambda: wanted(shown(store)), 120, worker.tail)
    return shown(store)


def test_three_people_label_blind_and_a_stranger_is_found_out(
    settings, store, studio, browser, tmp_path
):
    prepare(settings, store, studio)
    check_deal(store)
    with WorkerUnderTest(settings, tmp_path / "worker.log") as worker:
        wait_until(lambda: shown(store)["state"] == "open", 90, worker.tail)
        with store.reading() as session:
            lanes = get_batch(session, "blind").lanes
        for lane in lanes[:2]:
            seen = by_hand(browser, studio, lane.annotator, lane.stream_url)
            assert len(set(seen)) == BY_HAND
        assert by_program(studio, lanes) == 600 - 2 * BY_HAND
        done = sync(settings, store, worker, lambda now: now["annotated"] == 600)
        assert done["quarantined"] == 0
        assert done["blind"] == {"mode": "lanes", "violations": 0, "flags": []}

        gateway = SdkGateway(studio.url, studio.token)
        users = {user.email: user.id for user in gateway.list_users()}
        (first, *_), *_ = gateway.iter_tasks(lanes[0].project_id, since=None)
        gateway.submit_annotation(
            first.ls_task_id, result=[], completed_by=users[PEOPLE[1]], unique_id=str(uuid.uuid4())
        )
        found = sync(settings, store, worker, lambda now: now["blind"]["violations"] == 1)
    (flag,) = found["blind"]["flags"]
    assert (flag["lane"], flag["annotator"], flag["signs"]) == (1, PEOPLE[1], ["stranger"])
