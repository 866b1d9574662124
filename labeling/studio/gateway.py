"""What Copydesk needs of a Label Studio server, as a Protocol with two implementations.

``sdk_gateway.SdkGateway`` talks to a real server; ``fake_gateway.FakeGateway`` is its
in-memory twin. ``tests/contract`` runs one suite on both.

Every method may raise a ``labeling.errors.GatewayError`` of the kind that fits. Nothing
here retries a write: a write that failed with ``sent=True`` may have been carried out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from labeling.types import RawAnnotation, RawTask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from labeling.studio.tabs import Tab

MINIMUM_VERSION = "1.20"

__all__ = [
    "MINIMUM_VERSION",
    "Imported",
    "ProjectInfo",
    "ProjectSpec",
    "RawAnnotation",
    "RawTask",
    "ServerInfo",
    "StudioGateway",
    "StudioUser",
    "TaskRef",
    "TaskStamp",
]


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """A server that answered: its version, who the token belongs to, which kind of token."""

    version: str
    user_email: str
    token_kind: str


@dataclass(frozen=True, slots=True)
class StudioUser:
    """An account on the server."""

    id: int
    email: str


@dataclass(frozen=True, slots=True)
class ProjectSpec:
    """What a lane's project shall be.

    Args:
        title: 3 to 50 characters (the server's own limits).
        config: the label config, XML.
        instruction_html: the guideline, shown to annotators before they start.
        marker: a unique string kept in the project's description, by which a project whose
            creation was never confirmed is found again instead of being made twice.
        maximum_annotations: how many annotators get each task.
    """

    title: str
    config: str
    instruction_html: str
    marker: str
    maximum_annotations: int = 1


@dataclass(frozen=True, slots=True)
class ProjectInfo:
    """A project as the server tells it.

    ``config`` is its label config and ``at`` the server's own clock as it answered, in the
    form of ``RawTask.updated_at``; both are told by ``get_project`` alone, and empty where the
    server did not say.
    """

    id: int
    title: str
    description: str
    task_count: int
    config: str = field(default="", compare=False)
    at: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class TaskRef:
    """Where a task of ours is on the server: the server's id and our uid ("" if it has none)."""

    ls_task_id: int
    uid: str


@dataclass(frozen=True, slots=True)
class TaskStamp:
    """The least that tells whether a task changed: its time and the ids of its annotations.

    ``annotations`` is None where the server cut its list of ids short.
    """

    ls_task_id: int
    updated_at: str
    annotations: frozenset[int] | None


class Imported(int):
    """How many tasks an import stored.

    ``ids`` are the server's ids in the order in which the tasks were sent: hints, and empty
    where the server did not tell them.
    """

    ids: tuple[int, ...] = ()

    @classmethod
    def of(cls, stored: int, ids: Sequence[int] = ()) -> Imported:
        """The answer of an import; ids that are not one for each task are not believed."""
        made = cls(stored)
        made.ids = tuple(ids) if len(ids) == stored else ()
        return made


class StudioGateway(Protocol):
    """A Label Studio server, as far as Copydesk needs it.

    ``requests`` counts what was asked of the server so far, tries that failed included.
    """

    requests: int

    def check(self) -> ServerInfo:
        """Say who we are to the server; raise what is wrong, in plain words with a remedy."""
        ...

    def list_users(self) -> list[StudioUser]:
        """All accounts of the server."""
        ...

    def create_user(self, email: str) -> StudioUser:
        """Make an account (without a usable password: the server ignores one)."""
        ...

    def list_projects(self) -> list[ProjectInfo]:
        """All projects, complete or ``IncompleteGatewayError``."""
        ...

    def get_project(self, project_id: int) -> ProjectInfo:
        """One project; ``MissingGatewayError`` when it is gone."""
        ...

    def create_project(self, spec: ProjectSpec) -> ProjectInfo:
        """Make a project. Not idempotent: look for ``spec.marker`` first."""
        ...

    def list_tabs(self, project_id: int) -> dict[str, int]:
        """The project's tabs: their titles and the server's ids of them."""
        ...

    def create_tab(self, project_id: int, tab: Tab) -> int:
        """Make a tab, which all who open the project see; return the server's id of it."""
        ...

    def invite_url(self) -> str:
        """The link by which people join the server's organization: one link for everybody."""
        ...

    def import_tasks(self, project_id: int, payload: bytes) -> Imported:
        """Post a JSON array of tasks once, never again; return how many were stored.

        Raises ``RejectedGatewayError`` with ``item_errors`` when items were refused (then
        none was stored).
        """
        ...

    def count_tasks(self, project_id: int) -> int:
        """How many tasks the project holds now."""
        ...

    def find_tasks(self, project_id: int, uids: Sequence[str]) -> list[TaskRef]:
        """The tasks whose ``data.uid`` is one of ``uids``; all of them, twins included."""
        ...

    def list_task_refs(self, project_id: int) -> list[TaskRef]:
        """All tasks of a project, complete or ``IncompleteGatewayError``."""
        ...

    def iter_stamps(self, project_id: int, *, since: str | None) -> Iterator[list[TaskStamp]]:
        """What changed, without its content: a sixth of the cost of ``iter_tasks``.

        Args:
            project_id: the server's id of the project.
            since: only tasks whose ``updated_at`` is this or later; None for all.

        By ascending id, complete or ``IncompleteGatewayError``.
        """
        ...

    def read_tasks(self, project_id: int, ids: Sequence[int]) -> Iterator[list[RawTask]]:
        """Pages of those of the tasks ``ids`` that the project holds; one request to a thousand."""
        ...

    def delete_tasks(self, project_id: int, ids: Sequence[int]) -> int:
        """Delete those of the tasks ``ids`` that nobody has begun to answer; return how many.

        The server itself looks, as it deletes, that a task has no annotation, no skip and no
        draft.
        """
        ...

    def iter_tasks(self, project_id: int, *, since: str | None) -> Iterator[list[RawTask]]:
        """Pages of tasks with their annotations, ordered by updated_at, then id.

        Args:
            project_id: the server's id of the project.
            since: only tasks whose ``updated_at`` is this or later (as found in
                ``RawTask.updated_at``, or any ISO 8601 time); None for all.

        A task that changes while the listing is read comes again, later. Raises
        ``IncompleteGatewayError`` when the server gives fewer tasks than it counts; the
        pages until then are sound, but prove nothing about what is missing.
        """
        ...

    def submit_annotation(
        self,
        ls_task_id: int,
        *,
        result: Sequence[Mapping[str, Any]],
        completed_by: int,
        unique_id: str,
        lead_time: float | None = None,
        was_cancelled: bool = False,
    ) -> int:
        """Post an annotation in somebody's name (simulated annotators, tests); return its id.

        ``unique_id`` (a UUID) is the server's own idempotency key for single annotations:
        the second time it is a ``RejectedGatewayError`` with status 409.
        """
        ...
