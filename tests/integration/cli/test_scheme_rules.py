"""The rules of comparison that a scheme version brings."""

from __future__ import annotations

from sqlalchemy import select

from app.models.schemes import Scheme, SchemeVersion
from tests.line import CONFIG


def test_rules_are_part_of_a_version(flask_command, store, tmp_path):
    config, rules = tmp_path / "config.xml", tmp_path / "rules.json"
    config.write_text(CONFIG)
    rules.write_text('{"attributes": {"quote": []}}')
    words = ("schemes", "import", "mine", "--config", str(config))
    assert flask_command(*words)["version"] == 1
    with_rules = flask_command(*words, "--rules", str(rules))
    assert (with_rules["version"], with_rules["new"]) == (2, True)
    again = flask_command(*words, "--rules", str(rules))
    assert (again["version"], again["new"]) == (2, False)
    with store.reading() as session:
        kept = session.scalars(
            select(SchemeVersion.rules).join(Scheme).where(Scheme.name == "mine").order_by("n")
        )
        assert list(kept) == [None, {"attributes": {"quote": []}}]


def test_rules_that_name_what_is_not_there_are_refused(flask_command, tmp_path):
    config, rules = tmp_path / "config.xml", tmp_path / "rules.json"
    config.write_text(CONFIG)
    rules.write_text('{"attributes": {"quote": ["mood"]}}')
    words = ("schemes", "import", "mine", "--config", str(config), "--rules", str(rules))
    assert flask_command(*words, exit_code=1)["error"]["kind"] == "bad_scheme"


def test_the_demo_scheme_counts_what_annotators_are_asked_to_agree_on(store):
    with store.reading() as session:
        rules = session.scalars(
            select(SchemeVersion.rules).join(Scheme).where(Scheme.name == "news")
        ).one()
    assert "confidence" not in rules["attributes"]["loaded"]
    assert "voice" in rules["attributes"]["loaded"]
