"""An article's suggestions, reached and understood without a pointer."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture
def page(site, signed_in, browser):
    context = browser.new_context(storage_state=signed_in, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(site.path_of("article-loaded"))
    yield page
    context.close()


def test_every_suggestion_is_reached_by_tab_and_says_why_it_is_there(page):
    tags = page.locator("a.tag-suggested")
    total = tags.count()
    assert total > 10
    tags.first.focus()
    reached = []
    for _ in range(3 * total):
        here = page.locator("a.tag-suggested:focus")
        if here.count():
            words = here.locator(".tag-why")
            expect(words).to_be_visible()
            described = page.locator("#" + here.get_attribute("aria-describedby"))
            assert described.inner_text() == words.inner_text()
            reached.append(here.get_attribute("id"))
        page.keyboard.press("Tab")
    assert len(set(reached)) == total


def test_a_loaded_term_says_in_whose_voice_it_stands_and_leads_to_its_words(page):
    tag = page.locator("a.tag-suggested.label-loaded-term").first
    tag.focus()
    expect(tag.locator(".tag-why")).to_contain_text("It stands in the headline.")
    page.keyboard.press("Enter")
    listed = page.locator(".suggested-list li:target")
    expect(listed).to_contain_text("Plainer: estate tax, inheritance tax.")
    expect(listed).to_be_in_viewport()
    listed.get_by_role("link").first.click()
    assert page.url.endswith("#" + tag.get_attribute("id"))


def test_a_quotation_says_who_speaks(page):
    quote = page.locator("a.tag-suggested.label-quote", has_text="direct").first
    quote.focus()
    expect(quote.locator(".tag-why")).to_contain_text("Said by Ruth Brannock.")


def test_suggestions_are_dashed_and_annotations_are_not(page, site):
    line = page.locator(".suggested .span-line").first
    assert line.evaluate("e => getComputedStyle(e).borderBottomStyle") == "dashed"
    page.goto(site.path_of("passage"))
    line = page.locator(".span-line").first
    assert line.evaluate("e => getComputedStyle(e).borderBottomStyle") == "solid"
