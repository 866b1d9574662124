"""The instance's keys come to be whole, or not at all."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from app import keys
from app.errors import SetupError
from app.keys import TokenVault, make_instance, secret_key
from config import Settings


@pytest.fixture
def settings(tmp_path):
    return Settings(instance=tmp_path / "instance")


class Killed(BaseException):
    """The process ended here."""


@pytest.mark.parametrize("at", ["fsync", "link"])
def test_a_kill_while_a_key_is_made_leaves_no_empty_key(settings, monkeypatch, at):
    def kill(*_):
        raise Killed

    with monkeypatch.context() as during:
        during.setattr(keys.os, at, kill)
        with pytest.raises(Killed):
            make_instance(settings)
    assert secret_key(settings) is None
    make_instance(settings)
    assert len(secret_key(settings)) >= 32
    assert TokenVault(settings).decrypt("a", TokenVault(settings).encrypt("a", "t")) == "t"


def test_an_empty_key_file_is_no_key(settings):
    settings.instance.mkdir()
    for name in (keys.SECRET_KEY_FILE, keys.DATA_KEY_FILE):
        (settings.instance / name).touch()
    assert secret_key(settings) is None
    with pytest.raises(SetupError, match="no data key") as caught:
        TokenVault(settings)
    assert "flask db upgrade" in caught.value.remedy


def test_an_empty_key_file_is_made_good_and_a_real_one_is_kept(settings):
    settings.instance.mkdir()
    (settings.instance / keys.SECRET_KEY_FILE).touch()
    make_instance(settings)
    made = secret_key(settings)
    make_instance(settings)
    assert secret_key(settings) == made
    assert len(made) >= 32


def test_many_at_once_agree_on_one_key_and_leave_nothing_behind(settings):
    settings.instance.mkdir()
    (settings.instance / keys.DATA_KEY_FILE).touch()

    def make(_):
        make_instance(settings)
        return secret_key(settings), (settings.instance / keys.DATA_KEY_FILE).read_text()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(make, range(16)))) == 1
    made = list(settings.instance.iterdir())
    assert {path.name for path in made} == {"copydesk.sqlite", "data.key", "secret.key"}
    modes = {stat.S_IMODE(path.stat().st_mode) for path in made}
    assert modes == {0o600}
