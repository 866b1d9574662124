"""A fresh installation: every empty page says what to do next."""

from __future__ import annotations

import pytest

from tests.line import Line


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("/", "flask studio connect"),
        ("/articles", "flask articles import"),
        ("/batches", "flask batches create"),
        ("/connections", "flask studio connect"),
        ("/jobs", "Push and sync are jobs"),
    ],
)
def test_an_empty_page_says_what_to_do_next(admin, path, command):
    body = admin.get(path).text
    assert command in body


def test_the_check_list_moves_on_with_each_step_and_goes_when_all_is_done(settings, store, admin):
    def next_step():
        body = admin.get("/").text
        mark = body.find('class="step is-next"')
        return body[mark:].split("<h3>")[1].split("<")[0] if mark >= 0 else None

    seen = [next_step()]
    line = Line(settings, store)
    seen.append(next_step())
    line.add_article()
    seen.append(next_step())
    line.add_batch()
    seen.append(next_step())
    line.push()
    line.queue.close()
    assert seen == ["Connect Label Studio", "Import articles", "Create a batch", "Push it"]
    assert "Start here" not in admin.get("/").text
