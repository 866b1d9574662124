"""Which articles a batch is made of: dates as alternatives, and no uid passed over."""

from __future__ import annotations

import pytest

from tests.line import ADA, article_text


@pytest.fixture
def dated(flask_command, tmp_path):
    """Three articles, one a month; their uids in this order."""
    rows = ["file,published_at"]
    for month in (1, 2, 3):
        (tmp_path / f"{month}.txt").write_bytes(article_text(f"m{month}", paragraphs=2))
        rows.append(f"{month}.txt,2026-0{month}-10T12:00:00")
    index = tmp_path / "index.csv"
    index.write_text("\n".join(rows))
    answer = flask_command("articles", "import", "--index", str(index))
    return [article["uid"] for article in answer["articles"]]


def create(flask_command, *selectors, exit_code=0):
    words = [word for selector in selectors for word in ("--articles", selector)]
    return flask_command(
        "batches", "create", "first", "--annotator", ADA, *words, exit_code=exit_code
    )


@pytest.mark.parametrize(
    ("selectors", "articles"),
    [
        (["since=2026-03-01", "since=2026-02-01"], 2),
        # As texts the second would come first; as moments it does not.
        (["since=2026-02-10T13:00:00+02:00", "since=2026-02-10T11:30:00+00:00"], 2),
        (["since=20260210T110000Z", "since=2026-03-01"], 2),
        (["since=2026-02-10T12:00:00"], 2),
        (["since=2026-02-10T12:00:01"], 1),
    ],
)
def test_several_dates_are_alternatives(flask_command, dated, connection, selectors, articles):
    assert create(flask_command, *selectors)["passages"] == articles * 3


@pytest.mark.parametrize("other", ["2026-02-01", "someday", "0001-01-01T00:00:00+05:00"])
def test_a_date_that_is_none_is_refused_beside_a_good_one(flask_command, dated, connection, other):
    error = create(flask_command, f"since={other}", "since=anyday", exit_code=1)["error"]
    assert error["kind"] == "invalid_input"


def test_unknown_uids_are_listed_and_nothing_is_made(flask_command, dated, connection):
    error = create(flask_command, dated[0], "a-none", "a-gone", "a-none", exit_code=1)["error"]
    assert error["kind"] == "not_found"
    assert "'a-none', 'a-gone'" in error["message"]
    assert dated[0] not in error["message"]
    assert flask_command("batches", "list") == {"batches": []}
