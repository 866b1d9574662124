"""A release is a build: counted, frozen, rebuilt to the byte, compared in spans."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from app.errors import ConflictError
from app.jobs.release import build
from app.models.articles import Article
from app.models.releases import Release, ReleaseArticle, ReleaseRecord
from app.queries.releases import iter_release
from app.services import releases
from app.services.curation import retract_article
from app.services.reviews import open_review
from labeling import decisions as core
from labeling.datasets.formats import FORMATS
from labeling.datasets.plan import ReleasePlan
from labeling.datasets.splits import SplitError
from tests.integration.review.room import RUTH

RELEASE = ("release", "news", "--batch", "first")


def tree(folder):
    """All files of a folder with their bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rows(room, table):
    with room.store.reading() as session:
        return list(session.scalars(select(table).order_by(*table.__table__.primary_key)))


def retract(room):
    """Retract the article, and give the releases that were marked."""
    with room.store.transaction() as session:
        uid = session.scalars(select(Article.uid).order_by(Article.id)).first()
        retract_article(session, uid, reason="withdrawn by the outlet", actor=RUTH)
    with room.store.transaction() as session:
        assert releases.note_retraction(session, uid) == []
        return [
            f"news {r.version}"
            for r in session.scalars(select(Release).order_by(Release.id))
            if r.withdrawn
        ]


def reopen(room, passage, kind, **said):
    """Settle a passage anew with another verdict on one group."""
    with room.store.transaction() as session:
        open_review(session, "first", passage, actor=RUTH, now=room.now)
    verdicts = {"missing": {"verdict": core.Verdict.REJECT, "reason": "other"}, "label": {}}
    for name, usual in {**verdicts, kind: said}.items():
        room.decide(passage, name, **usual)
    room.call("submit", passage)


def test_a_first_release_tells_what_is_in_it_and_what_is_not(room, call):
    answer = call(*RELEASE, "--licence", "cc-by-4.0", "--notes", "The first one.")
    assert answer["dataset"] == "news"
    assert answer["version"] == "1.0.0"
    assert answer["records"] == 3
    assert answer["spans"] == 6
    assert sum(answer["splits"].values()) == 3
    assert answer["dropped"] == {"not_reviewed": 2}
    assert len(answer["sha256"]) == 64
    (release,) = rows(room, Release)
    assert (release.state, release.records, release.notes) == ("ready", 3, "The first one.")


def test_records_hold_the_gold_and_every_annotators_layer(room, call):
    call(*RELEASE)
    (release,) = rows(room, Release)
    records = list(iter_release(room.store, release.id))
    assert [record["passage"]["uid"] for record in records] == sorted(room.passages)
    for record in records:
        assert record["state"] == "reviewed"
        assert len(record["annotations"]) == 2
        assert not any("@" in one["annotator"] for one in record["annotations"])
        settled = [span["settled"] for span in record["gold"]["spans"]]
        assert settled == ["unanimous", "chosen"]
        for span in record["gold"]["spans"]:
            text = record["passage"]["text"]
            assert text[span["start"] : span["end"]] == span["text"]
            assert span["origin"] == "manual"


def test_the_same_state_gives_the_same_sha_whatever_it_is_called(room, call):
    first = call(*RELEASE)
    other = call("release", "other-name", "--batch", "first", "--notes", "x")
    again = call("release", "news")
    assert first["sha256"] == other["sha256"] == again["sha256"]
    assert (other["version"], again["version"]) == ("1.0.0", "1.0.1")


def test_a_preview_counts_and_makes_nothing(room, call):
    answer = call(*RELEASE, "--preview")
    assert (answer["records"], answer["passages"]) == (3, 5)
    assert answer["dropped"] == {"not_reviewed": 2}
    assert rows(room, Release) == []
    assert "3 of 5" in call.plain(*RELEASE, "--preview")


def test_annotated_passages_hold_only_what_all_agree_on(room, call):
    answer = call(*RELEASE, "--state", "annotated")
    assert (answer["records"], answer["dropped"]) == (4, {"not_annotated": 1})
    (release,) = rows(room, Release)
    record = next(
        one for one in iter_release(room.store, release.id) if one["passage"]["uid"] == room.open
    )
    assert record["state"] == "annotated"
    assert [(s["label"], s["settled"]) for s in record["gold"]["spans"]] == [
        ("PERSON", "unanimous")
    ]
    answer = call("release", "all", "--batch", "first", "--state", "any")
    assert (answer["records"], answer["dropped"]) == (5, {})


def test_labels_languages_and_dates_narrow_it_down(room, call):
    answer = call(*RELEASE, "--label", "PERSON")
    assert answer["spans"] == 3
    refused = call("release", "x", "--batch", "first", "--language", "fr", exit_code=1)
    assert refused["error"]["message"].startswith("Nothing would be in this release")
    assert "5 language" in refused["error"]["message"]
    call("release", "y", "--batch", "first", "--since", "2020-01-01", exit_code=1)
    (failed,) = [one for one in rows(room, Release) if one.number == 1 and one.dataset_id != 1][:1]
    assert failed.state == "failed"


def test_every_format_is_written_verified_and_reported(room, call, tmp_path):
    call(*RELEASE)
    for name in FORMATS:
        answer = call("export", "news", "1.0.0", "--format", name, "--out", tmp_path / name)
        paths = {one["path"] for one in answer["files"]}
        assert str(tmp_path / name / "manifest.json") in paths
        assert str(tmp_path / name / "README.md") in paths
        found = call("verify", tmp_path / name)
        lost = sum(one["count"] for one in answer["report"] if one["kind"] == "overlap")
        assert found == {"ok": True, "records": 3, "spans": 6 - lost, "problems": []}
        assert (lost > 0) == (name == "conll")


def test_verify_names_what_is_not_as_it_was(room, call, tmp_path):
    call(*RELEASE)
    call("export", "news", "1.0.0", "--out", tmp_path / "out")
    path = min((tmp_path / "out" / "data").glob("*.jsonl"))
    path.write_text(path.read_text("utf-8").replace("PERSON", "PERSOM", 1), "utf-8")
    answer = call("verify", tmp_path / "out", exit_code=1)
    assert not answer["ok"]
    assert answer["problems"][0]["path"] == f"data/{path.name}"
    empty = call("verify", tmp_path, exit_code=1)
    assert empty["problems"][0]["kind"] == "manifest"


def test_a_release_is_rebuilt_to_the_byte_after_others_have_worked_on(room, call, tmp_path):
    call(*RELEASE)
    call("export", "news", "1.0.0", "--out", tmp_path / "first")
    reopen(room, room.passages[0], "label", version=None, verdict=core.Verdict.REJECT, reason="x")
    room.settle(room.open)
    room.say(0, 4, room.region("a", "PERSON", 0, 7))
    room.sync()
    with room.store.transaction() as session:
        session.execute(update(Article).values(title="Another title", story="s"))
    call("rebuild", "news", "1.0.0", "--out", tmp_path / "again")
    assert tree(tmp_path / "again") == tree(tmp_path / "first")
    assert call("verify", tmp_path / "again")["ok"]


def test_a_rebuild_that_comes_out_differently_names_the_first_difference(room, call, tmp_path):
    call(*RELEASE)
    first = min(room.passages)
    with room.store.transaction() as session:
        session.execute(update(ReleaseRecord).where(ReleaseRecord.uid == first).values(line="{}"))
    answer = call("rebuild", "news", "1.0.0", "--out", tmp_path / "again", exit_code=1)
    assert first in answer["error"]["message"]
    assert not (tmp_path / "again").exists()
    with room.store.transaction() as session:
        record = session.scalars(select(ReleaseRecord).where(ReleaseRecord.uid == first)).one()
        session.delete(record)
        session.add(
            ReleaseRecord(release_id=record.release_id, ord=99, uid="p-z", sha="", line="{}")
        )
    call("rebuild", "news", "1.0.0", "--out", tmp_path / "again", exit_code=1)


def test_changed_decisions_and_a_retraction_are_exactly_what_the_diff_names(room, call, tmp_path):
    call(*RELEASE)
    call("export", "news", "1.0.0", "--out", tmp_path / "first")
    reject = {"verdict": core.Verdict.REJECT, "reason": "wrong label"}
    edit = core.SpanEdit("ORG", 20, 24)
    reopen(room, room.passages[0], "label", **reject)
    reopen(room, room.passages[1], "missing", verdict=core.Verdict.EDIT, span=edit, reason="x")
    answer = call("release", "news")
    assert answer["version"] == "1.0.1"
    told = call("diff", "news", "1.0.0", "1.0.1")
    assert told["records"] == {"added": 0, "removed": 0, "changed": 2}
    assert told["spans"] == {
        "added": 1, "removed": 1, "moved": 0, "relabelled": 0, "attributes": 0,
    }  # fmt: skip
    assert {one["passage"] for one in told["changes"]} == set(room.passages[:2])
    assert retract(room) == ["news 1.0.0", "news 1.0.1"]
    refused = call("release", "news", exit_code=1)
    assert "retracted" in refused["error"]["message"]
    listed = call("list")["datasets"][0]["releases"]
    assert [len(one["withdrawn"]) for one in listed if one["state"] == "ready"] == [1, 1]
    assert call("verify", tmp_path / "first")["ok"]
    call("rebuild", "news", "1.0.0", "--out", tmp_path / "again")
    assert tree(tmp_path / "again") == tree(tmp_path / "first")


def test_new_records_raise_the_minor_number(room, call):
    call(*RELEASE)
    room.settle(room.open)
    answer = call("release", "news")
    assert (answer["version"], answer["records"]) == ("1.1.0", 4)


def test_offsets_only_leaves_the_words_at_home(room, call, tmp_path):
    call(*RELEASE, "--offsets-only")
    call("export", "news", "1.0.0", "--out", tmp_path / "out")
    content = b"".join(tree(tmp_path / "out").values())
    assert b"Lovelace" not in content
    assert call("verify", tmp_path / "out")["ok"]
    refused = call(
        "export", "news", "1.0.0", "--format", "brat", "--out", tmp_path / "brat", exit_code=1
    )
    assert "offsets only" in refused["error"]["message"]
    assert not (tmp_path / "brat").exists()


def test_a_leak_planted_by_hand_fails_the_build_and_names_the_pair(room, store, monkeypatch):
    with room.store.transaction() as session:
        plan = ReleasePlan(batches=("first",))
        begun = releases.plan_release(
            session, "news", plan, actor=RUTH, notes="", now=datetime.now(UTC)
        )
    from app.jobs import release

    real = release.record_pages

    def leaky(*args):
        for page in real(*args):
            for n, record in enumerate(page):
                record["split"] = ("train", "test", "dev")[n % 3]
            yield page

    monkeypatch.setattr(release, "record_pages", leaky)
    with pytest.raises(SplitError, match=r"leaks: article a-\S+ is in a-\S+ \(\w+\) and in a-"):
        build(store, begun.id)
    (failed,) = rows(room, Release)
    assert (failed.state, "leaks" in failed.problem) == ("failed", True)
    assert rows(room, ReleaseRecord) == []
    assert rows(room, ReleaseArticle) == []


def test_a_build_that_was_cut_off_begins_anew_and_ends_the_same(room, store, monkeypatch):
    with room.store.transaction() as session:
        plan = ReleasePlan(batches=("first",))
        begun = releases.plan_release(
            session, "news", plan, actor=RUTH, notes="", now=datetime.now(UTC)
        )
    with monkeypatch.context() as patch:
        patch.setattr(releases, "finish_release", lambda *_a, **_k: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            build(store, begun.id)
    assert len(rows(room, ReleaseRecord)) == 3
    seen = []
    built = build(store, begun.id, progress=lambda done, total: seen.append((done, total)))
    assert built.version == "1.0.0"
    assert len(rows(room, ReleaseRecord)) == 3
    assert seen[-1] == (3, 3)


def test_a_ready_release_is_never_built_again_nor_given_up(room, call, store):
    answer = call(*RELEASE)
    (before,) = rows(room, Release)
    frozen = [(row.ord, row.line) for row in rows(room, ReleaseRecord)]
    built = build(store, before.id)
    assert (built.dataset, built.version) == ("news", "1.0.0")
    assert built.manifest["records_sha256"] == answer["sha256"]
    for act in (releases.clear, releases.get_building):
        with store.transaction() as session, pytest.raises(ConflictError, match="ended already"):
            act(session, before.id)
    with store.transaction() as session, pytest.raises(ConflictError):
        releases.fail_release(session, before.id, "too late")
    (after,) = rows(room, Release)
    assert (after.state, after.version, after.built_at) == ("ready", "1.0.0", before.built_at)
    assert [(row.ord, row.line) for row in rows(room, ReleaseRecord)] == frozen


def test_a_release_that_was_given_up_meanwhile_does_not_come_back(room, store, call):
    with store.transaction() as session:
        plan = ReleasePlan(batches=("first",))
        begun = releases.plan_release(
            session, "news", plan, actor=RUTH, notes="", now=datetime.now(UTC)
        )
    assert call("give-up", "news")["given_up"] == 1
    with pytest.raises(ConflictError, match="ended already"):
        build(store, begun.id)
    (release,) = rows(room, Release)
    assert (release.state, rows(room, ReleaseRecord)) == ("failed", [])


def test_one_release_of_a_dataset_is_built_at_a_time(room, call):
    with room.store.transaction() as session:
        plan = ReleasePlan(batches=("first",))
        releases.plan_release(session, "news", plan, actor=RUTH, notes="", now=datetime.now(UTC))
    refused = call(*RELEASE, exit_code=1)
    assert "give-up news" in refused["error"]["remedy"]
    assert call("give-up", "news") == {"dataset": "news", "given_up": 1}
    assert call(*RELEASE)["version"] == "1.0.0"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("release", "No!", "--batch", "first"), "cannot name a dataset"),
        (("release", "news"), "needs batches"),
        (("release", "news", "--batch", "nowhere"), "no batch 'nowhere'"),
        (("release", "news", "--batch", "first", "--since", "May"), "not a date"),
        (("release", "news", "--batch", "first", "--shares", "80/20"), "not three shares"),
        (("release", "news", "--batch", "first", "--shares", "80/20/20"), "add up to 100"),
        (("diff", "news", "1.0.0", "1.0.1"), "no release 1.0.0"),
        (("export", "news", "1.0.0", "--out", "x"), "no release 1.0.0"),
        (("export", "first", "--format", "csv", "--out", "x"), "Only a release"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(room, call, words, said):
    answer = call(*words, exit_code=1)
    assert said in answer["error"]["message"]
    assert answer["error"]["remedy"]
    assert [one for one in rows(room, Release) if one.state != "failed"] == []


def test_the_card_shows_the_figures_of_the_manifest(room, call, tmp_path):
    call(*RELEASE, "--licence", "cc-by-4.0", "--notes", "For the desk.")
    answer = call("export", "news", "1.0.0", "--format", "conll", "--out", tmp_path / "out")
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_bytes())
    for said in (
        "# news 1.0.0", "3 passages of 1 news articles", "For the desk.", "cc-by-4.0",
        "2: nobody has reviewed them", manifest["records_sha256"], "not recorded",
    ):  # fmt: skip
        assert said in card
    figure = manifest["agreement"]["first"]["entity"]["f1_exact"]
    if figure["value"] is not None:
        assert f"{figure['value']:.3f}" in card
    assert answer["report"] == manifest["report"]
    assert "attributes" in {loss["kind"] for loss in answer["report"]}


def test_an_empty_desk_says_how_to_begin(app, store):
    result = app.test_cli_runner().invoke(args=["datasets", "list"])
    assert "flask datasets release" in result.output


def test_people_read_what_came_of_it(room, call, tmp_path):
    assert "news 1.0.0: 3 records" in call.plain(*RELEASE)
    assert "as jsonl in" in call.plain("export", "news", "1.0.0", "--out", tmp_path / "a")
    assert "ok: 3 records" in call.plain("verify", tmp_path / "a")
    assert "1.0.0" in call.plain("list")
    call("release", "news")
    assert "changed: 0 records" in call.plain("diff", "news", "1.0.0", "1.0.1")
    batch = call("export", "first", "--out", tmp_path / "b")
    assert batch["release"] is None
    assert "not a release" in call.plain("export", "first", "--out", tmp_path / "b")
