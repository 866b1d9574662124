"""The real server for tests does what the tests ask of it."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

import httpx
import pytest

from labeling.errors import AuthGatewayError, RetryableGatewayError
from labeling.studio.sdk_gateway import SdkGateway
from tests import studio_server
from tests.studio_server import StudioServer, StudioServerError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.studio
def test_disabled_legacy_tokens_are_said_in_plain_words(studio_server: StudioServer) -> None:
    studio_server.disable_legacy_tokens()
    try:
        with pytest.raises(AuthGatewayError, match="Legacy tokens are disabled") as caught:
            SdkGateway(studio_server.url, studio_server.token).check()
        assert "Personal Access Token" in caught.value.remedy
        assert SdkGateway(studio_server.url, studio_server.pat()).check().token_kind == "personal"
    finally:
        studio_server.set_legacy_tokens(enabled=True)
    assert SdkGateway(studio_server.url, studio_server.token).check().token_kind == "legacy"


@pytest.mark.studio
def test_an_account_made_by_us_signs_in_once_it_has_a_password(
    studio_server: StudioServer,
) -> None:
    email = f"ann-{uuid.uuid4().hex[:8]}@example.org"
    SdkGateway(studio_server.url, studio_server.token).create_user(email)
    assert not _signs_in(studio_server, email, "long-enough-1")
    studio_server.set_password(email, "long-enough-1")
    assert _signs_in(studio_server, email, "long-enough-1")


@pytest.mark.studio
def test_a_password_for_nobody_is_an_error(studio_server: StudioServer) -> None:
    with pytest.raises(StudioServerError, match=r"nobody@example\.org not found"):
        studio_server.set_password("nobody@example.org", "long-enough-1")


@pytest.mark.studio
@pytest.mark.slow
def test_a_server_comes_back_with_its_data_at_the_same_address(tmp_path: Path) -> None:
    with StudioServer(tmp_path) as server:
        studio = SdkGateway(server.url, server.token, timeout_s=20)
        made = studio.create_user("kept@example.org")
        before, url = server.pid, server.url
        server.stop()
        assert server.pid is None
        with pytest.raises(RetryableGatewayError, match="cannot be reached") as caught:
            studio.list_users()
        assert caught.value.sent is False
        server.start()
        assert (server.url, server.pid != before) == (url, True)
        assert made in studio.list_users()


def test_without_label_studio_the_error_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio_server, "PROGRAM", tmp_path / "label-studio")
    monkeypatch.setattr(studio_server, "CACHE", tmp_path / "cache")
    with pytest.raises(StudioServerError, match="make setup"):
        StudioServer(tmp_path / "server").start()


def test_a_server_that_ends_at_once_shows_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "label-studio"
    program.write_text("#!/bin/sh\necho no space left on the moon\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setattr(studio_server, "PROGRAM", program)
    server = StudioServer(tmp_path / "server")
    server.data_dir.mkdir(parents=True)
    with pytest.raises(StudioServerError, match=r"(?s)ended with 3.*no space left on the moon"):
        server.start()
    assert server.pid is None


def _signs_in(server: StudioServer, email: str, password: str) -> bool:
    with httpx.Client(base_url=server.url, trust_env=False) as http:
        page = http.get("/user/login/").text
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found is not None
        form = {"csrfmiddlewaretoken": found[1], "email": email, "password": password}
        answer = http.post("/user/login/", data=form, headers={"Referer": f"{server.url}/"})
        return answer.status_code == 302
