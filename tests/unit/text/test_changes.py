"""What a correction changed is found, paired, and nothing is told twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labeling.text.changes import Change, changes_of

A = "The committee will meet again on Monday, when fourteen members have a vote."
B = "The committee will meet again on Tuesday, when fifteen members have a vote."
C = "Boats are still moored at the northern quay, where lamps are lit."
D = "An earlier version of this article gave another day."


def test_an_unchanged_article_has_no_changes() -> None:
    assert changes_of([A, C], [A, C]) == ()


def test_a_changed_passage_stands_beside_its_old_form() -> None:
    assert changes_of([C, A], [C, B]) == (Change(1, 1),)


def test_what_is_gone_and_what_is_new_stand_alone() -> None:
    assert changes_of([C, A, D], [C, D, D]) == (Change(1, None), Change(None, 2))
    assert changes_of([A], [C, B]) == (Change(None, 0), Change(0, 1))
    assert changes_of([A, C], [D]) == (Change(0, None), Change(1, None), Change(None, 0))


TEXTS = st.lists(st.sampled_from([A, B, C, D, "", "He left."]), max_size=8)


@given(TEXTS, TEXTS)
def test_every_passage_is_kept_or_changed_once_and_in_order(old: list[str], new: list[str]) -> None:
    found = changes_of(old, new)
    olds = [change.old for change in found if change.old is not None]
    news = [change.new for change in found if change.new is not None]
    assert olds == sorted(set(olds))
    assert news == sorted(set(news))
    kept_old = [text for at, text in enumerate(old) if at not in olds]
    kept_new = [text for at, text in enumerate(new) if at not in news]
    assert kept_old == kept_new
