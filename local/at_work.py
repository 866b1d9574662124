"""The work of simulated annotators at a real server; ``local.simulate`` starts it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from labeling.scheme import read_scheme
from labeling.studio.sdk_gateway import SdkGateway
from labeling.tasks import result_items
from local import annotators
from local.places import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from labeling.studio.gateway import RawTask, StudioGateway
    from labeling.types import Scheme

_NAMESPACE = uuid.UUID("a0f2f7c5-3f4e-5d1b-9c0e-6c6f70796473")
_SCHEME = ROOT / "seeds" / "schemes" / "news" / "config.xml"


def annotate(job: Mapping[str, Any]) -> dict[str, int]:
    """Annotate the lanes of a batch.

    Args:
        job: ``url`` and ``token`` of the server; ``lanes`` as ``batches show`` tells them.

    Returns:
        ``made``: how many annotations are new.
    """
    scheme = read_scheme(_SCHEME.read_text("utf-8"))
    gateway = SdkGateway(job["url"], job["token"])
    ids = {user.email: user.id for user in gateway.list_users()}
    emails = [str(lane["annotator"]) for lane in job["lanes"]]
    made = 0
    for lane in job["lanes"]:
        email = str(lane["annotator"])
        tendency = annotators.tendency_of(email, emails)
        annotator = Annotator(gateway, ids[email], tendency, scheme)
        made += annotator.work_through(int(lane["project_id"]))
    return {"made": made}


class Annotator:
    """One simulated annotator at one server.

    Args:
        gateway: the server.
        user_id: the server's id of the account.
        tendency: how this one errs.
        scheme: of the batch.
    """

    def __init__(
        self, gateway: StudioGateway, user_id: int, tendency: annotators.Tendency, scheme: Scheme
    ) -> None:
        self._gateway = gateway
        self._user_id = user_id
        self._tendency = tendency
        self._scheme = scheme

    def work_through(self, project_id: int) -> int:
        """Annotate what of a project is open, but for a tenth; return how many were new."""
        tasks = [task for page in self._gateway.iter_tasks(project_id, since=None) for task in page]
        return sum(self._do(task) for task in tasks if not self._is_done(task))

    def _is_done(self, task: RawTask) -> bool:
        return any(one.completed_by == self._user_id for one in task.annotations)

    def _do(self, task: RawTask) -> bool:
        uid, text = str(task.data["uid"]), str(task.data["text"])
        if annotators.is_left_out(uid):
            return False
        work = annotators.annotate(uid, text, self._tendency, self._scheme)
        self._gateway.submit_annotation(
            task.ls_task_id,
            result=result_items(work.spans, work.relations, text, self._scheme),
            completed_by=self._user_id,
            # The server refuses a second annotation with the same id: nothing is made twice.
            unique_id=str(uuid.uuid5(_NAMESPACE, uid)),
            lead_time=work.lead_time,
            was_cancelled=work.skipped,
        )
        return True
