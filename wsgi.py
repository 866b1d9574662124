"""The application as gunicorn and the `flask` command find it."""

from __future__ import annotations

import sys

from app import create_app
from app.cli.output import fail
from config import SettingsError

try:
    app = create_app()
except SettingsError as err:
    fail("settings", str(err), "Correct them and start again.", as_json="--json" in sys.argv)
