"""Commands as a person types them, answered by one JSON object."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from app.keys import TokenVault
from app.services.connections import save_connection
from labeling.studio.fake_server import LEGACY_TOKEN
from tests.line import article_text


@dataclass
class Commands:
    """Runs `flask …` in this process."""

    runner: Any

    def __call__(self, *words: str, exit_code: int = 0, stdin: str | None = None) -> dict[str, Any]:
        """The JSON answer of a command that ends with this exit code."""
        result = self.runner.invoke(args=[*words, "--json"], input=stdin)
        assert result.exit_code == exit_code, (result.output, result.exception)
        lines = result.stdout.splitlines()
        assert len(lines) == 1, f"not exactly one object: {result.stdout}"
        return json.loads(lines[0])

    def text(self, *words: str, exit_code: int = 0, stdin: str | None = None) -> str:
        """What a command prints for people."""
        result = self.runner.invoke(args=list(words), input=stdin)
        assert result.exit_code == exit_code, (result.output, result.exception)
        return result.output


@pytest.fixture
def flask_command(runner) -> Commands:
    """`flask …` on the instance."""
    return Commands(runner)


@pytest.fixture
def connection(store, settings):
    """A connection that no command of this test calls."""
    with store.transaction() as session:
        save_connection(
            session,
            TokenVault(settings),
            name="studio",
            url="http://studio.example.org",
            token=LEGACY_TOKEN,
            actor="system",
        )
    return "studio"


@pytest.fixture
def articles(flask_command, tmp_path):
    """Two outlets' articles."""
    for outlet in ("Gull", "Heron"):
        path = tmp_path / f"{outlet}.txt"
        path.write_bytes(article_text(outlet, paragraphs=5))
        flask_command("articles", "import", str(path), "--outlet", outlet, "--section", "news")
    return flask_command("articles", "list")["articles"]
