"""A term's page: every place in context, sorted and filtered, what was said, what to look at."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from sqlalchemy import select

from app.models.audit import Audit
from app.models.passages import Passage
from app.models.review import ReviewItem
from app.queries import term_contexts
from app.queries.labeled_words import list_labeled
from app.queries.term_contexts import Choice, count_contexts, find_contexts
from app.services.articles import ArticleFields, prepare_article, store_article
from tests.integration.terms.corpus import add_passages
from tests.integration.terms.test_index import plain_scan
from tests.line import ADA, BEN, Line

NEWS = """Zealots argue in the square

The zealots came back to the square on Monday and stayed there until the evening bells.

“These are no zealots,” said Ann Bell of Quay Watch, who has walked past them every day.

A zealot's work is never done, they say in the harbour, where nobody has time for it."""


def bring_in(store, text, **fields):
    prepared = prepare_article(
        text.encode(), source="a.txt", fields=ArticleFields(**fields), max_bytes=100_000
    )
    with store.transaction() as session:
        return store_article(session, prepared).uid


@pytest.fixture
def line(settings, store):
    line = Line(settings, store)
    line.article = bring_in(store, NEWS, outlet="Gull")
    line.add_batch("b", scheme="news", annotators=(ADA, BEN), overlap=2)
    line.push("b")
    yield line
    line.queue.close()


def answer(line, starts, *words, lanes=(0, 1)):
    """Annotators mark words as a loaded term in the passage that starts so, or nothing."""
    users = {user.email: user.id for user in line.server.users}
    for n in lanes:
        lane = line.lanes("b")[n]
        for task in line.server.tasks_of(lane.ls_project_id):
            text = task["data"]["text"]
            if text.startswith(starts):
                result = [
                    {
                        "id": f"r{k}", "from_name": "loaded", "to_name": "text", "type": "labels",
                        "value": {
                            "start": text.index(word),
                            "end": text.index(word) + len(word),
                            "labels": ["LOADED_TERM"],
                        },
                    }
                    for k, word in enumerate(words)
                ]  # fmt: skip
                who = users[(ADA, BEN)[lane.n - 1]]
                line.server.annotate(task["id"], result, completed_by=who)


def judge(line):
    """The headline is labeled by both, the first paragraph by one, the quotation by nobody."""
    answer(line, "Zealots", "Zealots")
    answer(line, "The zealots", "zealots", lanes=(0,))
    answer(line, "The zealots", lanes=(1,))
    answer(line, "“These")
    line.sync("b")


def contexts(store, *forms, after=0, limit=50, **choice):
    with store.reading() as session:
        return find_contexts(session, forms, Choice(**choice), after=after, limit=limit)


def matches(page):
    return [(one.found.match, one.told.voice, one.told.state) for one in page.rows]


def test_every_place_is_told_with_its_voice_and_what_was_said(line, store):
    judge(line)
    page = contexts(store, "zealots")
    assert [(m, v) for m, v, _ in matches(page)] == [
        ("Zealots", "headline"),
        ("zealots", "outlet"),
        ("zealots", "quoted"),
    ]
    told = [one.told for one in page.rows]
    assert [len(one.by) for one in told] == [2, 1, 0]
    assert [one.looked for one in told] == [2, 2, 2]
    assert [one.labels for one in told] == [("LOADED_TERM",), ("LOADED_TERM",), ()]
    assert {one.batches for one in told} == {("b",)}


def test_planted_look_alikes_are_listed(line, store, viewer):
    judge(line)
    (alike,) = contexts(store, "zealots", look="alike").rows
    assert alike.told.voice == "quoted"
    body = viewer.get("/terms/zealots?look=alike").text
    assert "These are no" in body
    assert "came back" not in body
    counts = viewer.get("/terms/counts?term=zealots").text
    assert "1 looked at and not labeled" in counts
    listed = viewer.get("/terms").text
    assert 'href="/terms/zealots?look=alike"' in listed


def test_the_same_words_with_different_labels_are_told_apart(line, store, viewer):
    judge(line)
    counts = count_contexts(contexts(store, "zealots"))
    assert counts.labels == (("LOADED_TERM", 2), ("", 1))
    assert (counts.total, counts.labeled, counts.alike, counts.whole) == (3, 2, 1, True)
    assert dict(counts.voices) == {"headline": 1, "outlet": 1, "quoted": 1}
    people = {marked for _, marked, _, _ in counts.people}
    assert people == {1, 2}
    assert len(contexts(store, "zealots", label="").rows) == 1
    assert len(contexts(store, "zealots", label="LOADED_TERM").rows) == 2
    assert contexts(store, "zealots", look="other").rows == ()
    assert "These are no" in viewer.get("/terms/zealots?label=none").text


def test_accepted_and_rejected_suggestions_are_counted_by_annotator(store, settings):
    line = Line(settings, store)
    bring_in(store, NEWS.replace("zealot", "regime").replace("Zealot", "Regime"), outlet="Gull")
    line.add_batch("b", scheme="news", annotators=(ADA, BEN), overlap=2)
    line.push("b")
    answer(line, "The regimes", "regimes", lanes=(0,))
    answer(line, "The regimes", lanes=(1,))
    line.sync("b")
    line.queue.close()
    counts = count_contexts(contexts(store, "regimes"))
    assert sorted(row[1:] for row in counts.people) == [(0, 0, 1), (1, 1, 0)]


def test_a_term_of_the_bank_is_found_in_its_forms_which_are_shown(store, viewer):
    bring_in(store, NEWS.replace("zealot", "regime").replace("Zealot", "Regime"))
    body = viewer.get("/terms/regime").text
    assert body.count('class="kwic-key"') == 4
    assert "plural" in body
    assert "possessive" in body
    only = viewer.get("/terms/regime?exact=1").text
    assert only.count('class="kwic-key"') == 1
    assert "Find its other forms too" in only


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("left", ["argue", "said", "came"]),
        ("right", ["argue", "came", "said"]),
        ("voice", ["argue", "came", "said"]),
        ("state", ["argue", "came", "said"]),
        ("outlet", ["argue", "came", "said"]),
        ("date", ["argue", "came", "said"]),
    ],
)
def test_places_are_sorted_as_the_address_says(line, viewer, sort, order):
    judge(line)
    body = viewer.get(f"/terms/zealots?sort={sort}").text
    rows = re.findall(r'class="kwic-right"><bdi>\W*(\w+)', body)
    assert rows == order
    assert f'value="{sort}" selected' in body


def test_what_nobody_marked_comes_last_when_sorted_by_annotator(line, store):
    judge(line)
    page = contexts(store, "zealots")
    by_who = [one.told.by for one in term_contexts.sort_contexts(page.rows, "annotator")]
    assert by_who[-1] == ()
    assert by_who[:2] == sorted(by_who[:2])


def test_what_came_last_and_what_was_decided_first(store):
    from datetime import UTC, datetime

    for day in (3, 1, 2):
        at = datetime(2026, 1, day, tzinfo=UTC)
        add_passages(store, [f"zeal of day {day}"], published_at=at, outlet=f"Outlet {3 - day}")
    add_passages(store, ["zeal of no day"])
    rows = contexts(store, "zeal").rows

    def order(by):
        return [one.found.right.split()[-1] for one in term_contexts.sort_contexts(rows, by)]

    assert order("date") == ["3", "2", "1", "day"]
    assert order("outlet") == ["day", "3", "2", "1"]


def test_the_words_before_sort_from_the_last_one_back(store):
    add_passages(store, ["an old zeal", "one new zeal", "zeal", "the old zeal"])
    page = contexts(store, "zeal")
    by_left = term_contexts.sort_contexts(page.rows, "left")
    assert [one.found.left for one in by_left] == ["", "one new ", "an old ", "the old "]


def test_filters_choose_by_outlet_date_voice_state_and_annotator(line, store):
    judge(line)
    for outlet in ("Gull", "Tern"):
        day = "2026-02-03T23:30:00+00:00" if outlet == "Tern" else None
        from datetime import datetime

        at = datetime.fromisoformat(day) if day else None
        bring_in(store, f"{outlet} news of zealots here.", outlet=outlet, published_at=at)
    from datetime import date

    def found(**choice):
        return len(contexts(store, "zealots", **choice).rows)

    assert (found(), found(outlet="Tern"), found(outlet="Gull"), found(outlet="x")) == (5, 1, 4, 0)
    assert found(since=date(2026, 2, 3), until=date(2026, 2, 3)) == 1
    assert found(since=date(2026, 2, 4)) == found(until=date(2026, 2, 2)) == 0
    assert found(voice="quoted") == 1
    assert found(state="annotated") == 2
    with store.reading() as session:
        who = contexts(store, "zealots").rows[1].told.by[0]
        assert list_labeled(session)[0].words == "zealots"
    assert found(annotator=who) == 2


def test_pages_follow_each_other_and_miss_nothing(store, viewer, monkeypatch):
    monkeypatch.setattr(term_contexts, "_FEW", 5)
    monkeypatch.setattr(term_contexts, "LOOKED_THROUGH", 12)
    texts = [f"zeal {n} and zeal" if n % 3 else f"no such {n}" for n in range(60)]
    add_passages(store, texts)
    seen, after = [], 0
    while after is not None:
        page = contexts(store, "zeal", after=after, limit=5)
        assert len(page.rows) <= 6
        seen += [
            (one.passage, one.found.start, one.found.end, one.found.match) for one in page.rows
        ]
        after = page.next
    assert seen == plain_scan(store, "zeal")
    monkeypatch.undo()
    body = viewer.get("/terms/zeal").text
    assert "Next page" in body
    assert body.count('class="kwic-key"') == 50
    after = re.search(r"after=(\d+)", body).group(1)
    assert viewer.get(f"/terms/zeal?after={after}").text.count('class="kwic-key"') == 30
    assert viewer.get("/terms/zeal?sort=left&after=50").text.count('class="kwic-key"') == 30


def test_what_is_looked_through_at_once_is_bounded_and_said(store, viewer, monkeypatch):
    monkeypatch.setattr(term_contexts, "LOOKED_THROUGH", 10)
    monkeypatch.setattr(term_contexts, "_FEW", 5)
    add_passages(store, [f"zeal stands here {n}" for n in range(40)])
    page = contexts(store, "zeal", voice="quoted")
    assert (page.rows, page.looked, page.next is not None) == ((), 10, True)
    assert "None among the first 10 passages" in viewer.get("/terms/zeal?voice=quoted").text
    assert "Sorted among the first 10" in viewer.get("/terms/zeal?sort=right").text
    assert "there are more" in viewer.get("/terms/counts?term=zeal").text


def test_the_files_hold_every_place(line, store, viewer, monkeypatch):
    judge(line)
    add_passages(store, ["=zealots, at the start"])
    rows = list(csv.DictReader(io.StringIO(viewer.get("/terms/zealots?format=csv").text)))
    assert len(rows) == 4
    assert rows[-1]["left"] == "'="
    assert rows[0]["labels"] == "LOADED_TERM"
    answer = json.loads(viewer.get("/terms/zealots?format=json&voice=quoted").text)
    assert (answer["total"], answer["term"]) == (1, "zealots")
    assert answer["occurrences"][0]["match"] == "zealots"
    assert json.loads(viewer.get("/terms/nowhere-at-all?format=json").text)["total"] == 0


@pytest.mark.parametrize(
    "term",
    ["evenness", "counts", "a/b", "..", "?", "#x", "😀", "攻撃", "attack-", "so-called", "%"],
)
def test_any_term_has_a_page_that_finds_it(store, viewer, term):
    add_passages(store, [f"Here {term} stands."])
    answer = viewer.get("/terms", query_string={"q": term})
    assert answer.status_code == 303
    body = viewer.get(answer.headers["Location"]).text
    assert body.count('class="kwic-key"') == 1


@pytest.mark.parametrize("path", ["/terms/look", "/terms/look?term=%20", "/terms/counts"])
def test_no_term_leads_to_where_one_begins(viewer, path):
    assert viewer.get(path).headers["Location"].endswith("/terms")
    assert viewer.get("/terms/" + "x" * 201).status_code == 404


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "stand nowhere"),
        ("?look=alike", "Nothing was left unlabeled"),
        ("?voice=quoted", "No place fits"),
    ],
)
def test_an_empty_page_says_what_to_do(viewer, query, says):
    assert says in viewer.get(f"/terms/nothing-here{query}").text
    assert "Nothing is labeled yet" in viewer.get("/terms").text


def test_chosen_places_are_sent_to_review_and_that_is_kept(line, store, reviewer):
    judge(line)
    with store.reading() as session:
        uids = session.scalars(select(Passage.uid).order_by(Passage.id)).all()
    answered, unanswered = uids[0], uids[-1]
    form = {"term": "zealots", "note": "as elsewhere", "passage": [answered, answered, unanswered]}
    sent = reviewer.send("/terms/review", data=form)
    assert sent.status_code == 303
    body = reviewer.get(sent.headers["Location"]).text
    assert "1 in review are flagged" in body
    assert "1 cannot be reviewed yet" in body
    with store.reading() as session:
        flagged = session.scalars(select(ReviewItem).where(ReviewItem.flagged_by != "")).all()
        assert [one.flag_note for one in flagged] == ["“zealots”: as elsewhere"]
        kept = session.scalars(select(Audit).where(Audit.action == "term_sent_to_review")).all()
    assert [(one.object, one.detail) for one in kept] == [
        ("batch:b", {"term": "zealots", "passages": [answered]})
    ]


def test_nothing_chosen_is_said_and_viewers_cannot_send(line, reviewer, viewer):
    sent = reviewer.send("/terms/review", data={"term": "zealots"})
    assert "Choose some places first" in reviewer.get(sent.headers["Location"]).text
    assert viewer.send("/terms/review", data={"term": "zealots"}).status_code == 403
    assert 'name="passage"' not in viewer.get("/terms/zealots").text
    assert 'name="passage"' in reviewer.get("/terms/zealots").text
