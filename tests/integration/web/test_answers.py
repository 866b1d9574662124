"""What every answer carries, and what is said when something goes wrong."""

from __future__ import annotations

import pytest
from flask import abort
from sqlalchemy import text

from app import create_app
from app.errors import AppError, ConflictError
from app.extensions import Store
from app.security import public
from app.views.errors import STATUSES
from config import Settings
from labeling.errors import LabelingError
from tests.visitors import visitor

PLACES = ["/login", "/account", "/nowhere", "/healthz", "/api/batches", "/static/nowhere.css"]


@pytest.fixture
def broken(app):
    """Pages that fail in different ways."""

    @app.get("/broken/<how>")
    @public
    def fail(how):
        match how:
            case "unforeseen":
                raise ZeroDivisionError("a secret of the inside")
            case "conflict":
                raise ConflictError("It has changed meanwhile.", remedy="Load it again.")
            case "store":
                with app.extensions["store"].reading() as session:
                    session.execute(text("SELECT secret FROM no_such_table"))
            case "teapot":
                abort(418)
            case "large":
                abort(413)
        return ""

    return visitor(app)


@pytest.mark.parametrize("path", PLACES)
def test_every_answer_carries_the_headers(client, path):
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers
    if not path.startswith("/static"):
        assert headers["Cache-Control"] == "no-store"
        assert "Cookie" in headers["Vary"]


def test_under_tls_browsers_are_told_to_stay_with_it(settings):
    app = create_app(settings.model_copy(update={"tls": True}))
    answer = visitor(app).get("/login", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-copydesk_")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    app.extensions["store"].dispose()


def test_an_unforeseen_error_shows_a_number_and_nothing_of_the_inside(broken, capsys):
    answer = broken.get("/broken/unforeseen")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    problem = broken.get("/broken/unforeseen", headers={"HX-Request": "true"})
    assert "<html" not in problem.text
    assert "the log says more under it" in problem.text


def test_a_store_that_is_away_is_503_without_details(broken):
    answer = broken.get("/broken/store")
    assert answer.status_code == 503
    assert "flask doctor" in answer.text
    assert "no_such_table" not in answer.text


def test_a_known_error_says_what_to_do(broken):
    answer = broken.get("/broken/conflict")
    assert answer.status_code == 409
    assert "It has changed meanwhile." in answer.text
    assert "Load it again." in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [("/broken/teapot", 418), ("/broken/large", 413), ("/nowhere", 404), ("/logout", 405)],
)
def test_errors_of_http_have_a_page(broken, path, status):
    answer = broken.get(path)
    assert answer.status_code == status
    assert "<h1" in answer.text
    assert status != 405 or answer.headers["Allow"]


def test_a_form_without_or_with_a_foreign_token_is_refused(viewer, app):
    assert viewer.post("/account/sessions/end").status_code == 400
    foreign = visitor(app, "viewer").csrf_token()
    answer = viewer.post("/account/sessions/end", headers={"X-CSRFToken": foreign})
    assert answer.status_code == 400
    assert "out of date" in answer.text
    assert viewer.get("/account").status_code == 200
    own = {"X-CSRFToken": viewer.csrf_token()}
    assert viewer.post("/account/sessions/end", headers=own).status_code == 302


def test_a_fragment_asked_for_after_the_session_ended_leads_to_sign_in(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/batches?after=3"}
    answer = client.get("/account", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login?next=%2Fbatches"


def test_a_form_sent_after_the_session_ended_leads_to_sign_in(client):
    answer = client.send("/account/password", {})
    assert (answer.status_code, answer.location) == (302, "/login")


def test_a_body_that_is_too_large_is_refused_before_it_is_read(client):
    assert client.send("/login", {"email": "x" * 3_000_000}).status_code == 413


def test_a_host_that_is_not_ours_is_refused(settings):
    app = create_app(settings.model_copy(update={"public_url": "https://desk.example.org"}))
    client = visitor(app)
    assert client.get("/healthz", base_url="http://desk.example.org").status_code == 200
    assert client.get("/healthz", base_url="http://127.0.0.1:8000").status_code == 200
    refused = client.get("/login", base_url="http://evil.example.org")
    assert refused.status_code == 400
    assert "Content-Security-Policy" in refused.headers
    app.extensions["store"].dispose()


def test_forwarded_addresses_are_believed_only_behind_a_proxy(settings):
    def address_seen(hops):
        app = create_app(settings.model_copy(update={"proxy_hops": hops}))

        @app.get("/address")
        @public
        def address():
            from flask import request

            return request.remote_addr

        seen = visitor(app).get("/address", headers={"X-Forwarded-For": "192.0.2.7"}).text
        app.extensions["store"].dispose()
        return seen

    assert address_seen(0) == "127.0.0.1"
    assert address_seen(1) == "192.0.2.7"


def test_before_the_first_migration_pages_say_what_to_do_and_nothing_is_made(tmp_path):
    settings = Settings(instance=tmp_path / "none")
    client = create_app(settings).test_client()
    for path in ("/", "/login", "/account", "/api/batches"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert "flask db upgrade" in answer.text
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    assert not settings.instance.exists()


def test_a_store_that_is_not_migrated_is_503(tmp_path):
    settings = Settings(instance=tmp_path, secret_key="k" * 40)
    app = create_app(settings)
    client = visitor(app)
    assert client.get("/readyz").status_code == 503
    answer = client.send("/login", {"email": "a@example.org", "password": "x"})
    assert answer.status_code == 503
    app.extensions["store"].dispose()


def test_a_store_that_cannot_be_reached_is_not_ready():
    settings = Settings(secret_key="k" * 40, database_url="postgresql://nobody@127.0.0.1:1/none")
    app = create_app(settings)
    assert app.test_client().get("/readyz").status_code == 503
    assert isinstance(app.extensions["store"], Store)


def _all_kinds(base):
    for kind in base.__subclasses__():
        yield kind
        yield from _all_kinds(kind)


def test_every_kind_of_error_has_a_status():
    kinds = {kind.kind for base in (AppError, LabelingError) for kind in (base, *_all_kinds(base))}
    assert kinds <= STATUSES.keys()


def test_a_route_that_declares_nothing_is_closed_to_the_admin_too(app):
    @app.get("/forgotten")
    def forgotten():
        return "open"

    assert visitor(app, "admin").get("/forgotten").status_code == 403


@pytest.mark.parametrize(
    ("role", "needed", "status"),
    [
        ("viewer", "viewer", 200),
        ("viewer", "reviewer", 403),
        ("reviewer", "viewer", 200),
        ("reviewer", "admin", 403),
        ("admin", "reviewer", 200),
        ("admin", "admin", 200),
    ],
)
def test_each_role_may_do_what_the_lower_ones_may(app, role, needed, status):
    from app.security import requires

    @app.get("/needed")
    @requires(needed)
    def needed_page():
        return "ok"

    assert visitor(app, role).get("/needed").status_code == status
    assert visitor(app).get("/needed").status_code == 302
