"""Articles that say nearly the same are found at import, clustered, and dealt once."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import func, select

from app.models.articles import Article
from app.models.duplicates import NearBand, NearSignature
from app.services.articles import ArticleFields, prepare_article, store_article
from app.services.duplicates import HOLDERS
from tests.line import ADA


def words(seed, n=260):
    told = random.Random(seed)
    return [f"w{told.randrange(5000)}" for _ in range(n)]


def text_of(some, head="Harbour to close in March"):
    sentences = [" ".join(some[at : at + 12]) for at in range(0, len(some), 12)]
    return head + "\n\n" + "\n\n".join(f"The {words} and so on." for words in sentences)


WIRE = words("wire")
OTHER = words("other")


@pytest.fixture
def take(store):
    """Import words as an article; gives its uid."""

    def take(some, name, near=0.5, outlet="", text=None):
        data = (text or text_of(some)).encode()
        fields = ArticleFields(external_id=name, outlet=outlet)
        prepared = prepare_article(data, source=name, fields=fields, max_bytes=1_000_000)
        with store.transaction() as session:
            return store_article(session, prepared, near=near).uid

    return take


def clusters(store):
    """What clusters there are, by the external ids of their members."""
    found = {}
    with store.reading() as session:
        for name, cluster in session.execute(
            select(Article.external_id, Article.cluster)
            .where(Article.cluster.is_not(None))
            .order_by(Article.id)
        ):
            found.setdefault(cluster, []).append(name)
    return sorted(found.values())


def test_a_copy_with_another_headline_and_straight_quotes_is_found(take, flask_command, store):
    first = take(WIRE, "wire")
    take(OTHER, "other")
    copy = take(WIRE, "copy", text=text_of(WIRE, "Another headline").replace("and so", '"and" so'))
    assert clusters(store) == [["wire", "copy"]]
    shown = flask_command("articles", "show", copy)
    assert shown["duplicate_of"] == first
    assert [member["uid"] for member in shown["cluster"]["members"]] == [first, copy]
    assert 0.9 < shown["cluster"]["members"][1]["share"] <= 1
    again = flask_command("articles", "show", first)
    assert again["duplicate_of"] is None
    assert again["cluster"]["id"] == first == shown["cluster"]["id"]


@pytest.mark.parametrize(
    ("change", "alike"),
    [
        (lambda some: some[: len(some) * 6 // 10], True),
        (lambda some: some[: len(some) * 3 // 4] + OTHER[:50], True),
        (lambda some: [w for n, w in enumerate(some) if n % 12], True),
        (lambda some: some[: len(some) // 4] + OTHER[: len(some) * 3 // 4], False),
        (lambda some: list(reversed(some)), False),
    ],
    ids=["cut short", "with another end", "words dropped", "mostly another", "reversed"],
)
def test_a_changed_copy_is_found_when_half_of_it_is_the_same(take, store, change, alike):
    take(WIRE, "wire")
    take(change(WIRE), "changed")
    assert clusters(store) == ([["wire", "changed"]] if alike else [])


def test_the_share_that_makes_a_duplicate_can_be_set(take, store):
    take(WIRE, "wire")
    take(WIRE[:200] + OTHER[:60], "strict", near=0.95)
    assert clusters(store) == []
    take(WIRE[:200] + OTHER[60:120], "lenient", near=0.5)
    assert [sorted(names) for names in clusters(store)] == [["lenient", "strict", "wire"]]


def test_an_article_that_is_like_two_makes_one_cluster_of_them(take, store):
    first = take(WIRE, "one")
    take(OTHER, "two")
    take(OTHER[:], "two-again")
    take(WIRE + OTHER, "both")
    assert clusters(store) == [["one", "two", "two-again", "both"]]
    with store.reading() as session:
        assert set(session.scalars(select(Article.cluster))) == {first}
        shares = dict(session.execute(select(Article.external_id, Article.cluster_share)).all())
    assert shares["one"] is None
    assert all(shares[name] >= 0.5 for name in ("two", "two-again", "both"))


def test_short_texts_are_duplicates_only_when_their_words_are_equal(take, store):
    take([], "a", text="Harbour shut\n\n🙂 The quay is shut.")
    take([], "b", text="Harbour shut\n\nThe quay — is “shut”.")
    take([], "c", text="Harbour shut\n\nThe quay is open.")
    take([], "d", text="🙂🙂\n\n🙂🙂🙂")
    take([], "e", text="😀😀\n\n😀😀😀")
    assert clusters(store) == [["a", "b"]]


def test_a_correction_leaves_its_cluster_and_the_others_stay_together(take, store):
    take(WIRE, "first")
    take(WIRE[:250], "second")
    take(WIRE[:240], "third")
    take(OTHER, "first")
    assert clusters(store) == [["second", "third"]]
    with store.reading() as session:
        second = session.scalars(select(Article).where(Article.external_id == "second")).one()
        assert (second.cluster, second.cluster_share) == (second.uid, None)
    take(OTHER[:200] + OTHER[:30], "second")
    assert clusters(store) == [["first", "second"]]


def test_a_correction_that_changes_little_stays_in_its_cluster(take, store):
    first = take(WIRE, "first")
    take(WIRE[:250], "second")
    take([*WIRE, "more"], "first")
    with store.reading() as session:
        assert set(session.scalars(select(Article.cluster))) == {first}


def test_many_equal_articles_are_one_cluster_and_fill_no_band(take, store):
    for n in range(HOLDERS + 5):
        take(WIRE, f"n{n}", text=text_of(WIRE, f"Headline number {n}"))
    assert len(clusters(store)) == 1
    assert len(clusters(store)[0]) == HOLDERS + 5
    with store.reading() as session:
        fullest = session.scalars(
            select(func.count(NearBand.article_id))
            .group_by(NearBand.band)
            .order_by(func.count(NearBand.article_id).desc())
            .limit(1)
        ).one()
        assert fullest == HOLDERS
        assert session.scalar(select(func.count()).select_from(NearSignature)) == HOLDERS + 5


def test_a_batch_takes_the_first_of_a_cluster_unless_told_otherwise(take, flask_command, line):
    take(WIRE, "wire", outlet="Wire")
    copy = take(WIRE[:250], "copy", outlet="Gull")
    take(OTHER, "other", outlet="Gull")
    create = ("batches", "create")
    one = flask_command(*create, "one", "--annotator", ADA)
    assert one["near_duplicates_left_out"] == 1
    dry = flask_command(*create, "dry", "--annotator", ADA, "--dry-run")
    assert dry["near_duplicates_left_out"] == 1
    every = flask_command(*create, "every", "--annotator", ADA, "--with-duplicates")
    named = flask_command(*create, "named", "--annotator", ADA, "--articles", copy)
    gull = flask_command(*create, "gull", "--annotator", ADA, "--articles", "outlet=Gull")
    for answer in (every, named, gull):
        assert "near_duplicates_left_out" not in answer
    assert one["passages"] + named["passages"] == every["passages"]
    assert (
        gull["passages"]
        == one["passages"] - (every["passages"] - gull["passages"]) + (named["passages"])
    )
    assert "--with-duplicates" in flask_command.text(*create, "two", "--annotator", ADA)


def test_a_retracted_first_leaves_its_place_to_the_next(take, flask_command, line):
    first = take(WIRE, "wire")
    take(WIRE[:250], "copy")
    flask_command("articles", "retract", first, "--reason", "Withdrawn")
    answer = flask_command("batches", "create", "one", "--annotator", ADA)
    assert answer["passages"] > 10


def test_the_list_shows_duplicates_alone_and_names_the_first(take, flask_command):
    first = take(WIRE, "wire")
    copy = take(WIRE[:250], "copy")
    take(OTHER, "other")
    listed = flask_command("articles", "list", "--duplicates")["articles"]
    assert [(row["uid"], row["duplicate_of"]) for row in listed] == [(copy, first), (first, None)]
    assert f"near-duplicate of {first}" in flask_command.text("articles", "list")


def test_nothing_alike_is_said_in_words(flask_command):
    assert "nearly the same" in flask_command.text("articles", "list", "--duplicates")


def test_regrouping_finds_the_same_clusters_and_says_how_many(take, flask_command, store):
    take(WIRE, "wire")
    take(OTHER, "other")
    take(WIRE[:250], "copy")
    for n in range(25):
        take(words(f"many{n}"), f"many{n}")
    before = clusters(store)
    answer = flask_command("articles", "regroup")
    assert (answer["articles"], answer["clusters"], answer["share"]) == (28, 1, 0.5)
    assert clusters(store) == before
