"""Signing in, going out, setting and changing a password, by the forms."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.models.accounts import SignInAttempt, User
from app.models.audit import Audit
from app.services import accounts
from tests.instances import PASSWORD, PEOPLE
from tests.visitors import visitor

NEW = "slate heron windmill 9"
WRONG = "not the right password"


def sign_in(client, email=PEOPLE["viewer"], password=PASSWORD, path="/login", **kwargs):
    return client.send(path, {"email": email, "password": password}, **kwargs)


def is_signed_in(client) -> bool:
    return client.get("/account").status_code == 200


def link_for(app, email=PEOPLE["viewer"]) -> str:
    with app.extensions["store"].transaction() as session:
        secret, _ = accounts.create_link(session, email=email, actor="system")
    return f"/welcome/{secret}"


def user_of(app, email=PEOPLE["viewer"]) -> User:
    with app.extensions["store"].reading() as session:
        return session.scalars(select(User).where(User.email == email)).one()


def test_the_right_password_opens_the_page_that_was_wanted(client):
    wanted = client.get("/account?tab=tokens")
    assert wanted.status_code == 302
    assert wanted.location == "/login?next=%2Faccount%3Ftab%3Dtokens"
    answer = sign_in(client, email=" Viewer@Example.org", path=wanted.location)
    assert (answer.status_code, answer.location) == (302, "/account?tab=tokens")
    assert is_signed_in(client)


def test_another_site_is_not_followed_after_signing_in(client):
    answer = sign_in(client, path="/login?next=//evil.example.org")
    assert answer.location == "/"


@pytest.mark.parametrize("email", [PEOPLE["viewer"], "nobody@example.org", "", "x" * 5000])
def test_wrong_credentials_are_answered_alike_whether_the_account_exists(client, email):
    answer = sign_in(client, email=email, password=WRONG)
    assert answer.status_code == 401
    assert "The e-mail address or the password is not right." in answer.text
    assert not is_signed_in(client)


def test_a_disabled_account_is_answered_like_a_wrong_password(client, app):
    with app.extensions["store"].transaction() as session:
        accounts.disable_user(session, email=PEOPLE["viewer"], actor="system")
    answer = sign_in(client)
    assert answer.status_code == 401
    assert "not right" in answer.text


def test_after_five_wrong_tries_a_page_says_how_long_to_wait(client):
    for _ in range(5):
        assert sign_in(client, password=WRONG).status_code == 401
    answer = sign_in(client)
    assert answer.status_code == 429
    assert re.search(r"Wait \d+ seconds", answer.text)
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert not is_signed_in(client)


def test_the_owner_gets_in_from_a_known_browser_while_others_guess(client, app):
    assert sign_in(client).status_code == 302
    client.send("/logout")
    for _ in range(6):
        sign_in(visitor(app), password=WRONG)
    assert sign_in(visitor(app)).status_code == 429
    assert sign_in(client).status_code == 302


def test_a_forged_browser_mark_is_not_believed(client, app):
    for _ in range(5):
        sign_in(client, password=WRONG)
    name = app.config["SESSION_COOKIE_NAME"] + "_browser"
    client.set_cookie(name, "WyJhYmMiLCAiZGVmIl0.aaaa.bbbb")
    assert sign_in(client).status_code == 429


def test_signing_in_leaves_a_line_and_no_attempt(client, app):
    sign_in(client, password=WRONG)
    sign_in(client)
    with app.extensions["store"].reading() as session:
        assert session.scalars(select(Audit.action).where(Audit.action == "signed_in")).all()
        keys = session.scalars(select(SignInAttempt.key)).all()
    assert len(keys) == 2, "the wrong try still counts for the address and the account"


def test_a_session_begins_empty_with_a_csrf_token_of_its_own(client):
    before = client.csrf_token()
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
        old = session["csrf_token"]
    sign_in(client)
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != old
    assert client.post("/logout", data={"csrf_token": before}).status_code == 400


def test_signing_out_needs_the_token_and_ends_the_session(client):
    sign_in(client)
    assert client.post("/logout").status_code == 400
    assert is_signed_in(client)
    assert client.send("/logout").location == "/login"
    assert not is_signed_in(client)


def test_whoever_is_signed_in_is_sent_on_from_the_form(viewer):
    assert viewer.get("/login?next=/account").location == "/account"


@pytest.mark.parametrize(("field", "age"), [("seen", 2 * 3600 + 1), ("fs_paa", 12 * 3600 + 1)])
def test_a_session_ends_when_left_alone_and_after_half_a_day(viewer, field, age):
    assert is_signed_in(viewer)
    with viewer.session_transaction() as session:
        session[field] -= age
    assert not is_signed_in(viewer)


def test_a_session_in_use_is_renewed_about_once_a_minute(viewer):
    viewer.get("/account")
    assert "Set-Cookie" not in viewer.get("/account").headers
    with viewer.session_transaction() as session:
        session["seen"] -= 90
        old = session["seen"]
    viewer.get("/account")
    with viewer.session_transaction() as session:
        assert session["seen"] > old


def test_a_first_password_is_set_by_the_link_once(client, app):
    path = link_for(app)
    assert PEOPLE["viewer"] in client.get(path).text
    assert client.get(path).status_code == 200, "looking at it does not use it up"
    answer = client.send(path, {"new": NEW, "again": NEW})
    assert (answer.status_code, answer.location) == (302, "/")
    assert is_signed_in(client)
    again = client.get(path)
    assert again.status_code == 404
    assert "has been used" in again.text
    fresh = visitor(app)
    assert sign_in(fresh, password=NEW).status_code == 302


@pytest.mark.parametrize(
    ("new", "again", "said"),
    [
        (NEW, NEW + "x", "differ"),
        ("short", "short", "12 to 128"),
        ("password1234", "password1234", "easy to guess"),
    ],
)
def test_a_bad_first_password_is_refused_and_the_link_stays_good(client, app, new, again, said):
    path = link_for(app)
    answer = client.send(path, {"new": new, "again": again})
    assert answer.status_code == 422
    assert said in answer.text
    assert client.send(path, {"new": NEW, "again": NEW}).status_code == 302


def test_changing_the_password_ends_all_other_sessions(viewer, app):
    other = visitor(app, "viewer")
    assert is_signed_in(other)
    form = {"current": PASSWORD, "new": NEW, "again": NEW}
    assert viewer.send("/account/password", form).location == "/account"
    assert is_signed_in(viewer)
    assert not is_signed_in(other)


def test_a_password_is_not_changed_without_the_current_one(viewer, app):
    before = user_of(app).password
    for _ in range(5):
        form = {"current": WRONG, "new": NEW, "again": NEW}
        answer = viewer.send("/account/password", form)
        assert answer.status_code == 422
        assert "current password is not right" in answer.text
    assert viewer.send("/account/password", {**form, "current": PASSWORD}).status_code == 429
    assert user_of(app).password == before


def test_signing_out_everywhere_ends_every_session(viewer, app):
    other = visitor(app, "viewer")
    assert viewer.send("/account/sessions/end").location == "/login"
    assert not is_signed_in(other)
    assert not is_signed_in(viewer)


def test_a_session_ends_with_the_account(viewer, app):
    assert is_signed_in(viewer)
    with app.extensions["store"].transaction() as session:
        accounts.disable_user(session, email=PEOPLE["viewer"], actor="system")
    assert not is_signed_in(viewer)


def test_a_hash_made_with_weaker_parameters_is_made_stronger_at_sign_in(client, app):
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with app.extensions["store"].transaction() as session:
        session.scalars(select(User).where(User.email == PEOPLE["viewer"])).one().password = weak
    assert sign_in(client).status_code == 302
    assert user_of(app).password.startswith("$argon2id$v=19$m=32768,t=3,p=1$")
    client.send("/logout")
    assert sign_in(client).status_code == 302
