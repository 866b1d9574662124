"""Settings: typed, read once from the environment, all faults reported at once.

Every variable begins with ``COPYDESK_``. Nothing else in the project reads the environment
(a fence test checks it).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

PREFIX = "COPYDESK_"
DATABASE_FILE = "copydesk.sqlite"
ROOT = Path(__file__).resolve().parent


class SettingsError(Exception):
    """The environment does not describe a Copydesk; the message lists every fault."""


class Settings(BaseModel):
    """How this Copydesk is set up. Secrets are never printed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    instance: Path = Field(
        default=ROOT / "instance", description="folder of the database, keys and logs"
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="postgresql://… for PostgreSQL; unset: SQLite in the instance folder",
    )
    secret_key: SecretStr | None = Field(
        default=None, description="signs sessions; unset: made by `flask db upgrade`"
    )
    data_key: SecretStr | None = Field(
        default=None,
        description="encrypts connection tokens (comma-separated Fernet keys, newest first); "
        "unset: made by `flask db upgrade`",
    )
    public_url: str | None = Field(
        default=None,
        description="where people reach the dashboard, such as https://copydesk.example.org",
    )
    push_chunk: int = Field(default=1000, ge=1, le=10_000, description="tasks in one import call")
    push_settle_s: float = Field(
        default=60.0,
        ge=0,
        le=3600,
        description="seconds to wait after an unanswered import before looking what it did",
    )
    studio_timeout_s: float = Field(
        default=60.0, gt=0, le=3600, description="seconds to wait for an answer of Label Studio"
    )
    sync_every_s: float = Field(
        default=30.0,
        ge=0,
        le=86_400,
        description="every open batch is synced about so often by itself; 0: only when asked",
    )
    sync_full_every_s: float = Field(
        default=21_600.0,
        ge=1,
        le=31_536_000,
        description="so often such a sync lists everything and notices what is gone",
    )
    max_article_bytes: int = Field(
        default=20_000_000, ge=1, description="a larger article file is refused"
    )
    max_upload_bytes: int = Field(
        default=200_000_000, ge=1, description="larger uploads of article files are refused"
    )
    expected_language: str = Field(
        default="en", max_length=16, description="articles in another language are pointed out"
    )
    near_duplicate_share: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="how much of the smaller of two articles must be in the other one to make "
        "them near-duplicates",
    )
    worker_threads: int = Field(default=4, ge=1, le=64, description="jobs run at once by a worker")
    job_retention_days: int = Field(
        default=30, ge=1, description="finished jobs are forgotten by the engine after this"
    )
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR")
    log_json: bool = Field(default=False, description="log lines as JSON objects")
    tls: bool = Field(
        default=False, description="served over TLS: secure cookies and HSTS are turned on"
    )
    proxy_hops: int = Field(
        default=0,
        ge=0,
        le=5,
        description="reverse proxies in front that write X-Forwarded-For and -Proto; "
        "0: these headers are not believed",
    )

    @field_validator("instance")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @field_validator("database_url")
    @classmethod
    def _known_store(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        scheme = value.get_secret_value().split(":", 1)[0]
        if scheme not in {"postgresql", "postgresql+psycopg", "sqlite"}:
            raise ValueError("must begin with postgresql:// or sqlite:///")
        return value

    @property
    def sqlalchemy_url(self) -> str:
        """The store's address as SQLAlchemy wants it, psycopg 3 named for PostgreSQL."""
        if self.database_url is None:
            return f"sqlite:///{self.instance / DATABASE_FILE}"
        url = self.database_url.get_secret_value()
        return url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def is_sqlite(self) -> bool:
        """Whether the store is a SQLite file (one worker) rather than PostgreSQL (any number)."""
        return self.sqlalchemy_url.startswith("sqlite")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read ``COPYDESK_*`` of ``environ`` (the process's own by default).

        Raises:
            SettingsError: names every variable at fault, unknown ones too, in one message.
        """
        source = os.environ if environ is None else environ
        values: dict[str, Any] = {
            name.removeprefix(PREFIX).lower(): value
            for name, value in source.items()
            if name.startswith(PREFIX) and value != ""
        }
        values = {k: v for k, v in values.items() if k not in _FOR_OTHERS}
        try:
            return cls.model_validate(values)
        except ValidationError as err:
            raise SettingsError(_all_faults(err)) from None


# Variables with our prefix that are meant for benchmarks and tests, not for the application.
_FOR_OTHERS = frozenset({"bench_passages", "polnear", "test_postgres", "chromium"})


def bench_passages(default: int) -> int:
    """How many passages the benchmarks of push and pull take; fewer for a quick look."""
    return int(os.environ.get(PREFIX + "BENCH_PASSAGES", "") or default)


def polnear_folder() -> Path | None:
    """Where the news corpus lies that `make bench NAME=quotes` measures on, if it is set."""
    folder = os.environ.get(PREFIX + "POLNEAR", "")
    return Path(folder).expanduser().resolve() if folder else None


def _all_faults(err: ValidationError) -> str:
    lines = ["These settings cannot be used (docs/guide/settings.md lists them all):"]
    for fault in err.errors(include_url=False, include_input=False):
        name = PREFIX + "_".join(str(part) for part in fault["loc"]).upper()
        wrong = "is not a known setting" if fault["type"] == "extra_forbidden" else fault["msg"]
        lines.append(f"  {name}: {wrong}")
    return "\n".join(lines)
