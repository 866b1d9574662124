"""A corrected article supersedes the old one, and what it leaves alone keeps its work."""

from __future__ import annotations

from sqlalchemy import select

from app.models.articles import ArticleVersion
from app.models.audit import Audit
from app.models.passages import Passage
from app.models.tasks import Task
from tests.line import ADA

HEAD = "Harbour to close in March"
FIRST = "The quay was empty by nine, and nobody answered the harbour master’s call."
SECOND = "“We were never asked,” said Ana Torv, who has kept the log for eleven years."
WRONG = "The committee will meet again on Monday, when 14 members have a vote."
RIGHT = "The committee will meet again on Tuesday, when 15 members have a vote."
LAST = "Boats are still moored at the northern quay, where the lamps are lit."
ADDED = "An earlier version of this article gave another day for the next meeting."


def article(*paragraphs):
    return "\n\n".join([HEAD, "By Iris Vale", *paragraphs])


OLD = article(FIRST, SECOND, WRONG, LAST)
NEW = article(FIRST, SECOND, RIGHT, LAST, ADDED)


def texts(shown):
    return [shown["text"][p["start"] : p["end"]] for p in shown["passages"]]


def show(flask_command, answer):
    (article,) = answer["articles"] or answer["updated_articles"] or answer["duplicate_articles"]
    return flask_command("articles", "show", article["uid"])


def test_a_corrected_text_is_a_new_version_of_the_same_article(bring, flask_command, store):
    before = show(flask_command, bring(OLD, outlet="The Gull"))
    answer = bring(NEW)
    assert (answer["imported"], answer["updated"], answer["duplicates"]) == (0, 1, 0)
    after = show(flask_command, answer)
    assert after["uid"] == before["uid"]
    assert (before["version"], after["version"]) == (1, 2)
    assert after["outlet"] == "The Gull"
    assert texts(after) == [HEAD, FIRST, SECOND, RIGHT, LAST, ADDED]
    uids = {t: p["uid"] for t, p in zip(texts(before), before["passages"], strict=True)}
    kept = {t: p["uid"] for t, p in zip(texts(after), after["passages"], strict=True)}
    assert all(kept[words] == uids[words] for words in (HEAD, FIRST, SECOND, LAST))
    assert [v["n"] for v in after["versions"]] == [2, 1]
    with store.reading() as session:
        assert session.scalars(select(ArticleVersion.text).order_by(ArticleVersion.n)).all() == [
            OLD,
            NEW,
        ]
        (audited,) = session.scalars(select(Audit).where(Audit.action == "article_corrected"))
        assert audited.object == f"article:{after['uid']}"


def test_what_changed_is_listed_beside_its_old_form(bring, flask_command):
    bring(OLD)
    shown = show(flask_command, bring(NEW))
    pairs = [
        tuple(form and form["text"] for form in (change["old"], change["new"]))
        for change in shown["changed"]
    ]
    assert pairs == [(WRONG, RIGHT), (None, ADDED)]
    assert {change["version"] for change in shown["changed"]} == {2}


def test_the_same_file_and_an_older_one_change_nothing(bring, flask_command):
    bring(OLD)
    bring(NEW)
    for text in (NEW, OLD):
        answer = bring(text)
        assert (answer["imported"], answer["updated"], answer["duplicates"]) == (0, 0, 1)
        assert show(flask_command, answer)["version"] == 2


def test_work_on_unchanged_passages_is_kept_and_that_on_changed_ones_stays_in_sight(
    bring, flask_command, line, store, viewer
):
    shown = show(flask_command, bring(OLD))
    line.add_batch("first", annotators=(ADA,))
    line.push("first")
    (lane,) = line.lanes("first")
    for task in line.server.tasks_of(lane.ls_project_id):
        value = {"start": 0, "end": 3, "labels": ["ORG"]}
        region = {
            "id": "r", "from_name": "entity", "to_name": "text", "type": "labels", "value": value,
        }  # fmt: skip
        line.server.annotate(task["id"], [region])
    line.sync("first")
    before = line.show("first")
    with store.reading() as session:
        tasks = dict(
            session.execute(
                select(Task.uid, Passage.text).join(Passage, Passage.id == Task.passage_id)
            ).all()
        )
    bring(NEW)
    assert line.show("first") == before
    with store.reading() as session:
        now = dict(
            session.execute(
                select(Task.uid, Passage.text).join(Passage, Passage.id == Task.passage_id)
            ).all()
        )
    assert now == tasks
    # What was done on the passage that is gone is still shown, and still exported.
    page = viewer.get(f"/articles/{shown['uid']}").text
    assert "Corrected" in page
    assert "Tuesday" in page
    assert "Monday" in page
    (changed, added) = flask_command("articles", "show", shown["uid"])["changed"]
    assert changed["old"]["batches"] == ["first"]
    assert changed["new"]["batches"] == added["new"]["batches"] == []
    answered = line.sync("first")
    assert answered.state == "succeeded"
    assert line.show("first")["tasks"] == before["tasks"]


def test_a_batch_after_the_correction_takes_the_text_in_force(bring, line, store):
    bring(OLD)
    bring(NEW)
    line.add_batch("first", annotators=(ADA,))
    with store.reading() as session:
        dealt = session.scalars(
            select(Passage.text).join(Task, Task.passage_id == Passage.id)
        ).all()
    assert sorted(dealt) == sorted([HEAD, FIRST, SECOND, RIGHT, LAST, ADDED])


def test_what_was_dealt_before_the_correction_is_pushed_as_it_was_dealt(bring, line):
    bring(OLD)
    line.add_batch("first", annotators=(ADA,))
    bring(NEW)
    line.push("first")
    (lane,) = line.lanes("first")
    pushed = {task["data"]["text"] for task in line.server.tasks_of(lane.ls_project_id)}
    assert pushed == {HEAD, FIRST, SECOND, WRONG, LAST}
    assert line.studio_uids("first") == line.planned_uids()


def test_records_of_passages_that_are_gone_are_still_exported(bring, flask_command, line, tmp_path):
    bring(OLD)
    line.add_batch("first", annotators=(ADA,))
    line.push("first")
    bring(NEW)
    flask_command("datasets", "export", "first", "--format", "jsonl", "--out", str(tmp_path / "o"))
    (file,) = (tmp_path / "o").glob("*.jsonl")
    assert len(file.read_text(encoding="utf-8").splitlines()) == 5


def test_a_joined_passage_that_was_dealt_keeps_its_bounds(bring, flask_command, line):
    tiny = "She paused."
    before = show(flask_command, bring(article(FIRST, tiny, SECOND)))
    line.add_batch("first", annotators=(ADA,))
    joined = f"{tiny}\n\n{SECOND}"
    assert joined in texts(before)
    after = show(flask_command, bring(article(FIRST, "He left.", tiny, SECOND)))
    assert joined in texts(after)
    assert {p["uid"] for p in before["passages"]} <= {p["uid"] for p in after["passages"]}


def test_a_page_without_corrections_says_nothing_of_versions(bring, flask_command, viewer):
    shown = show(flask_command, bring(OLD))
    assert shown["changed"] == []
    assert "Corrected" not in viewer.get(f"/articles/{shown['uid']}").text


def test_a_dry_run_tells_corrections_apart(bring, flask_command, tmp_path):
    bring(OLD)
    (tmp_path / "b.txt").write_bytes(NEW.encode())
    index = tmp_path / "more.csv"
    index.write_text("file,external_id\na.txt,x-1\nb.txt,x-1\nb.txt,x-2\na.txt,x-2\na.txt,x-2\n")
    dry = flask_command("articles", "import", "--index", str(index), "--dry-run")
    real = flask_command("articles", "import", "--index", str(index))
    for answer in (dry, real):
        counts = answer["imported"], answer["updated"], answer["duplicates"]
        assert counts == (1, 2, 2)
