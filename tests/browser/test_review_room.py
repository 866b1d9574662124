"""A reviewer settles a passage in the browser: by keyboard alone, by mouse, and by touch at 320."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from app.extensions import Store
from app.models.batches import Batch
from app.models.passages import Passage
from app.models.review import Decision, Gold
from app.services.articles import ArticleFields, prepare_article, store_article
from tests.browser.site import running_site
from tests.line import ADA, BEN, Line

pytestmark = pytest.mark.browser

TEXT = (
    "“We 😀 pay nothing,” said Mara Venn of the Harbour Union in Port Sele on Monday, while "
    "Omar Teague and Ilse Brand of Norland Rail “kept silent” near the Old Quay."
)
HANDS = ("keyboard", "mouse", "touch")
MEANWHILE = "meanwhile"
SLOW = "slow"

# What two annotators say: one group of every kind, and one that is agreed.
ADA_SAYS = [
    ("quote", "QUOTE", "“We 😀 pay nothing,”", {"kind": "direct"}),
    ("quote", "SPEAKER", "Mara Venn", {}),
    ("quote", "QUOTE", "“kept silent”", {"kind": "direct"}),
    ("entity", "ORG", "Harbour Union", {}),
    ("entity", "PERSON", "Port Sele", {}),
    ("entity", "PERSON", "Omar Teague and Ilse Brand", {}),
    ("entity", "ORG", "Norland Rail", {}),
]
BEN_SAYS = [
    ("quote", "QUOTE", "“We 😀 pay nothing,”", {"kind": "direct"}),
    ("quote", "SPEAKER", "Mara Venn", {}),
    ("quote", "QUOTE", "“kept silent”", {"kind": "partial"}),
    ("entity", "ORG", "the Harbour Union", {}),
    ("entity", "ORG", "Port Sele", {}),
    ("entity", "PERSON", "Omar Teague", {}),
    ("entity", "PERSON", "Ilse Brand", {}),
    ("entity", "ORG", "Monday", {}),
]
GOLD = [
    ("QUOTE", "“We 😀 pay nothing,”", "chosen"),
    ("SPEAKER", "Mara Venn", "unanimous"),
    ("ORG", "Harbour Union", "chosen"),
    ("ORG", "Port Sele", "chosen"),
    ("PERSON", "Omar Teague", "chosen"),
    ("PERSON", "Ilse Brand", "chosen"),
    ("ORG", "Norland", "edited"),
    ("QUOTE", "“kept silent”", "chosen"),
    ("ORG", "Old Quay", "added"),
]


def result(said, linked):
    """Regions as Label Studio gives them; the first quote is linked to its speaker, or not."""
    items = []
    for n, (layer, label, words, attrs) in enumerate(said):
        start = TEXT.index(words)
        value = {"start": start, "end": start + len(words), "labels": [label]}
        place = {"id": f"r{n}", "from_name": layer, "to_name": "text"}
        items.append({**place, "type": "labels", "value": value})
        for name, answer in attrs.items():
            value = {"choices": [answer]}
            items.append({**place, "from_name": name, "type": "choices", "value": value})
    if linked:
        link = {"type": "relation", "from_id": "r0", "to_id": "r1", "labels": ["said_by"]}
        items.append(link)
    return items


@pytest.fixture(scope="module")
def room_site(sqlite_template, tmp_path_factory):
    """One passage in three batches, each answered by both annotators."""
    folder = tmp_path_factory.mktemp("room")
    with sqlite_template.copy(folder / "instance") as settings:
        store = Store(settings.sqlalchemy_url)
        line = Line(settings.model_copy(update={"push_settle_s": 0.0}), store)
        content = f"Harbour pay row goes on\n\n{TEXT}".encode()
        fields = ArticleFields(outlet="Gull")
        prepared = prepare_article(content, source="a.txt", fields=fields, max_bytes=10_000)
        with store.transaction() as session:
            store_article(session, prepared)
        for slug in (*HANDS, MEANWHILE, SLOW):
            _answer(line, slug)
        with running_site(settings, folder / "log", filled=False) as site:
            site.store, site.line = store, line
            yield site
        line.queue.close()
        store.dispose()


def _answer(line, slug):
    line.add_batch(slug, annotators=(ADA, BEN), overlap=2)
    line.push(slug)
    users = {user.email: user.id for user in line.server.users}
    for lane, who, said in zip(line.lanes(slug), (ADA, BEN), (ADA_SAYS, BEN_SAYS), strict=True):
        for task in line.server.tasks_of(lane.ls_project_id):
            body = task["data"]["text"] == TEXT
            items = result(said, linked=who == ADA) if body else []
            line.server.annotate(task["id"], items, completed_by=users[who])
    line.sync(slug)


class Hand:
    """How a reviewer works: what each hand does to the same end."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def group(self, words, label):
        """A group by its text and a label in it."""
        tag = self.page.locator(".tag", has_text=re.compile(f"^{label}$"))
        found = self.page.locator("li.group", has=tag)
        return found.filter(
            has=self.page.locator("b, q", has_text=re.compile(f"^{re.escape(words)}$"))
        ).first

    def option(self, group, words, label, answer=""):
        """An option of a group by what it says."""
        for option in group.locator("button.option[data-option]").all():
            said = option.locator(".said").inner_text()
            if said.startswith(f"{words} {label}") and answer in said:
                return option
        raise AssertionError(f"{words} {label} {answer} is no option of {group.inner_text()}")

    def shown(self, group, state):
        # A generous limit: acts go to the server one after the other, on a busy machine.
        expect(group.locator("h3 .pill")).to_contain_text(state, timeout=20_000)


class Keyboard(Hand):
    def go(self, group):
        wanted = group.get_attribute("data-group")
        for _ in range(30):
            here = self.page.locator('li.group[aria-current="true"]').get_attribute("data-group")
            if here == wanted:
                return
            self.page.keyboard.press("j" if int(here) < int(wanted) else "k")
        raise AssertionError(f"group {wanted} was not reached")

    def pick(self, words, label, answer=""):
        group = self.group(words, label)
        option = self.option(group, words, label, answer)
        self.go(group)
        self.page.keyboard.press(option.get_attribute("data-option"))
        self.shown(group, "decided")

    def reject(self, words, label):
        group = self.group(words, label)
        self.go(group)
        self.page.keyboard.press("x")
        expect(self.page.locator("#panel button[data-digit='3']")).to_contain_text("wrong label")
        self.page.keyboard.press("3")
        self.shown(group, "rejected")

    def edit_end(self, words, label):
        group = self.group(words, label)
        self.go(group)
        self.page.keyboard.press("e")
        expect(self.page.locator("#panel [data-bounds]")).to_be_focused()
        self.page.keyboard.press("{")
        expect(self.page.locator("[data-bounds-text]")).to_have_text("Norland")
        self.page.keyboard.press("2")
        self.page.keyboard.press("Enter")
        self.shown(group, "edited")

    def undo(self):
        self.page.keyboard.press("u")

    def add(self, words):
        self.page.keyboard.press("a")
        expect(self.page.locator("#panel [data-bounds]")).to_be_focused()
        for _ in range(60):
            if self.page.locator("[data-bounds-text]").inner_text() == words.split()[0]:
                break
            self.page.keyboard.press("ArrowRight")
        self.page.keyboard.press("}")
        expect(self.page.locator("[data-bounds-text]")).to_have_text(words)
        self.page.keyboard.press("2")
        self.page.keyboard.press("Enter")

    def submit(self):
        self.page.keyboard.press("Enter")


class Mouse(Hand):
    def press(self, place):
        place.click()

    def pick(self, words, label, answer=""):
        group = self.group(words, label)
        self.press(self.option(group, words, label, answer))
        self.shown(group, "decided")

    def reject(self, words, label):
        group = self.group(words, label)
        self.press(group.locator(".context"))
        self.press(group.locator('[data-panel="reject"]'))
        self.press(self.page.locator("#panel button", has_text="wrong label"))
        self.shown(group, "rejected")

    def edit_end(self, words, label):
        group = self.group(words, label)
        self.press(group.locator(".context"))
        self.press(group.locator('[data-panel="edit"]'))
        self.press(self.page.get_by_role("button", name="End a word earlier"))
        self.page.get_by_label("Reason").select_option("wrong bounds")
        self.press(self.page.get_by_role("button", name="Keep it"))
        self.shown(group, "edited")

    def undo(self):
        self.press(self.page.locator("#act-undo"))

    def add(self, words):
        self.select(words)
        self.press(self.page.locator("#act-add"))
        expect(self.page.locator("[data-bounds-text]")).to_have_text(words)
        self.page.locator("#panel #label").select_option("entity/ORG")
        self.press(self.page.get_by_role("button", name="Add it"))

    def select(self, words):
        """Drag over words of the text."""
        box = self.page.evaluate(
            """(words) => {
              const text = document.getElementById('passage-text');
              text.scrollIntoView({block: 'center'});
              const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
              for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                const at = node.textContent.indexOf(words);
                if (at < 0) continue;
                const range = document.createRange();
                range.setStart(node, at);
                range.setEnd(node, at + words.length);
                const box = range.getBoundingClientRect();
                return [box.left, box.right, box.top + box.height / 2];
              }
            }""",
            words,
        )
        self.page.mouse.move(box[0] + 1, box[2])
        self.page.mouse.down()
        self.page.mouse.move(box[1] - 1, box[2], steps=8)
        self.page.mouse.up()

    def submit(self):
        self.press(self.page.locator("#act-submit"))


class Touch(Mouse):
    def press(self, place):
        place.tap()

    def add(self, words):
        self.press(self.page.locator("#act-add"))
        start = TEXT.index(words)
        self.page.get_by_label("Begins at").fill(str(start))
        self.page.get_by_label("Ends before").fill(str(start + len(words)))
        expect(self.page.locator("[data-bounds-text]")).to_have_text(words)
        self.page.locator("#panel #label").select_option("entity/ORG")
        self.press(self.page.get_by_role("button", name="Add it"))


WAYS = {
    "keyboard": (Keyboard, {"viewport": {"width": 1440, "height": 900}}),
    "mouse": (Mouse, {"viewport": {"width": 1440, "height": 900}}),
    "touch": (Touch, {"viewport": {"width": 320, "height": 640}, "has_touch": True}),
}


@pytest.mark.parametrize("way", HANDS)
def test_a_passage_with_every_kind_of_conflict_is_settled(room_site, browser, way):
    hand_of, options = WAYS[way]
    context = room_site.sign_in(browser, "reviewer", **options)
    page, faults = context.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{room_site.url}/review?batch={way}")
    page.get_by_role("button", name="Start reviewing").click()
    expect(page.locator("#passage-text")).to_have_text(TEXT)
    kinds = set(page.locator("li.group h3 .muted").all_inner_texts())
    found = {kind for words in kinds for kind in words.split(" + ")}
    assert {"missing", "boundary", "label", "attribute", "speaker", "split/merge"} <= found
    _settle(hand_of(page))
    expect(page.locator("#room")).to_have_attribute("data-url", re.compile(f"batch={way}"))
    expect(page.locator("#passage-text")).to_have_text("Harbour pay row goes on")
    assert page.evaluate("document.documentElement.scrollWidth") == options["viewport"]["width"]
    context.close()
    assert faults == []
    assert gold_of(room_site.store, way) == (
        GOLD,
        [("“We 😀 pay nothing,”", "said_by", "Mara Venn")],
    )
    with room_site.store.reading() as session:
        undone = select(Decision).join(Batch).where(Batch.slug == way, Decision.verdict == "undo")
        assert len(session.scalars(undone).all()) == 1


def _settle(hand):
    """The same work whatever the hand: pick, reject, edit, take back, add, submit."""
    page = hand.page
    expect(page.locator("#act-submit")).to_have_attribute("aria-disabled", "true")
    hand.pick("“We 😀 pay nothing,”", "QUOTE", "said by: Mara Venn")
    hand.pick("Harbour Union", "ORG")
    hand.pick("Port Sele", "PERSON")
    hand.undo()
    hand.shown(hand.group("Port Sele", "PERSON"), "open")
    page.reload()
    hand.shown(hand.group("Port Sele", "PERSON"), "open")
    hand.pick("Port Sele", "ORG")
    hand.reject("Monday", "ORG")
    for name in ("Omar Teague", "Ilse Brand"):
        hand.pick(name, "PERSON")
    hand.edit_end("Norland Rail", "ORG")
    hand.pick("“kept silent”", "QUOTE", "partial")
    expect(page.locator("#room-head")).to_contain_text("nothing open")
    hand.add("Old Quay")
    hand.shown(hand.group("Old Quay", "ORG"), "added")
    hand.submit()


def gold_of(store, slug):
    """What was settled: spans by their words, and relations."""
    with store.reading() as session:
        row = session.scalars(
            select(Gold)
            .join(Batch, Batch.id == Gold.batch_id)
            .join(Passage, Passage.id == Gold.passage_id)
            .where(Batch.slug == slug, Passage.text == TEXT, Gold.current)
        ).one()
        assert row.settled_at < datetime.now(UTC)
        words = {span.region: TEXT[span.start : span.end] for span in row.spans}
        spans = [(one.label, words[one.region], one.settled) for one in row.spans]
        links = [(words[one["from"]], one["label"], words[one["to"]]) for one in row.relations]
        return spans, links


def test_what_a_colleague_and_an_annotator_do_meanwhile_is_shown(room_site, browser):
    mine = room_site.sign_in(browser, "reviewer")
    page = mine.new_page()
    page.goto(f"{room_site.url}/review?batch={MEANWHILE}")
    page.get_by_role("button", name="Start reviewing").click()
    hand = Mouse(page)
    hand.pick("Harbour Union", "ORG")
    theirs = room_site.sign_in(browser, "admin")
    other = theirs.new_page()
    other.goto(page.url)
    expect(other.locator("#room-told")).to_contain_text("has this passage open")
    expect(other.locator("#act-submit")).to_have_count(0)
    theirs.close()
    _answer_anew(room_site.line)
    hand.press(hand.option(hand.group("Port Sele", "ORG"), "Port Sele", "ORG"))
    expect(page.get_by_role("heading", name="Something is new here")).to_be_visible()
    expect(page.locator("#room")).to_contain_text("Harbour Union")
    page.get_by_role("button", name="Go on with the new answers").click()
    expect(page.locator("#passage-text")).to_have_text(TEXT)
    hand.shown(hand.group("Harbour Union", "ORG"), "decided")
    hand.shown(hand.group("Port Sele", "ORG"), "open")
    mine.close()


def test_a_verdict_is_taken_back_before_the_server_has_answered_it(room_site, browser):
    mine = room_site.sign_in(browser, "reviewer", **WAYS["keyboard"][1])
    page = mine.new_page()
    page.goto(f"{room_site.url}/review?batch={SLOW}")
    page.get_by_role("button", name="Start reviewing").click()
    expect(page.locator("#act-undo")).to_have_attribute("aria-disabled", "true")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/decide", hold)
    hand = Keyboard(page)
    hand.pick("Port Sele", "PERSON")
    hand.undo()
    (verdict,) = held
    verdict.continue_()
    hand.shown(hand.group("Port Sele", "PERSON"), "open")
    expect(page.locator("#act-undo")).to_have_attribute("aria-disabled", "true")
    mine.close()


def _answer_anew(line):
    """The second annotator leaves Monday out."""
    lane = line.lanes(MEANWHILE)[1]
    (task,) = (t for t in line.server.tasks_of(lane.ls_project_id) if t["data"]["text"] == TEXT)
    users = {user.email: user.id for user in line.server.users}
    line.server.annotate(task["id"], result(BEN_SAYS[:-1], linked=False), completed_by=users[BEN])
    assert line.sync(MEANWHILE).state == "succeeded"
