"""What the web side is told by the settings."""

from __future__ import annotations

from app.security.access import Access, declared, public, requires, scope
from app.security.configuration import ARGON2, flask_config
from config import Settings

KEY = "a-key-that-is-long-enough-for-a-test"


def configured(**given):
    return flask_config(Settings(secret_key=KEY, **given))


def test_under_tls_the_session_cookie_is_bound_to_the_host():
    config = configured(tls=True)
    assert config["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert config["SESSION_COOKIE_SECURE"]
    assert config["SESSION_COOKIE_PATH"] == "/"


def test_without_tls_the_cookie_still_is_out_of_reach_of_scripts_and_other_sites():
    config = configured()
    assert config["SESSION_COOKIE_HTTPONLY"]
    assert config["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert not config["SESSION_COOKIE_NAME"].startswith("__Host-")


def test_two_instances_on_one_machine_do_not_share_a_cookie(tmp_path):
    other = flask_config(Settings(secret_key=KEY + "2"))
    assert configured()["SESSION_COOKIE_NAME"] != other["SESSION_COOKIE_NAME"]


def test_without_a_key_a_new_one_is_drawn_each_time_and_no_file_is_made(tmp_path):
    settings = Settings(instance=tmp_path / "none")
    assert flask_config(settings)["SECRET_KEY"] != flask_config(settings)["SECRET_KEY"]
    assert not settings.instance.exists()


def test_only_the_public_host_and_this_machine_are_trusted():
    config = configured(public_url="https://copydesk.example.org:8443/desk")
    assert config["TRUSTED_HOSTS"] == ["127.0.0.1", "localhost", "[::1]", "copydesk.example.org"]
    assert configured()["TRUSTED_HOSTS"] is None


def test_argon2_is_above_the_floor_of_19_mib_and_two_passes():
    assert ARGON2["argon2__memory_cost"] >= 19 * 1024
    assert ARGON2["argon2__time_cost"] >= 2
    assert ARGON2["argon2__type"] == "ID"


def test_a_view_says_what_it_needs():
    def view():
        return ""

    assert declared(view) is None
    assert declared(requires("reviewer")(view)) == Access("reviewer")
    assert declared(scope("write", role="admin")(view)) == Access("admin", "write")
    assert declared(public(view)) == Access(None)
