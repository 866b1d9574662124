"""Write a picture of every page: ``python -m tests.browser.screenshots FOLDER``.

Light and dark, 1440 and 320 pixels wide, whole pages; for people to look at.
"""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path

import structlog
from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import chromium
from tests.browser.site import CHROMIUM_FLAGS, PAGES, PUBLIC_PAGES, Site, running_site
from tests.instances import SqliteTemplate

WIDTHS = (1440, 320)
LOOKS = ("light", "dark")


def main(folder: Path, only: list[str]) -> None:
    """Fill a desk and a fresh one, and take a picture of each page of both."""
    folder.mkdir(parents=True, exist_ok=True)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        template = SqliteTemplate.make(Path(place) / "template")
        for kind, names in (("desk", [*PAGES, *PUBLIC_PAGES]), ("fresh", list(FRESH))):
            wanted = [name for name in names if not only or f"{kind}-{name}" in only]
            if not wanted:
                continue
            with (
                template.copy(Path(place) / kind) as settings,
                running_site(settings, Path(place) / "log", filled=kind == "desk") as site,
            ):
                _take_all(browser, site, folder, kind, wanted)
        browser.close()


FRESH = (
    "home",
    "articles",
    "import",
    "batches",
    "agreement",
    "datasets",
    "release-new",
    "connections",
    "jobs",
)


def _take_all(browser: Browser, site: Site, folder: Path, kind: str, names: list[str]) -> None:
    for look in LOOKS:
        for width in WIDTHS:
            options = {"viewport": {"width": width, "height": 900}, "color_scheme": look}
            context = site.sign_in(browser, **options)
            page = context.new_page()
            for name in names:
                if name in PUBLIC_PAGES:
                    page.context.clear_cookies()
                page.goto(site.path_of(name))
                path = folder / f"{kind}-{name}-{look}-{width}.png"
                page.screenshot(path=path, full_page=True)
            context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
