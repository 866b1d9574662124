"""Logging: static event names with ids, on stderr, never texts, tokens or e-mail addresses.

structlog is imported at the first line that is logged: most commands log none, and it would be
a tenth of their start.
"""

from __future__ import annotations

import logging
import sys
from typing import Any


def configure(level: str, *, as_json: bool) -> None:
    """Send structlog's and the standard library's records to stderr in one form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_LateFormatter(as_json=as_json))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "alembic", "dbos"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def get_logger() -> Any:
    """A structlog logger; use it in place of ``structlog.get_logger``."""
    return _LateLogger()


class _LateLogger:
    """Stands for a structlog logger until something is logged."""

    def __getattr__(self, name: str) -> Any:
        import structlog

        if not structlog.is_configured():
            structlog.configure(
                processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
                logger_factory=structlog.stdlib.LoggerFactory(),
                cache_logger_on_first_use=True,
            )
        return getattr(structlog.get_logger(), name)


class _LateFormatter(logging.Formatter):
    """Stands for structlog's formatter until there is a record."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json
        self._real: logging.Formatter | None = None

    def format(self, record: logging.LogRecord) -> str:
        """The record as structlog renders it."""
        if self._real is None:
            self._real = _formatter(as_json=self._as_json)
        return self._real.format(record)


def _formatter(*, as_json: bool) -> logging.Formatter:
    import structlog

    renderer: Any = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    return structlog.stdlib.ProcessorFormatter(
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        foreign_pre_chain=_shared(),
    )


def _shared() -> list[Any]:
    import structlog

    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
