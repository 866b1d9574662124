"""Generated secrets and the environments that carry them."""

import stat
from pathlib import Path

import pytest

from local import environment, labelstudio, summary
from local.credentials import ADMIN, ANNOTATORS, Credentials
from local.places import Instance


def test_a_password_is_made_once_and_kept(tmp_path: Path) -> None:
    first = Credentials(Instance(tmp_path)).password(ADMIN)
    assert Credentials(Instance(tmp_path)).password(ADMIN) == first
    assert len(first) >= 16


def test_no_two_accounts_and_no_two_instances_share_a_password(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    made = {Credentials(Instance(f)).password(email) for f in folders for email in ANNOTATORS}
    assert len(made) == 2 * len(ANNOTATORS)


def test_secrets_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    instance = Instance(tmp_path)
    credentials = Credentials(instance)
    credentials.password(ADMIN)
    credentials.keep_token("a" * 40)
    for file in (instance.credentials, instance.studio_token):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert credentials.token() == "a" * 40


@pytest.mark.parametrize("text", ["", "short", "g" * 40, "\xff"])
def test_a_token_file_that_holds_no_token_counts_as_lost(tmp_path: Path, text: str) -> None:
    instance = Instance(tmp_path)
    instance.studio_token.write_text(text, "latin-1")
    assert Credentials(instance).token() is None


def test_a_server_with_new_data_knows_no_password(tmp_path: Path) -> None:
    credentials = Credentials(Instance(tmp_path))
    credentials.mark_set(ADMIN)
    assert Credentials(Instance(tmp_path)).is_set(ADMIN)
    credentials.forget_server()
    assert not Credentials(Instance(tmp_path)).is_set(ADMIN)


def test_label_studio_gets_nothing_of_the_callers_shell_that_could_change_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("PORT", "USERNAME", "DEBUG", "LABEL_STUDIO_HOST", "HEARTEX_PORT", "DJANGO_DB"):
        monkeypatch.setenv(name, "x")
    env = environment.for_studio({"LABEL_STUDIO_USERNAME": "a"})
    assert not {"PORT", "USERNAME", "DEBUG", "LABEL_STUDIO_HOST", "DJANGO_DB"} & set(env)
    assert env["LABEL_STUDIO_USERNAME"] == "a"
    assert "PATH" in env


def test_the_server_is_told_to_keep_to_itself(tmp_path: Path) -> None:
    told = labelstudio.settings(tmp_path, Credentials(Instance(tmp_path)))
    assert told["LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK"] == "true"
    assert told["COLLECT_ANALYTICS"] == "false"
    assert told["SENTRY_DSN"] == told["FRONTEND_SENTRY_DSN"] == ""
    assert told["TASK_LOCK_TTL"] == "3600"


def test_our_processes_reach_loopback_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "intranet")
    monkeypatch.delenv("COPYDESK_PUBLIC_URL", raising=False)
    env = environment.for_copydesk(Path("/i"), "http://127.0.0.1:8000")
    assert env["NO_PROXY"] == "intranet,127.0.0.1,localhost"
    assert env["COPYDESK_PUBLIC_URL"] == "http://127.0.0.1:8000"
    assert env["COPYDESK_INSTANCE"] == "/i"


def test_a_public_address_set_by_the_user_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COPYDESK_PUBLIC_URL", "https://desk.example.org")
    env = environment.for_copydesk(Path("/i"), "http://127.0.0.1:8000")
    assert env["COPYDESK_PUBLIC_URL"] == "https://desk.example.org"


def _outcome(**changes: object) -> summary.Outcome:
    told: dict[str, object] = {
        "dashboard": "http://127.0.0.1:8000",
        "labelstudio": "http://127.0.0.1:8080",
        "instance": "instance",
        "link": None,
        "lanes": [{"annotator": ANNOTATORS[0], "url": "http://127.0.0.1:8080/projects/1/data"}],
        "simulated": None,
        "seconds": 3.2,
    }
    return summary.Outcome(**(told | changes))  # type: ignore[arg-type]


def test_the_summary_tells_who_signs_in_where_with_what(tmp_path: Path) -> None:
    credentials = Credentials(Instance(tmp_path))
    told = "\n".join(summary.lines(_outcome(link="http://127.0.0.1:8000/l/x"), credentials))
    for email in (ADMIN, *ANNOTATORS):
        assert f"{email:<17}  {credentials.password(email)}" in told
    assert "http://127.0.0.1:8000/l/x" in told
    assert "http://127.0.0.1:8080/projects/1/data" in told
    assert "SIMULATED" not in told


def test_the_summary_for_an_admin_with_a_password_says_how_to_get_a_new_link(
    tmp_path: Path,
) -> None:
    told = "\n".join(summary.lines(_outcome(), Credentials(Instance(tmp_path))))
    assert f".venv/bin/flask users link {ADMIN}" in told


def test_the_summary_of_a_demo_says_that_annotators_are_simulated(tmp_path: Path) -> None:
    told = "\n".join(summary.lines(_outcome(simulated=180), Credentials(Instance(tmp_path))))
    assert "SIMULATED" in told
    assert "180 new" in told
