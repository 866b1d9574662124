"""One suite on both gateways: the tabs of a project, and the organization's invite link."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from labeling.errors import RejectedGatewayError
from labeling.studio.tabs import REWORK, TO_DO
from tests.contract.test_gateway import make_project

if TYPE_CHECKING:
    from labeling.studio.gateway import StudioGateway
    from tests.contract.benches import Bench


def push_rounds(studio: StudioGateway, project: int, rounds: dict[str, int]) -> dict[str, int]:
    """Tasks of these uids and rounds; gives the server's ids."""
    items = [{"data": {"uid": uid, "text": "A.", "round": str(n)}} for uid, n in rounds.items()]
    studio.import_tasks(project, json.dumps(items).encode())
    return {ref.uid: ref.ls_task_id for ref in studio.list_task_refs(project)}


def test_a_tab_is_found_again_by_its_title(bench: Bench) -> None:
    studio = bench.gateway()
    project, other = make_project(studio), make_project(studio)
    made = {tab.title: studio.create_tab(project, tab) for tab in (TO_DO, REWORK)}
    assert studio.list_tabs(project) == made
    assert set(made) == {"To do", "Rework"}
    assert studio.list_tabs(other) == {}


def test_to_do_shows_what_nobody_did_or_skipped_and_rework_first(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio, maximum_annotations=1)
    tasks = push_rounds(studio, project, {"a": 1, "b": 1, "c": 2, "d": 1, "e": 2})
    bench.annotate(tasks["b"], [], 1)
    bench.annotate(tasks["d"], [], 1, was_cancelled=True)
    assert bench.uids_of_tab(project, studio.create_tab(project, TO_DO)) in (
        ["c", "e", "a"],
        ["e", "c", "a"],
    )


def test_rework_shows_what_came_back(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    push_rounds(studio, project, {"a": 1, "b": 3, "c": 2})
    assert bench.uids_of_tab(project, studio.create_tab(project, REWORK)) == ["b", "c"]


def test_a_tab_of_a_missing_project_is_refused(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    bench.delete_project(project)
    with pytest.raises(RejectedGatewayError, match="does not exist") as caught:
        studio.create_tab(project, TO_DO)
    assert caught.value.status == 400


def test_the_invite_link_leads_to_the_servers_sign_up(bench: Bench) -> None:
    url = bench.gateway().invite_url()
    assert url.startswith("http")
    assert "/user/signup/?token=" in url
