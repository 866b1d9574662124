"""Adopted things have the same names on every machine, and pseudonyms hold nothing of a name."""

from labeling.adoption.export import Person, listed_task
from labeling.adoption.names import (
    adopted_article_uid,
    adopted_passage_uid,
    adopted_task_uid,
    pseudonym_of,
    stand_in_address,
    without_names,
)
from labeling.types import RawAnnotation, RawTask


def test_equal_texts_are_told_apart_by_their_count() -> None:
    names = {adopted_article_uid("sha", n) for n in range(3)}
    names |= {adopted_passage_uid("sha", n) for n in range(3)}
    assert len(names) == 6
    assert adopted_article_uid("sha", 0) == adopted_article_uid("sha", 0)
    assert adopted_task_uid("b-1", "place:0") != adopted_task_uid("b-1", "number:0")


def test_a_pseudonym_depends_on_the_number_or_else_on_the_order_alone() -> None:
    ada = Person("id:7", 7, "ada@example.org")
    assert pseudonym_of("old", ada, 0) == pseudonym_of("old", Person("id:7", 7), 3)
    assert pseudonym_of("old", ada, 0) != pseudonym_of("new", ada, 0)
    by_mail = [Person("name:a@example.org", None, "a@example.org"), Person("nth:1")]
    assert len({pseudonym_of("old", person, 2) for person in by_mail}) == 1


def test_a_stand_in_address_leads_nowhere() -> None:
    assert stand_in_address("old_work", Person("id:7", 7), "x") == "user-7@old_work.invalid"
    assert stand_in_address("old", Person("nth:1"), "annotator-a") == "annotator-a@old.invalid"


def test_nothing_of_a_person_is_left_in_an_annotation_but_the_number() -> None:
    raw = {
        "id": 5,
        "result": [],
        "completed_by": {"id": 7, "email": "ada@example.org"},
        "created_username": "Ada",
        "reviews": [{"created_by": {"email": "ben@example.org"}}],
    }
    kept = without_names(raw, Person("id:7", 7))
    assert kept == {"id": 5, "result": [], "completed_by": 7}


def test_a_listed_task_has_the_form_of_an_exported_one() -> None:
    raw = RawAnnotation(5, 7, False, "then", "later", 1.5, [], {"id": 5})
    task = listed_task(RawTask(3, "now", {"t": "x"}, (raw,)), 9)
    assert (task.n, task.ls_task_id, task.data, task.odd) == (9, 3, {"t": "x"}, ())
    [one] = task.annotations
    assert (one.ls_id, one.person, one.created_at) == (5, Person("id:7", 7), "then")
    assert (one.updated_at, one.lead_time, one.result, one.raw) == ("later", 1.5, [], {"id": 5})
