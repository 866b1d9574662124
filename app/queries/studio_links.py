"""Addresses inside Label Studio that people open from our pages."""

from __future__ import annotations


def project_link(url: str | None, project_id: int | None) -> str | None:
    """The data page of a project; None while there is no project."""
    if url is None or project_id is None:
        return None
    return f"{url.rstrip('/')}/projects/{project_id}/data"


def stream_link(url: str | None, project_id: int | None, tab: int | None = None) -> str | None:
    """The project opened at the next task to label: the link to hand to an annotator.

    Args:
        url: the server.
        project_id: the project.
        tab: the tab whose tasks and order count; None where the project has none of ours.
    """
    link = project_link(url, project_id)
    return f"{link}?{f'tab={tab}&' if tab else ''}labeling=1" if link else None


def task_link(url: str | None, project_id: int | None, ls_task_id: int | None) -> str | None:
    """One task of a project; None while Label Studio's id of the task is unknown."""
    link = project_link(url, project_id)
    return f"{link}?task={ls_task_id}" if link and ls_task_id is not None else None
