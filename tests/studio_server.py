"""A real Label Studio for tests: its own data folder, a free loopback port, ended by its pid.

The first start of a data folder migrates for more than a minute. That is done once a
version, into a template under ``.cache``; every server starts on a copy of it.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv-labelstudio"
PROGRAM = VENV / "bin" / "label-studio"
CACHE = ROOT / ".cache"
DATABASE = "label_studio.sqlite3"
ADMIN_EMAIL = "admin@example.org"
ADMIN_PASSWORD = "copydesk-tests"
LEGACY_TOKEN = "c0de" * 10
# Label Studio also reads plain names such as PORT or USERNAME, so it gets few of the caller's.
_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "TZ")
_ADDRESS = re.compile(r"Starting development server at (http://127\.0\.0\.1:\d+)/")


class StudioServerError(Exception):
    """The test server cannot be had; the message says why and shows the end of its log."""


class StudioServer:
    """A running Label Studio, as a context manager or by ``start`` and ``stop``.

    Args:
        folder: an empty folder (made if missing) for its data and log; removed by nobody.
        start_s: seconds to wait for it to answer.

    Attributes:
        url, token: where it is and the admin's legacy token.
        pid: of the process that serves; None when it does not run.
        data_dir: its data, with the SQLite file ``label_studio.sqlite3``.
    """

    token = LEGACY_TOKEN
    admin_email = ADMIN_EMAIL
    admin_password = ADMIN_PASSWORD

    def __init__(self, folder: Path, *, start_s: float = 120) -> None:
        self.data_dir = folder / "data"
        self.log = folder / "label-studio.log"
        self.url = ""
        self._start_s = start_s
        self._process: subprocess.Popen[bytes] | None = None
        self._pat = ""

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start it, on a copy of the template when the data folder is new, and wait until it is up.

        After ``stop`` it may be started again, on the same data and, if free, the same port.
        """
        if not self.data_dir.exists():
            self.data_dir.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(template(), self.data_dir)
        self._launch()

    def _launch(self) -> None:
        port = int(self.url.rsplit(":", 1)[1]) if self.url else _free_port()
        where = ["--no-browser", "--internal-host", "127.0.0.1", "--port", str(port)]
        began = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(PROGRAM), "start", *where],
                env=_environment(self.data_dir),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            self._wait(began)
        except BaseException:
            self.stop()
            raise

    def _wait(self, began: int) -> None:
        # The port is read from the log: the server takes another one when ours was snatched,
        # and then somebody else would answer there.
        deadline = time.monotonic() + self._start_s
        while time.monotonic() < deadline:
            assert self._process is not None
            if self._process.poll() is not None:
                raise self._error(f"ended with {self._process.returncode}")
            written = self.log.read_bytes()[began:].decode(errors="replace")
            if (said := _ADDRESS.search(written)) and _is_up(said.group(1)):
                self.url = said.group(1)
                return
            time.sleep(0.2)
        raise self._error(f"was not up within {self._start_s:g} s")

    def _error(self, what: str) -> StudioServerError:
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-25:])
        return StudioServerError(f"Label Studio {what}. The end of {self.log.name}:\n{tail}")

    def stop(self) -> None:
        """End it; once ended, this does nothing."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def pat(self) -> str:
        """The admin's personal access token; the server shows it once, so it is kept here."""
        if not self._pat:
            answer = httpx.post(f"{self.url}/api/token/", headers=self._legacy, trust_env=False)
            answer.raise_for_status()
            self._pat = answer.json()["token"]
        return self._pat

    def set_legacy_tokens(self, *, enabled: bool) -> None:
        """Let the organization allow legacy tokens, or not."""
        answer = httpx.post(
            f"{self.url}/api/token/refresh/", json={"refresh": self.pat()}, trust_env=False
        )
        answer.raise_for_status()
        httpx.post(
            f"{self.url}/api/jwt/settings",
            json={"legacy_api_tokens_enabled": enabled, "api_tokens_enabled": True},
            headers={"Authorization": f"Bearer {answer.json()['access']}"},
            trust_env=False,
        ).raise_for_status()

    def disable_legacy_tokens(self) -> None:
        """See ``set_legacy_tokens``."""
        self.pat()  # it can only be made while the legacy token works
        self.set_legacy_tokens(enabled=False)

    def set_password(self, email: str, password: str) -> None:
        """Give an account a password by the server's own command, so that it can sign in."""
        done = subprocess.run(
            [str(PROGRAM), "reset_password", "--username", email, "--password", password],
            env=_environment(self.data_dir),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        # It ends with 0 for an unknown account too, so its words decide.
        said = done.stdout.decode(errors="replace")
        if not any(words in said for words in ("successfully changed", "same as current")):
            raise StudioServerError(f"No password for {email}: {said[-300:]}")

    @property
    def _legacy(self) -> dict[str, str]:
        return {"Authorization": f"Token {self.token}"}


def template() -> Path:
    """A migrated data folder with the admin in it, made where there is none yet.

    Several processes may ask at once: one makes it, the others wait.
    """
    place = CACHE / f"labelstudio-template-{_version()}"
    CACHE.mkdir(exist_ok=True)
    with _locked(CACHE / f"{place.name}.lock"):
        if not place.exists():
            with tempfile.TemporaryDirectory(dir=CACHE, prefix="labelstudio-making-") as folder:
                server = StudioServer(Path(folder), start_s=600)
                server.data_dir.mkdir()
                server.start()
                server.stop()
                server.data_dir.rename(place)
    return place


def _version() -> str:
    if not PROGRAM.exists():
        raise StudioServerError(f"There is no {VENV.name} here. Run: make setup")
    found = sorted(VENV.glob("lib/python*/site-packages/label_studio-*.dist-info"))
    return found[-1].name.removeprefix("label_studio-").removesuffix(".dist-info")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _environment(data: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {
        "HOME": str(data),
        "PYTHONUNBUFFERED": "1",
        "LABEL_STUDIO_BASE_DATA_DIR": str(data),
        "LABEL_STUDIO_USERNAME": ADMIN_EMAIL,
        "LABEL_STUDIO_PASSWORD": ADMIN_PASSWORD,
        "LABEL_STUDIO_USER_TOKEN": LEGACY_TOKEN,
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
        "TASK_LOCK_TTL": "3600",
        "COLLECT_ANALYTICS": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
        "LATEST_VERSION_CHECK": "false",
        "LOCAL_FILES_SERVING_ENABLED": "false",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=5, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
