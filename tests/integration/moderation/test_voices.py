"""One term in two voices gives two results, in suggestions and in gold."""

from __future__ import annotations

from tests.integration.moderation.floor import HEARD, OWN, PLAIN, RULES, SAID
from tests.line import ADA, BEN, CONFIG

BOTH = {"loaded-own-voice", "loaded-quoted"}


def by_voice(floor, uid):
    return {one["voice"]: one for one in floor.show(uid)["findings"] if one["term"] == "regime"}


def test_own_voice_and_quoted_differ_in_suggestions(floor):
    own, said = floor.article(OWN, name="own"), floor.article(SAID, name="said")
    assert set(floor.rules(own)) == {"loaded-own-voice"}
    assert set(floor.rules(said)) == {"loaded-quoted"}
    assert floor.show(own)["proposed"] == "needs_edit"
    assert floor.show(said)["proposed"] == "fine"
    assert by_voice(floor, own)["outlet"]["state"] == "suggested"
    assert floor.kept(own) == (
        {("house", "loaded-own-voice", "needs_edit", 1)},
        {("regime", "outlet", 1, 0)},
    )


def test_both_in_one_article_are_told_apart(floor):
    uid = floor.article(OWN, SAID)
    assert set(floor.rules(uid)) == BOTH
    voices = by_voice(floor, uid)
    assert set(voices) == {"outlet", "quoted"}
    assert floor.rules(uid)["loaded-own-voice"] == [voices["outlet"]["id"]]
    assert floor.rules(uid)["loaded-quoted"] == [voices["quoted"]["id"]]
    assert "government" in str(voices["outlet"]["alternatives"])


def test_own_voice_and_quoted_differ_in_gold(floor):
    own, said = floor.article(OWN, name="own"), floor.article(SAID, name="said")
    floor.decide_spans(own, "one", voice="outlet")
    floor.decide_spans(said, "two", voice="quoted")
    assert set(floor.rules(own)) == {"loaded-own-voice"}
    assert set(floor.rules(said)) == {"loaded-quoted"}
    for uid, voice in ((own, "outlet"), (said, "quoted")):
        found = by_voice(floor, uid)
        assert set(found) == {voice}
        assert found[voice]["state"] == "decided"
        assert found[voice]["type"] == "naming"
        assert floor.kept(uid)[1] == {("regime", voice, 1, 1)}


def test_gold_decides_against_a_suggestion(floor):
    uid = floor.article(OWN)
    floor.decide_spans(uid, voice="quoted")
    assert set(floor.rules(uid)) == {"loaded-quoted"}
    assert floor.row(uid).proposed == "fine"


def test_a_scheme_without_the_label_decides_nothing_about_it(floor):
    assert "LOADED" not in CONFIG
    uid = floor.article(OWN)
    floor.line.add_batch("first", annotators=(ADA, BEN), overlap=2)
    floor.line.push("first")
    floor.mark("first", "no such word", "outlet")
    assert floor.settle(uid, "first") == 2
    assert by_voice(floor, uid)["outlet"]["state"] == "suggested"


def test_what_no_rule_matches_is_not_in_the_queue(floor):
    uid = floor.article(PLAIN)
    assert floor.show(uid)["state"] == "quiet"
    assert floor.row(uid).state == "quiet"
    assert floor.rows() == []


def test_a_new_policy_looks_at_every_article(floor):
    uid = floor.article(HEARD)
    before = floor.row(uid).policies
    floor.policy()
    assert floor.row(uid).policies != before
    assert "quotes" in floor.rules(uid)
    assert [row.uid for row in floor.rows()] == [uid]
    floor.policy(RULES.replace('name = "short"', 'name = "short"\nin_force = false'))
    assert floor.rules(uid) == {}
    assert floor.rows() == []


def test_what_is_kept_is_what_the_page_computes(floor):
    uids = [floor.article(OWN, SAID, name="a"), floor.article(PLAIN, name="b")]
    floor.policy()
    floor.decide_spans(uids[0])
    for uid in uids:
        told = floor.show(uid)
        rules = {
            (one["policy"], one["rule"], one["verdict"], len(one["spans"]))
            for one in told["matches"]
        }
        assert floor.kept(uid)[0] == rules
        assert floor.row(uid).basis == told["seen"]
        assert floor.row(uid).state == told["state"]
