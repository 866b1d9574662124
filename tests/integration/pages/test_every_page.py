"""Every page shows what is there, to whom it may, in few questions to the store."""

from __future__ import annotations

import re
from contextlib import contextmanager

import pytest
from sqlalchemy import event

PAGES = {
    "home": "/",
    "articles": "/articles",
    "article": "/articles/{desk.article}",
    "batches": "/batches",
    "batch": "/batches/demo",
    "batch progress": "/batches/demo/progress",
    "passage": "/batches/demo/passages/{desk.rich}",
    "drift": "/batches/demo/drift",
    "set aside": "/set-aside?batch=demo",
    "set aside item": "/batches/demo/set-aside/1",
    "agreement": "/agreement",
    "agreement of a batch": "/batches/demo/agreement",
    "agreement on a label": "/batches/demo/agreement?layer=entity&label=PERSON",
    "places": "/batches/demo/agreement/passages?layer=quote&label=QUOTE",
    "nothing to compare": "/batches/week-14/agreement",
    "review queue": "/review",
    "review of a passage": "/review/demo/{desk.review}",
    "review of a settled passage": "/review/demo/{desk.settled}",
    "guideline": "/batches/demo/guideline",
    "term bank": "/lexicon",
    "term": "/lexicon/death-tax",
    "datasets": "/datasets",
    "release": "/datasets/{desk.dataset}/1.0.0",
    "release files": "/datasets/{desk.dataset}/1.0.0/files",
    "records": "/datasets/{desk.dataset}/1.0.0/records",
    "what changed": "/datasets/{desk.dataset}/1.1.0/diff",
    "terms in context": "/terms",
    "a term in context": "/terms/death tax",
    "words in context": "/terms/zealots?sort=right",
    "counts of a term": "/terms/counts?term=zealots",
    "even-handedness": "/terms/evenness",
    "what outlets state": "/terms/outlets",
    "connections": "/connections",
    "jobs": "/jobs",
    "job": "/jobs/{desk.failed_job}",
    "job progress": "/jobs/{desk.failed_job}/progress",
}


def body_of(visitor, path):
    answer = visitor.get(path)
    assert answer.status_code == 200, (path, answer.text)
    return answer.text


@contextmanager
def questions(app):
    """What is asked of the store meanwhile."""
    asked = []
    engine = app.extensions["store"].engine

    def note(_connection, _cursor, statement, *_rest):
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("name", PAGES)
def test_a_viewer_sees_a_page_without_the_buttons_of_an_admin(desk, desk_viewer, name):
    body = body_of(desk_viewer, PAGES[name].format(desk=desk))
    for act in ("/push", "/sync", "/cancel", "/retry", "/mute", "/new"):
        assert f'{act}"' not in body


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_few_questions_however_much_there_is(desk, desk_app, desk_admin, name):
    with questions(desk_app) as asked:
        body_of(desk_admin, PAGES[name].format(desk=desk))
    assert len(asked) <= 18, "\n".join(asked)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/articles/nothing", "article"),
        ("/batches/nothing", "batch"),
        ("/batches/nothing/progress", "batch"),
        ("/batches/demo/passages/nothing", "passage"),
        ("/batches/week-14/passages/{desk.rich}", "passage"),
        ("/batches/week-14/set-aside/1", "item"),
        ("/jobs/999999", "job"),
    ],
)
def test_what_is_not_there_is_said_with_what_to_do(desk, desk_viewer, path, kind):
    answer = desk_viewer.get(path.format(desk=desk))
    assert answer.status_code == 404
    assert f"There is no {kind}" in answer.text


def test_home_counts_distinct_passages_and_what_was_set_aside(desk, desk_viewer):
    body = body_of(desk_viewer, "/")
    assert "171<" in body
    assert "35 set aside" in body
    assert "Start here" not in body


def test_an_article_shows_its_roles_its_cuts_and_the_batches_of_each_passage(desk, desk_viewer):
    body = body_of(desk_viewer, f"/articles/{desk.article}")
    assert 'class="block block-headline"' in body
    assert 'class="block block-byline"' in body
    assert 'class="block block-boilerplate"' in body
    assert body.count('class="cut"') == 9
    assert body.count(">in demo<") == body.count(">in shared-pilot<") == 8


def test_a_batch_gives_each_annotator_a_link_to_start_at(desk, desk_viewer):
    body = body_of(desk_viewer, "/batches/demo")
    for lane in desk.line.lanes("demo"):
        link = rf"/projects/{lane.ls_project_id}/data\?(tab=\d+&amp;)?labeling=1"
        assert re.search(link, body)
    assert "ada@example.org" in body


def test_a_passage_links_to_its_task_in_label_studio(desk, desk_viewer):
    body = body_of(desk_viewer, f"/batches/demo/passages/{desk.rich}")
    assert body.count("/data?task=") == 3
    assert "said by" in body
    assert 'class="tag label-loaded-term"' in body


def test_a_token_is_never_shown_but_its_end(desk, desk_admin):
    body = body_of(desk_admin, "/connections")
    assert "••••cdef" in body
    assert "0123456789" not in body
    assert "refuses legacy tokens" in body


def test_a_failed_job_says_what_to_do_and_may_be_tried_again_by_an_admin(desk, desk_admin):
    body = body_of(desk_admin, f"/jobs/{desk.failed_job}")
    assert "flask studio check fake" in body
    assert f'/jobs/{desk.failed_job}/retry"' in body


@pytest.mark.parametrize(
    ("address", "here", "gone"),
    [
        ("/articles?outlet=Northfold+Courier", "Mill Lane baths", "Bishops and doctors"),
        ("/articles?section=health", "Bishops and doctors", "Mill Lane baths"),
        ("/articles?q=BATHS", "Mill Lane baths", "Bishops and doctors"),
        ("/articles?q=100%25_", "No article fits", "Mill Lane baths"),
        ("/batches?state=draft", ">week-14<", ">demo<"),
        ("/batches?aside=1", ">demo<", ">week-14<"),
        ("/jobs?state=failed", "did not answer", "Reading lane 1"),
        ("/batches/demo?show=aside", "set aside", "Nothing about these passages"),
        ("/batches/week-14?show=annotated", "Nothing of this batch is annotated yet", "0 of 1"),
        ("/batches/demo?show=nonsense", "Passages", "has no passages"),
    ],
)
def test_a_list_shows_what_its_address_says(desk, desk_viewer, address, here, gone):
    body = body_of(desk_viewer, address)
    assert here in body
    assert gone not in body
