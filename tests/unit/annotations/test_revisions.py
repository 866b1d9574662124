"""A revision is told from another by what it says."""

from labeling.annotations import content_sha
from tests.unit.annotations.results import SPEAKER, region


def test_a_revision_is_the_same_whatever_the_order_of_its_keys() -> None:
    item = region(text="½ 😀")
    turned = dict(reversed(item.items()))
    assert content_sha([item], False) == content_sha([turned], False)


def test_a_revision_differs_by_content_by_order_and_by_being_skipped() -> None:
    shas = {
        content_sha([], False),
        content_sha([], True),
        content_sha([region(), SPEAKER], False),
        content_sha([SPEAKER, region()], False),
        content_sha([region(end=16), SPEAKER], False),
        content_sha(["\ud83d"], False),
    }
    assert len(shas) == 6
