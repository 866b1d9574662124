"""Every page in a real browser: accessible, quiet, within its frame, from our host alone."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.site import PAGES, PUBLIC_PAGES

pytestmark = pytest.mark.browser

EVERY = [*PAGES, *PUBLIC_PAGES]
WIDTHS = (320, 768, 1440)

# Text that reaches outside the box that clips it, or figures that are cut off at its edge.
# What is meant to be cut (two lines of an excerpt) or is there for listeners is left out.
CUT_OFF = """() => [...document.querySelectorAll('body *')].filter((element) => {
  if (element.closest('.skip, .excerpt, svg, .raw, noscript')) return false;
  const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  if (!own || !element.checkVisibility()) return false;
  const box = element.getBoundingClientRect();
  let cut = box.left < -1 || box.right > innerWidth + 1;
  for (let around = element; around; around = around.parentElement) {
    const style = getComputedStyle(around);
    if (style.clipPath === 'inset(50%)') return false;
    if (style.overflowX === 'visible' || around.closest('.table-wrap') === around) continue;
    const frame = around.getBoundingClientRect();
    cut ||= box.right > frame.right + 1 || box.left < frame.left - 1;
  }
  return cut;
}).map((element) => element.outerHTML.slice(0, 160))"""


@pytest.fixture
def open_page(site, signed_in, browser):
    """Open a page of the desk; afterwards nothing may have been complained about."""
    contexts, faults = [], []

    def open_it(name, *, width=1440, **options):
        state = None if name in PUBLIC_PAGES else signed_in
        context = browser.new_context(
            viewport={"width": width, "height": 900}, storage_state=state, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: faults.append(f"{name}: {said.text}"))
        page.on("pageerror", lambda error: faults.append(f"{name}: {error}"))
        page.on(
            "request",
            lambda asked: asked.url.startswith(site.url) or faults.append(f"asked {asked.url}"),
        )
        answer = page.goto(site.path_of(name))
        assert answer is not None
        assert answer.status == (404 if name == "not-found" else 200)
        return page

    yield open_it
    for context in contexts:
        context.close()
    expected = "the server responded with a status of 404"
    assert [fault for fault in faults if expected not in fault] == []


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("name", EVERY)
def test_axe_finds_nothing(open_page, name, look):
    found = Axe().run(open_page(name, color_scheme=look))
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", EVERY)
def test_nothing_is_cut_off_and_no_page_scrolls_sideways(open_page, name):
    for width in WIDTHS:
        page = open_page(name, width=width)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide == width, f"{name} is {wide} wide at {width}"
        assert page.evaluate(CUT_OFF) == [], f"{name} at {width}"


@pytest.mark.parametrize("name", ["passage", "batch", "home", "review-passage"])
def test_lines_and_bars_stay_when_the_system_chooses_the_colours(open_page, name):
    page = open_page(name, forced_colors="active")
    drawn = page.evaluate(
        """() => [...document.querySelectorAll('.span-line, .bar')].map((element) => {
          const style = getComputedStyle(element);
          return element.matches('.bar') ? style.borderTopStyle : style.borderBottomStyle;
        })"""
    )
    assert drawn
    assert set(drawn) == {"solid"}


def test_pages_are_light(open_page):
    page = open_page("batch")
    sizes = page.evaluate(
        """() => performance.getEntriesByType('resource').map((entry) => [
          new URL(entry.name).pathname, entry.decodedBodySize])"""
    )
    assert sum(size for _, size in sizes) < 200_000, sizes
    assert len(sizes) <= 16, sizes
