"""What people do: by keyboard alone, without scripts, and while a job is at work."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from app.extensions import Store
from app.models.jobs import Job, JobState

pytestmark = pytest.mark.browser


@pytest.fixture
def wide(site, signed_in, browser):
    context = browser.new_context(storage_state=signed_in, viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


@pytest.fixture
def narrow(site, signed_in, browser):
    context = browser.new_context(storage_state=signed_in, viewport={"width": 320, "height": 700})
    yield context.new_page()
    context.close()


@pytest.fixture
def scriptless(site, signed_in, browser):
    context = browser.new_context(
        storage_state=signed_in, viewport={"width": 320, "height": 700}, java_script_enabled=False
    )
    yield context.new_page()
    context.close()


def focused(page):
    return page.evaluate("document.activeElement.textContent.trim()")


def test_the_first_tab_leads_past_the_navigation(site, wide):
    wide.goto(site.path_of("batch"))
    wide.keyboard.press("Tab")
    assert focused(wide) == "Skip to content"
    wide.keyboard.press("Enter")
    wide.keyboard.press("Tab")
    inside = wide.evaluate("document.getElementById('main').contains(document.activeElement)")
    assert inside


def test_the_main_act_of_a_draft_batch_is_reached_by_tab(site, wide):
    wide.goto(site.path_of("batch-draft"))
    wide.evaluate("document.getElementById('main').focus()")
    reached = []
    for _ in range(4):
        wide.keyboard.press("Tab")
        reached.append(focused(wide))
    assert "Push" in reached


def test_the_look_changes_at_once_and_is_there_before_the_next_page_paints(site, wide):
    wide.goto(site.path_of("home"))
    wide.get_by_role("button", name="Dark").first.focus()
    wide.keyboard.press("Enter")
    expect(wide.locator("html")).to_have_attribute("data-theme", "dark")
    expect(wide.get_by_role("button", name="Dark").first).to_have_attribute("aria-pressed", "true")
    answer = wide.goto(site.path_of("jobs"))
    assert answer is not None
    assert 'data-theme="dark"' in answer.text()


def test_the_menu_of_a_narrow_screen_opens_and_closes_by_keyboard(site, narrow):
    narrow.goto(site.path_of("home"))
    narrow.locator(".menu > summary").focus()
    narrow.keyboard.press("Enter")
    expect(narrow.locator(".menu").get_by_role("link", name="Articles")).to_be_visible()
    narrow.keyboard.press("Escape")
    expect(narrow.locator(".menu").get_by_role("link", name="Articles")).to_be_hidden()
    assert "Menu" in focused(narrow)


def test_the_menu_and_the_look_need_no_script(site, scriptless):
    scriptless.goto(site.path_of("home"))
    scriptless.locator(".menu > summary").click()
    scriptless.locator(".menu").get_by_role("button", name="Dark").click()
    expect(scriptless.locator("html")).to_have_attribute("data-theme", "dark")
    assert scriptless.url == site.path_of("home")
    scriptless.locator(".menu > summary").click()
    scriptless.locator(".menu").get_by_role("link", name="Batches").click()
    expect(scriptless.get_by_role("heading", name="Batches")).to_be_visible()


def test_a_filter_is_in_the_address_and_can_be_taken_back(site, wide):
    wide.goto(site.path_of("articles"))
    wide.get_by_role("link", name="Northfold Courier").click()
    assert "outlet=Northfold+Courier" in wide.url
    expect(wide.locator("tbody tr")).to_have_count(3)
    wide.get_by_role("searchbox").fill("RENT")
    wide.keyboard.press("Enter")
    expect(wide.locator("tbody tr")).to_have_count(1)
    wide.go_back()
    expect(wide.locator("tbody tr")).to_have_count(3)


def test_a_link_to_hand_over_is_copied(site, wide):
    wide.context.grant_permissions(["clipboard-read", "clipboard-write"])
    wide.goto(site.path_of("batch"))
    wide.get_by_role("button", name="Copy the link for ada@example.org").click()
    expect(wide.locator("#live")).to_have_text("Copied.")
    copied = wide.evaluate("navigator.clipboard.readText()")
    # Straight into the lane's own tab, where it has one.
    assert re.search(r"/data\?(tab=\d+&)?labeling=1$", copied)


def test_progress_moves_by_itself_and_asks_no_more_when_the_job_has_ended(site, wide):
    line = site.desk.line
    store = Store(line.settings.sqlalchemy_url)

    def change(**values):
        with store.transaction() as session:
            session.execute(update(Job).where(Job.id == site.desk.running_job).values(**values))

    wide.goto(site.path_of("batch-shared"))
    expect(wide.locator("#progress")).to_contain_text("9 of 21")
    try:
        change(done=18, message="Reading lane 1, page 2")
        expect(wide.locator("#progress")).to_contain_text("18 of 21", timeout=8000)
        with wide.expect_response(lambda r: "/batches/shared-pilot" in r.url, timeout=8000):
            change(done=21, state=JobState.SUCCEEDED, message="Done")
        expect(wide.locator("#live")).to_contain_text("Sync: succeeded", timeout=8000)
        expect(wide.locator("#progress")).not_to_have_attribute("hx-trigger", "every 3s")
    finally:
        change(done=9, state=JobState.RUNNING, message="Reading lane 1")
        store.dispose()


def test_too_large_an_upload_is_said_before_it_is_sent(site, wide, tmp_path):
    (tmp_path / "a.txt").write_text("x" * 100)
    wide.goto(f"{site.url}/articles/import")
    told = wide.get_by_text("These files are larger")
    chooser = wide.get_by_label("Article files")
    chooser.set_input_files(tmp_path / "a.txt")
    expect(told).to_be_hidden()
    form = wide.locator("form[data-most-bytes]")
    form.evaluate("form => form.setAttribute('data-most-bytes', '10')")
    chooser.set_input_files([])
    chooser.set_input_files(tmp_path / "a.txt")
    expect(told).to_be_visible()
    wide.get_by_role("button", name="Check them").click()
    assert wide.url.endswith("/articles/import")
    expect(told).to_be_visible()
