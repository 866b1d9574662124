"""A filled desk on each store, once for each file of tests; tests here only read it."""

from __future__ import annotations

import pytest

from tests.conftest import STORES
from tests.desk import fill
from tests.visitors import visitor


@pytest.fixture(scope="module", params=STORES)
def desk_settings(request, tmp_path_factory):
    template = request.getfixturevalue(f"{request.param}_template")
    with template.copy(tmp_path_factory.mktemp("desk") / "instance") as settings:
        yield settings


@pytest.fixture(scope="module")
def desk_app(desk_settings):
    from app import create_app

    app = create_app(desk_settings)
    yield app
    app.extensions["queue"].close()
    app.extensions["store"].dispose()


@pytest.fixture(scope="module")
def desk(desk_settings, desk_app):
    desk = fill(desk_settings, desk_app.extensions["store"])
    yield desk
    desk.line.queue.close()


@pytest.fixture
def desk_admin(desk_app, desk):
    return visitor(desk_app, "admin")


@pytest.fixture
def desk_viewer(desk_app, desk):
    return visitor(desk_app, "viewer")
