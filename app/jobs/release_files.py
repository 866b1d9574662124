"""A release as files: written in a format, made again from its sources, compared with another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from app.extensions import Store
from app.jobs.release import record_pages
from app.queries.release_records import ReleasedArticle
from app.queries.releases import (
    ReleaseFacts,
    get_release,
    iter_lines,
    released_articles,
)
from app.queries.releasing import Scope, read_scope
from labeling.datasets.card import write_card
from labeling.datasets.folder import FolderWriter
from labeling.datasets.formats import format_info, write_lines
from labeling.datasets.formats.base import Spec
from labeling.datasets.plan import ReleaseError, read_plan
from labeling.datasets.records import to_json_line

Watch = Callable[[Iterator[str]], Iterator[str]]


def export_release(
    store: Store,
    name: str,
    version: str,
    form: str,
    out: Path,
    *,
    spec_options: dict[str, Any],
    watch: Watch = lambda records: records,
) -> dict[str, Any]:
    """Write a release in a format: a folder with its files, its card and its manifest.

    Args:
        store: where the frozen records are.
        name, version: the release.
        form: one of the registry's formats.
        out: the folder to make; it must not be there, or be empty.
        spec_options: what else the format is told (``excel``, ``tags``).
        watch: sees the records go by, such as to tell the progress.

    Returns:
        The manifest as it was written, with ``files`` and ``report``.

    Raises:
        NotFoundError: no such release.
        FormatError: the format cannot hold it, or the folder cannot be written.
    """
    format_info(form)
    with store.reading() as session:
        release = get_release(session, name, version)
    lines = watch(iter_lines(store, release.id))
    return _write(release, lines, form, out, spec_options)


def rebuild(store: Store, name: str, version: str, out: Path) -> dict[str, Any]:
    """Make a release's records again from what they were made of, and write them as JSON Lines.

    Returns:
        The manifest as it was written.

    Raises:
        ReleaseError: a record comes out differently; the first one is named.
    """
    with store.reading() as session:
        release = get_release(session, name, version)
        scope = read_scope(session, read_plan(release.manifest["plan"]), release.manifest["as_of"])
        articles = released_articles(session, release.id)
    return _write(release, _rebuilt(store, release, scope, articles), "jsonl", out, {})


def _rebuilt(
    store: Store, release: ReleaseFacts, scope: Scope, articles: dict[str, ReleasedArticle]
) -> Iterator[str]:
    frozen = iter_lines(store, release.id)
    for records in record_pages(store, scope, articles):
        for record in records:
            line = to_json_line(record)
            if line != next(frozen, None):
                raise ReleaseError(
                    f"{release.dataset} {release.version} does not rebuild: the first record "
                    f"that comes out differently is {record['passage']['uid']}.",
                    remedy="See what became of it: flask articles show " + record["article"]["uid"],
                )
            yield line
    left = next(frozen, None)
    if left is not None:
        raise ReleaseError(
            f"{release.dataset} {release.version} does not rebuild: records are missing.",
            remedy="Restore a backup of the store: flask backup restore",
        )


def _write(
    release: ReleaseFacts,
    lines: Iterator[str],
    form: str,
    out: Path,
    options: dict[str, Any],
) -> dict[str, Any]:
    spec = Spec(release.spec.name, release.spec.layers, release.spec.relations, **options)
    with FolderWriter(out) as folder:
        losses = write_lines(form, lines, folder, spec)
        manifest = {**release.manifest, "form": form, "report": losses.report()}
        with folder.open("README.md") as file:
            file.write(write_card(manifest).encode("utf-8"))
        return folder.seal(manifest)
