"""A term's page in a browser: the counts come by themselves, all of it by keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture
def page(site, signed_in, browser):
    context = browser.new_context(storage_state=signed_in, viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


def focus_on(page, selector):
    """Go on by Tab until a part of the page has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by Tab")


def test_the_counts_come_beside_the_places_and_filter_them(site, page):
    page.goto(site.path_of("contexts-of-a-term"))
    counts = page.locator("#counts")
    expect(counts).to_contain_text("1 place")
    counts.get_by_role("link", name="quoted").click()
    expect(page).to_have_url(re.compile("voice=quoted"))
    expect(page.locator("#counts")).to_contain_text("quoted")


def test_places_are_sorted_and_chosen_by_keyboard_alone(site, page):
    page.goto(site.url + "/terms/death tax")
    page.locator("#main").focus()
    focus_on(page, "#sort")
    page.keyboard.type("the words after")
    focus_on(page, "form.filters button")
    page.keyboard.press("Enter")
    page.wait_for_url("**sort=right**")
    expect(page.locator("#sort")).to_have_value("right")
    page.locator("#main").focus()
    focus_on(page, "input[name=passage]")
    page.keyboard.press("Space")
    expect(page.locator("input[name=passage]:checked")).to_have_count(1)
    focus_on(page, "#note")
    focus_on(page, "form[action$='/review'] button[type=submit]")


def test_without_scripts_the_counts_are_a_link_away(site, signed_in, browser):
    context = browser.new_context(storage_state=signed_in, java_script_enabled=False)
    page = context.new_page()
    page.goto(site.path_of("contexts-of-a-term"))
    page.get_by_role("link", name="Show the counts").click()
    expect(page.locator("main")).to_contain_text("1 place")
    context.close()
