"""Articles by the command line, as the tests of corrections and duplicates need them."""

from __future__ import annotations

import pytest

from tests.integration.cli.conftest import Commands
from tests.line import Line


@pytest.fixture
def flask_command(runner) -> Commands:
    """`flask …` on the instance."""
    return Commands(runner)


@pytest.fixture
def bring(flask_command, tmp_path):
    """Import a text under an external id; gives the answer of the command."""

    def bring(text, external_id="x-1", **columns):
        (tmp_path / "a.txt").write_bytes(text.encode())
        names = ",".join(["file", "external_id", *columns])
        values = ",".join(["a.txt", external_id, *columns.values()])
        index = tmp_path / "index.csv"
        index.write_text(f"{names}\n{values}\n", encoding="utf-8")
        return flask_command("articles", "import", "--index", str(index))

    return bring


@pytest.fixture
def line(settings, store):
    """The whole line on a fake Label Studio."""
    line = Line(settings, store)
    yield line
    line.queue.close()
