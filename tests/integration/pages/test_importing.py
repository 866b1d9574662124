"""Importing on the page: upload, look at what would be done, confirm, look at what was done."""

from __future__ import annotations

import io
import json
import os
import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from app.models.articles import Article
from app.models.audit import Audit
from app.models.intakes import Intake, IntakeRejection
from app.models.jobs import Job
from app.services import uploads
from tests.broken import BODY, broken, good, make_folder
from tests.line import Line

HERE = "/articles/import"


@pytest.fixture
def line(settings, store):
    line = Line(settings, store)
    yield line
    line.queue.close()


@pytest.fixture
def send(admin):
    """Upload files as the form does."""

    def send(files, **fields):
        given = [(io.BytesIO(data), name) for name, data in files.items()]
        return admin.send(HERE, {"files": given, **fields}, content_type="multipart/form-data")

    return send


def run(line, store):
    """Carry out the newest job."""
    with store.reading() as session:
        job = session.scalars(select(Job).order_by(Job.id.desc()).limit(1)).one()
    return line.run(job)


def counts(result):
    return {name: result[name] for name in ("imported", "updated", "duplicates", "rejected")}


def staged(settings):
    place = settings.instance / "uploads"
    return sorted(place.rglob("*")) if place.exists() else []


def test_the_page_and_the_command_line_agree_on_a_folder_of_all_kinds_and_fifty_broken_files(
    line, store, settings, admin, send, runner, tmp_path
):
    folder = tmp_path / "in"
    folder.mkdir()
    make_folder(folder)
    told = runner.invoke(args=["articles", "import", str(folder), "--dry-run", "--json"])
    told = json.loads(told.stdout)
    told["rejected"] = len(told["rejected"])
    assert told["rejected"] >= 50
    assert (told["imported"], told["duplicates"]) == (9, 2)

    answer = send({**good(), **broken()})
    assert answer.status_code == 303, answer.text
    page = answer.location
    checked = run(line, store)
    assert checked.state == "succeeded", checked.error
    assert counts(checked.result) == counts(told)
    body = admin.get(page).text
    assert "Import 9 articles" in body
    assert f"<dd>{told['rejected']} " in body
    with store.reading() as session:
        assert session.scalar(select(func.count(Article.id))) == 0

    assert admin.send(f"{page}/confirm").status_code == 303
    assert counts(run(line, store).result) == counts(told)
    assert "The import is done" in admin.get(page).text
    with store.reading() as session:
        assert session.scalar(select(func.count(Article.id))) == 9
        done = session.scalars(select(Audit).where(Audit.action == "articles_imported")).one()
        assert (done.actor, done.detail["imported"]) == ("admin@example.org", 9)
    assert staged(settings) == []
    again = json.loads(runner.invoke(args=["articles", "import", str(folder), "--json"]).stdout)
    assert (again["imported"], again["duplicates"]) == (0, 11)


def test_what_was_rejected_is_listed_by_pages_with_file_row_and_reason(line, store, admin, send):
    rows = b"".join(b'{"text": ""}\n' for _ in range(60))
    page = send({"rows.jsonl": rows}).location
    run(line, store)
    first = admin.get(page).text
    assert "row 1: it has no text." in first
    assert "row 51:" not in first
    (more,) = re.findall(r'href="([^"]+after=50)"', first)
    assert "row 51: it has no text." in admin.get(more).text
    assert "There is nothing to import" in first


def test_files_wait_under_names_of_our_own_readable_by_their_owner_alone(settings, send):
    send({"../../evil\u202e.txt": b"x", "b.exe": b"y", "n" * 300 + ".md": b"z"})
    folder, *files = staged(settings)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [file.name for file in files] == ["000000.txt", "000001.other", "000002.md"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_what_is_said_of_all_files_is_stored_with_them(line, store, admin, send):
    page = send(
        {"a.csv": f'words\n"{BODY}"\n'.encode()}, outlet="Gull", story="harbour",
        date="2026-01-05", map="text = words", encoding="utf-8",
    ).location  # fmt: skip
    run(line, store)
    assert "text = words" in admin.get(page).text
    admin.send(f"{page}/confirm")
    run(line, store)
    with store.reading() as session:
        article = session.scalars(select(Article)).one()
    assert (article.outlet, article.story, article.language) == ("Gull", "harbour", "en")
    assert article.published_at == datetime(2026, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("files", "fields", "said"),
    [
        ({}, {}, "No file was given."),
        ({"a.txt": b"x"}, {"date": "someday"}, "is not a date"),
        ({"a.txt": b"x"}, {"encoding": "rot13"}, "not the name of an encoding"),
        ({"a.txt": b"x"}, {"map": "mood=x"}, "is not a field"),
        ({"a.txt": b"x"}, {"outlet": "o" * 201}, "outlet has 201 characters"),
    ],
)
def test_a_form_that_cannot_be_used_comes_back_with_the_reason(
    store, settings, send, files, fields, said
):
    answer = send(files, **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert staged(settings) == []
    with store.reading() as session:
        assert session.scalar(select(func.count(Intake.id))) == 0


def test_an_upload_that_is_too_large_is_refused_with_what_to_do(app, store, settings, send):
    app.extensions["settings"].__dict__["max_upload_bytes"] = 30_000
    app.config["MAX_CONTENT_LENGTH"] = 10_000
    assert send({"a.txt": b"x" * 25_000}).status_code == 303
    answer = send({"a.txt": b"x" * 35_000})
    assert answer.status_code == 413
    assert "At most 30,000 bytes" in answer.text
    assert "flask articles import" in answer.text


@pytest.mark.parametrize("role", ["viewer", "reviewer", None])
def test_only_an_admin_may_send_more_than_a_little(app, role):
    from tests.visitors import visitor

    app.config["MAX_CONTENT_LENGTH"] = 10_000
    client = visitor(app, role)
    answer = client.post(HERE, data=b"x" * 30_000, content_type="text/plain")
    assert answer.status_code == (403 if role else 302)


def test_an_upload_is_discarded_and_its_files_go(line, store, settings, admin, send):
    page = send({"a.txt": BODY.encode()}).location
    refused = admin.send(f"{page}/discard")
    assert refused.status_code == 409
    run(line, store)
    assert admin.send(f"{page}/discard").status_code == 303
    assert staged(settings) == []
    for act in ("discard", "confirm"):
        assert admin.send(f"{page}/{act}").status_code == 409
    assert "discarded" in admin.get(HERE).text


def test_an_import_that_is_not_there_is_said_so(admin):
    assert admin.get(f"{HERE}/99").status_code == 404
    assert admin.send(f"{HERE}/99/confirm").status_code == 404


def test_the_page_asks_for_itself_while_the_job_is_at_work(line, store, admin, send):
    page = send({"a.txt": BODY.encode()}).location
    answer = admin.get(f"{page}/progress")
    assert 'hx-trigger="every 2s"' in answer.text
    run(line, store)
    answer = admin.get(f"{page}/progress")
    assert "hx-trigger" not in answer.text
    assert "Check of articles: succeeded" in answer.headers["HX-Trigger"]
    assert "Import 1 article<" in answer.text


def test_an_import_that_broke_off_goes_on_where_it_stopped(line, store, admin, send, monkeypatch):
    rows = [{"id": str(n), "text": f"{BODY} Number {n}."} for n in range(60)]
    page = send({"rows.jsonl": "".join(json.dumps(row) + "\n" for row in rows).encode()}).location
    run(line, store)
    admin.send(f"{page}/confirm")
    real, calls = uploads.note_outcomes, []

    def stop_at_second(*args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("the power went")
        return real(*args, **kwargs)

    monkeypatch.setattr(uploads, "note_outcomes", stop_at_second)
    broke = run(line, store)
    assert broke.state == "failed"
    with store.reading() as session:
        assert session.scalar(select(func.count(Article.id))) == 25
    assert admin.send(f"/jobs/{broke.id}/retry").status_code == 303
    done = run(line, store)
    assert counts(done.result) == {"imported": 60, "updated": 0, "duplicates": 0, "rejected": 0}
    assert len(calls) == 4


def test_a_run_that_ended_but_could_not_say_so_only_ends(line, store, admin, send):
    page = send({"a.txt": BODY.encode()}).location
    run(line, store)
    admin.send(f"{page}/confirm")
    done = run(line, store)
    with store.transaction() as session:
        session.execute(update(Job).where(Job.id == done.id).values(state="queued", ended_at=None))
    assert counts(run(line, store).result) == counts(done.result)


def test_files_that_are_gone_fail_the_job_with_what_to_do(line, store, settings, send):
    send({"a.txt": BODY.encode()})
    staged(settings)[-1].unlink()
    failed = run(line, store)
    assert failed.state == "failed"
    assert "not on this machine" in failed.error["message"]


def test_what_nobody_confirmed_is_given_up_and_what_is_left_over_is_removed(
    line, store, settings, admin, send
):
    old = send({"a.txt": BODY.encode()}).location
    run(line, store)
    with store.transaction() as session:
        session.execute(update(Intake).values(created_at=datetime.now(UTC) - timedelta(days=8)))
    stray = settings.instance / "uploads" / ("a" * 32)
    stray.mkdir()
    other = settings.instance / "uploads" / "kept-by-somebody"
    other.mkdir()
    long_ago = time.time() - 3 * 24 * 3600
    for folder in (stray, other):
        os.utime(folder, (long_ago, long_ago))
    send({"b.txt": BODY.encode()})
    run(line, store)
    assert "discarded" in admin.get(old).text
    assert not stray.exists()
    assert other.exists()
    assert len(staged(settings)) == 3


def test_other_languages_are_pointed_out(line, store, admin, send):
    french = "Le ministre a dit lundi que le port serait de nouveau ouvert au printemps prochain."
    page = send({"fr.txt": f"Le port ouvre\n\n{french}".encode(), "en.txt": BODY.encode()}).location
    run(line, store)
    assert "1 article in <strong>fr</strong>" in admin.get(page).text


def test_only_the_first_rejections_are_kept_and_all_are_counted(
    line, store, admin, send, monkeypatch
):
    monkeypatch.setattr(uploads, "MOST_KEPT", 3)
    page = send({"rows.jsonl": b"{\n" * 5}).location
    run(line, store)
    assert "2 more were counted" in admin.get(page).text
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(IntakeRejection)) == 3
