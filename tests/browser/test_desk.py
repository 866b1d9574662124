"""The moderation desk by keyboard alone: through the queue, an escalation, an appeal, its end."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.site import running_site
from tests.instances import PEOPLE

pytestmark = pytest.mark.browser
WIDE = {"viewport": {"width": 1440, "height": 900}}


@pytest.fixture(scope="module")
def floor(sqlite_template, tmp_path_factory):
    """A filled desk of its own: these tests write."""
    folder = tmp_path_factory.mktemp("floor")
    with (
        sqlite_template.copy(folder / "instance") as settings,
        running_site(settings, folder / "log") as site,
    ):
        yield site


@pytest.fixture
def people(floor, browser):
    """The reviewer and the admin, each in a browser of their own."""
    contexts = {role: floor.sign_in(browser, role, **WIDE) for role in ("reviewer", "admin")}
    yield {role: context.new_page() for role, context in contexts.items()}
    for context in contexts.values():
        context.close()


def press(page, key, lands):
    """Press a key that leads to another page."""
    with page.expect_navigation():
        page.keyboard.press(key)
    expect(page.locator("main")).to_contain_text(lands)


def title(page):
    return page.locator("h1").inner_text()


def answer(page, key, reason, lands):
    """Answer an appeal: the key first asks for the reason, then says it."""
    page.keyboard.press(key)
    expect(page.locator("#reason")).to_be_focused()
    page.keyboard.type(reason)
    page.keyboard.press("Enter")
    press(page, key, lands)


def settle(page, *, fine):
    """Settle whatever is open."""
    if page.get_by_role("button", name="Uphold the verdict").count():
        answer(page, "k", "It holds.", "Upheld.")
    elif fine:
        press(page, "f", "Decided: fine.")
    else:
        page.keyboard.press("1")
        press(page, "e", "Decided: needs edit.")


def work_through(page, ours):
    """Take and settle articles until nothing is free; give their titles."""
    seen = []
    while True:
        with page.expect_navigation():
            page.keyboard.press("t")
        if "Nothing that fits is free" in page.locator("main").inner_text():
            return seen
        assert title(page) not in {ours, *seen}
        seen.append(title(page))
        settle(page, fine=bool(len(seen) % 2))


def test_a_desk_is_worked_through_by_keyboard_and_a_second_person_overturns(floor, people):
    ann, ben = people["reviewer"], people["admin"]
    ann.goto(f"{floor.url}/moderation")
    press(ann, "t", "you have it open")
    ours, address = title(ann), ann.url

    # Nothing but "fine" goes without a reason; the page says so and waits.
    ann.keyboard.press("x")
    expect(ann.get_by_text("Pick a reason, or write one.")).to_be_visible()
    expect(ann.locator("#reason")).to_be_focused()
    ann.keyboard.type("Who calls them so?")
    ann.keyboard.press("Enter")
    press(ann, "x", "Decided: escalate.")
    expect(ann.locator("main")).to_contain_text("You escalated it, so somebody else")

    ann.keyboard.press("a")
    expect(ann.locator("#appeal-reason")).to_be_focused()
    ann.keyboard.type("The court has used the word.")
    with ann.expect_navigation():
        ann.keyboard.press("Enter")
    expect(ann.locator("main")).to_contain_text("The appeal waits for a second person.")

    assert len(work_through(ann, ours)) > 10

    # The last verdict is taken back, and given again.
    ann.go_back()
    press(ann, "u", "Taken back.")
    expect(ann.locator(".event-list")).to_contain_text("taken back")
    press(ann, "f", "Decided: fine.")

    ben.goto(f"{floor.url}/moderation")
    press(ben, "t", "you have it open")
    while title(ben) != ours:
        press(ben, "f", "Decided: fine.")
        press(ben, "t", "you have it open")
    answer(ben, "f", "It is the court's own word.", "Overturned.")

    story = ben.locator(".event-list > li")
    reviewer, admin = PEOPLE["reviewer"], PEOPLE["admin"]
    expect(story).to_have_count(3)
    expect(story.nth(0)).to_contain_text(f"{reviewer} decided: escalate")
    expect(story.nth(0)).to_contain_text("Who calls them so?")
    expect(story.nth(1)).to_contain_text(f"{reviewer} appealed")
    expect(story.nth(2)).to_contain_text(f"{admin} overturned the verdict: fine")
    for path in (address, f"{address}/report", f"{floor.url}/moderation/figures"):
        ben.goto(path)
        found = Axe().run(ben)
        assert found.violations_count == 0, found.generate_report()


def test_a_page_that_was_overtaken_says_so_and_keys_can_be_switched_off(floor, people):
    ann, ben = people["reviewer"], people["admin"]
    uid = floor.desk.article
    for page in (ann, ben):
        page.goto(f"{floor.url}/moderation/{uid}")
    ben.keyboard.press("n")
    ben.keyboard.type("I look at this one.")
    with ben.expect_navigation():
        ben.get_by_role("button", name="Leave the note").press("Enter")
    expect(ann.locator("#changed")).to_be_visible(timeout=20_000)
    press(ann, "r", "I look at this one.")

    ann.keyboard.press("?")
    ann.locator("#keys-on").press("Space")
    sent = []
    ann.on("request", lambda asked: sent.append(asked.method))
    ann.keyboard.press("t")
    ann.keyboard.press("f")
    ann.reload()
    assert "POST" not in sent
