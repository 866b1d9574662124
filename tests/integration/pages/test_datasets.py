"""Datasets in the dashboard: planned after a look, built by a job, taken home, compared."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile

import pytest
from sqlalchemy import select

from app.models.audit import Audit
from app.models.jobs import Job
from app.models.releases import Release
from app.queries.datasets import get_release_page
from app.views.datasets import card_of

PLAN = {
    "name": "fresh", "batch": "demo", "state": "annotated", "method": "hash",
    "train": "80", "dev": "10", "test": "10", "seed": "0",
}  # fmt: skip
FIRST = "/datasets/loaded-terms/1.0.0"


def page_of(store, version="1.0.0"):
    with store.reading() as session:
        return get_release_page(session, "loaded-terms", version)


def newest(store, table):
    with store.reading() as session:
        return session.scalars(select(table).order_by(table.id.desc())).first()


def test_the_list_shows_every_release_with_what_became_of_it(desk_viewer):
    body = desk_viewer.get("/datasets").text
    assert f'href="{FIRST}"' in body
    assert "1.1.0" in body
    assert "Nothing would be in this release" in body
    assert "/new-release" not in body


def test_the_page_and_the_card_show_the_same_figures(desk, desk_viewer):
    page = page_of(desk.line.store)
    body, card = desk_viewer.get(FIRST).text, card_of(page)
    counts, figures = page.manifest["counts"], page.manifest["figures"]
    assert f"<dt>Records</dt><dd>{counts['records']:,} " in body
    assert f"<dt>Spans</dt><dd>{counts['spans']:,}<" in body
    assert f"{counts['records']} passages of {page.manifest['articles']} news articles" in card
    assert f"{counts['spans']} spans and {counts['relations']} relations" in card
    rows = re.findall(r"\| (\w+) \| (\w+) \| (\d+) \| ([^|]+) \|", card)
    assert [(one["layer"], one["label"], str(one["spans"])) for one in figures["labels"]] == [
        row[:3] for row in rows
    ]
    for one in figures["labels"]:
        row = re.search(
            rf"</span>{one['label']}</th><td data-name=\"Layer\">{one['layer']}</td>"
            rf"<td class=\"num\" data-name=\"Spans\">{one['spans']:,}</td>",
            body,
        )
        assert row, one
    for split, number in counts["splits"].items():
        assert f"| {split} | {number} |" in card
        assert f'</span>{split}</th><td class="num">{number:,}</td>' in body
    figure = page.manifest["agreement"]["demo"]["entity"]["f1_exact"]
    low, high = figure["ci95"]
    assert f"{figure['value']:.3f} | {low:.3f}–{high:.3f} | {figure['n']}" in card
    assert f"<strong>{figure['value']:.2f}</strong>" in body
    assert f"- Annotators: {figures['annotators']}" in card
    assert f"<dt>Annotators</dt><dd>{figures['annotators']} " in body
    assert page.manifest["records_sha256"] in body
    assert page.manifest["records_sha256"] in card
    assert "in a project of their own" in card
    assert "in a project of their own" in body


def test_commands_to_verify_and_rebuild_can_be_copied(desk_viewer):
    body = desk_viewer.get(FIRST).text
    for verb in ("export loaded-terms 1.0.0", "verify ./loaded-terms-1.0.0"):
        assert f'data-copy="flask datasets {verb}' in body
    assert 'data-copy="flask datasets rebuild loaded-terms 1.0.0 --out ./again"' in body


def test_records_are_drawn_with_their_spans_and_can_be_paged(desk_viewer):
    first = desk_viewer.get(f"{FIRST}/records").text
    assert first.count('<article class="record"') == 10
    assert 'class="tag label-' in first
    assert 'class="span-line track-1' in first
    after = re.search(r"after=(\d+)", first).group(1)
    second = desk_viewer.get(f"{FIRST}/records?after={after}").text
    uids = [set(re.findall(r'aria-label="Passage (p-\w+)"', body)) for body in (first, second)]
    assert len(uids[0]) == 10
    assert uids[0].isdisjoint(uids[1])


def test_what_changed_is_told_span_by_span(desk_viewer):
    body = desk_viewer.get("/datasets/loaded-terms/1.1.0/diff").text
    assert "From 1.0.0 to 1.1.0" in body
    assert "Records added" in body
    assert "SPEAKER" in body
    back = desk_viewer.get(f"{FIRST}/diff")
    assert "From 1.1.0 to 1.0.0" in back.text
    assert desk_viewer.get(f"{FIRST}/diff?from=9.0.0").status_code == 404


def test_a_file_that_is_there_is_sent_with_its_checksum_and_that_is_written_down(desk, desk_viewer):
    page = page_of(desk.line.store)
    assert page.files["conll"].sha256 in desk_viewer.get(FIRST).text
    answer = desk_viewer.send(f"{FIRST}/download/conll")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=loaded-terms-1.0.0-conll.zip"
    )
    assert answer.headers["X-Checksum-Sha256"] == hashlib.sha256(answer.data).hexdigest()
    names = zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    assert "loaded-terms-1.0.0-conll/manifest.json" in names
    answer.close()
    with desk.line.store.reading() as session:
        act = session.scalars(select(Audit).order_by(Audit.seq.desc())).first()
    assert (act.action, act.actor) == ("files_downloaded", "viewer@example.org")
    assert act.detail == {
        "version": "1.0.0", "format": "conll", "sha256": page.files["conll"].sha256,
    }  # fmt: skip


def test_a_file_that_is_not_there_is_written_by_a_job_and_then_offered(desk, desk_viewer):
    gone = desk_viewer.send(f"{FIRST}/download/csv")
    assert gone.status_code == 303
    asked = desk_viewer.send(f"{FIRST}/files/csv")
    assert asked.location.endswith("#files")
    body = desk_viewer.get(FIRST).text
    assert 'hx-trigger="every 2s"' in body
    assert "is being written" in body
    moving = desk_viewer.get(f"{FIRST}/files")
    assert "queued" in moving.text
    job = newest(desk.line.store, Job)
    assert desk.line.run(job).state == "succeeded"
    there = desk_viewer.get(f"{FIRST}/files")
    assert "hx-trigger" not in there.text
    assert there.headers["HX-Trigger"]
    assert f"{FIRST}/download/csv" in there.text


def test_an_unknown_format_is_refused(desk_viewer):
    assert desk_viewer.send(f"{FIRST}/files/xml").status_code == 422
    assert desk_viewer.send(f"{FIRST}/download/xml").status_code == 422


def test_a_release_is_counted_before_it_is_built(desk, desk_admin):
    before = newest(desk.line.store, Release).id
    body = desk_admin.send("/new-release", {**PLAN, "count": "1"}).text
    assert "What would be in it" in body
    assert re.search(r"<strong>\d+</strong> are left out: nobody has answered them", body)
    assert 'name="build"' in body
    assert 'value="demo" checked' in body
    assert newest(desk.line.store, Release).id == before


def test_a_release_that_was_asked_for_is_built_by_a_job(desk, desk_admin):
    answer = desk_admin.send("/new-release", {**PLAN, "build": "1", "notes": "Ours."})
    job = newest(desk.line.store, Job)
    assert answer.location == f"/jobs/{job.id}"
    listed = desk_admin.get("/datasets").text
    assert "being built" in listed
    assert f'href="/jobs/{job.id}"' in listed
    assert desk.line.run(job).state == "succeeded"
    release = newest(desk.line.store, Release)
    assert (release.state, release.version, release.notes) == ("ready", "1.0.0", "Ours.")
    assert release.actor == "admin@example.org"
    shown = desk_admin.get(f"/jobs/{job.id}").text
    assert 'href="/datasets/fresh/1.0.0"' in shown


def test_the_form_comes_filled_in_as_the_last_release_was_asked_for(desk_admin):
    body = desk_admin.get("/new-release?dataset=loaded-terms").text
    assert 'value="PERSON, QUOTE, LOADED_TERM"' in body
    assert 'value="week-14" checked' in body
    assert 'value="any" checked' in body


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"name": "No!"}, "cannot name a dataset"),
        ({"batch": "nowhere"}, "no batch"),
        ({"batch": ""}, "no batch"),
        ({"since": "May"}, "not a date"),
        ({"train": "many"}, "not a number"),
        ({"train": "90"}, "add up to 100"),
        ({"state": "lost"}, "not known"),
    ],
)
def test_what_cannot_be_released_is_said_and_the_form_stays_filled_in(desk_admin, more, said):
    answer = desk_admin.send("/new-release", {**PLAN, **more, "build": "1"})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="cc-by-4.0"' not in answer.text
    assert 'name="seed"' in answer.text


def test_nobody_but_an_admin_plans_a_release(desk_viewer):
    assert desk_viewer.get("/new-release").status_code == 403
    assert desk_viewer.send("/new-release", PLAN).status_code == 403


def test_names_of_annotators_leave_with_admins_alone(desk, desk_viewer, desk_admin):
    desk_admin.send("/new-release", {**PLAN, "name": "named", "names": "1", "build": "1"})
    assert desk.line.run(newest(desk.line.store, Job)).state == "succeeded"
    path = "/datasets/named/1.0.0"
    assert "by name" in desk_viewer.get(path).text
    assert desk_viewer.send(f"{path}/files/jsonl").status_code == 403
    assert desk_viewer.send(f"{path}/download/jsonl").status_code == 403
    assert desk_admin.send(f"{path}/files/jsonl").status_code == 303


def test_a_release_without_words_shows_places_and_offers_what_fits(desk, desk_admin, desk_viewer):
    asked = {**PLAN, "name": "bare", "offsets_only": "1", "build": "1", "method": "none"}
    desk_admin.send("/new-release", asked)
    assert desk.line.run(newest(desk.line.store, Job)).state == "succeeded"
    body = desk_viewer.get("/datasets/bare/1.0.0").text
    assert "The words are not in this release" in body
    assert "needs the words" in body
    assert "not split" in body
    refused = desk_viewer.send("/datasets/bare/1.0.0/files/brat")
    assert refused.status_code == 409
    alone = desk_viewer.get("/datasets/bare/1.0.0/diff")
    assert alone.location == "/datasets/bare/1.0.0"


def test_an_empty_desk_says_what_to_do_first(admin, viewer):
    assert "No dataset yet" in admin.get("/datasets").text
    assert "Plan the first release" in admin.get("/datasets").text
    assert "Plan the first release" not in viewer.get("/datasets").text
    assert "There is nothing to release yet" in admin.get("/new-release").text


def test_too_many_records_for_a_page_are_compared_by_the_command(desk_viewer, monkeypatch):
    monkeypatch.setattr("app.views.datasets.MOST_COMPARED", 10)
    body = desk_viewer.get("/datasets/loaded-terms/1.1.0/diff").text
    assert "Too many records for a page" in body
    assert 'data-copy="flask datasets diff loaded-terms 1.0.0 1.1.0"' in body


def test_a_count_that_takes_too_long_says_how_far_it_came(desk_admin, monkeypatch):
    monkeypatch.setattr("app.views.releasing.MOST_COUNTED", 1)
    body = desk_admin.send("/new-release", {**PLAN, "count": "1"}).text
    assert "counted so far" in body
    assert "flask datasets release fresh --batch demo --state annotated --preview" in body


def test_a_long_line_of_releases_shows_the_newest(desk_viewer, monkeypatch):
    monkeypatch.setattr("app.queries.datasets.SHOWN", 1)
    body = desk_viewer.get("/datasets").text
    assert "older release" in body
    assert "all versions" in body
