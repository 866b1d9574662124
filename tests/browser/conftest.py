"""Chromium as the system has it, and a running dashboard to look at."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.browser.site import CHROMIUM_FLAGS, running_site


def chromium() -> str:
    """The browser to use: what ``COPYDESK_CHROMIUM`` names, else what is installed."""
    named = os.environ.get("COPYDESK_CHROMIUM")
    found = named or shutil.which("chromium") or shutil.which("chromium-browser")
    return found or "/usr/bin/chromium"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "executable_path": chromium(), "args": CHROMIUM_FLAGS}


@pytest.fixture(scope="session")
def site(sqlite_template, tmp_path_factory):
    """A filled desk, served by gunicorn for all browser tests; they only read it."""
    folder = tmp_path_factory.mktemp("site")
    with (
        sqlite_template.copy(folder / "instance") as settings,
        running_site(settings, folder / "log") as site,
    ):
        yield site


@pytest.fixture(scope="session")
def signed_in(site, browser):
    """The cookies of a signed-in admin."""
    context = site.sign_in(browser)
    state = context.storage_state()
    context.close()
    return state
