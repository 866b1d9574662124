"""Job bodies: the only code that meets both SQL and the gateway. Runs in the worker.

``BODIES`` names the body of every job of ``app.queue.JOB_NAMES`` (a fence test compares them).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.jobs.adopt import adopt_project
from app.jobs.agreement import agreement_batch
from app.jobs.desk import renew_desk
from app.jobs.intake import check_intake, import_intake
from app.jobs.pull import sync_batch
from app.jobs.push import push_batch
from app.jobs.release_runs import export_dataset, release_dataset
from app.jobs.runtime import JobContext
from app.jobs.suggest import renew_suggestions
from app.jobs.terms import count_evenness, index_terms
from app.queue import (
    ADOPT,
    AGREEMENT,
    DESK,
    EVENNESS,
    EXPORT,
    IMPORT,
    IMPORT_CHECK,
    PUSH,
    RELEASE,
    SUGGEST,
    SYNC,
    TERM_INDEX,
)

BODIES: dict[str, Callable[[JobContext], dict[str, Any]]] = {
    ADOPT: adopt_project,
    PUSH: push_batch,
    SYNC: sync_batch,
    AGREEMENT: agreement_batch,
    SUGGEST: renew_suggestions,
    IMPORT_CHECK: check_intake,
    IMPORT: import_intake,
    RELEASE: release_dataset,
    EXPORT: export_dataset,
    TERM_INDEX: index_terms,
    EVENNESS: count_evenness,
    DESK: renew_desk,
}
