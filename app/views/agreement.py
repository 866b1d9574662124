"""Agreement: every batch's figures, one batch in full, and the passages behind a figure."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from app.extensions import get_store
from app.queries.agreement import (
    BatchReport,
    get_report,
    list_names,
    list_summaries,
)
from app.queries.batches import BatchPage, get_batch
from app.queries.disagreements import Wanted, list_places
from app.security import requires
from app.views.agreement_page import (
    KINDS,
    confusion_matrix,
    csv_rows,
    find_worst,
    pair_figure,
    pair_matrix,
    trend,
    worst_first,
    worst_pair,
)
from app.views.cursor import read_after
from app.views.spreadsheet import harmless

blueprint = Blueprint("agreement", __name__)


@blueprint.get("/agreement")
@requires("viewer")
def show_all() -> str:
    """Every batch that has figures."""
    with get_store().reading() as session:
        summaries = list_summaries(session)
    return render_template("agreement/list.html", summaries=summaries)


@blueprint.get("/batches/<slug>/agreement")
@requires("viewer")
def show_batch(slug: str) -> str:
    """How far the annotators of a batch agree, and where they do not."""
    batch, found, names = _read(slug)
    if found.report is None or not found.report["layers"]:
        return render_template("agreement/none.html", batch=batch)
    layers = found.report["layers"]
    worst = find_worst(layers)
    layer_name = _chosen(layers, worst.layer if worst else next(iter(layers)))
    layer = layers[layer_name]
    label = _label(layer)
    pair = _pair(layer)
    with get_store().reading() as session:
        points = trend(list_summaries(session, batch.scheme), layer_name)
    return render_template(
        "agreement/batch.html",
        batch=batch,
        found=found,
        report=found.report,
        names=names,
        worst=worst,
        layer_name=layer_name,
        layer=layer,
        label=label,
        pair=pair,
        kinds=KINDS,
        labels=worst_first(layer.get("labels", ())),
        pairs=pair_matrix(layer_name, layer, names, label),
        least=worst_pair(layer["pairs"], label),
        pair_figure=pair_figure,
        confusion=confusion_matrix(layer_name, layer, pair),
        trend=points,
    )


@blueprint.get("/batches/<slug>/agreement/passages")
@requires("viewer")
def show_passages(slug: str) -> str | WerkzeugResponse:
    """The passages behind a figure: each place on which annotators differ, with what each says."""
    batch, found, names = _read(slug)
    layers = (found.report or {"layers": {}})["layers"]
    name = request.args.get("layer", "")
    if name not in layers:
        return redirect(url_for(".show_batch", slug=slug))
    pair = _pair(layers[name])
    cell = (request.args.get("one"), request.args.get("two"))
    wanted = Wanted(
        layer=name,
        kind=request.args.get("kind") or None,
        label=request.args.get("label") or None,
        pair=(int(pair[0]), int(pair[1])) if pair else None,
        cell=(cell[0], cell[1]) if cell[0] is not None and cell[1] is not None else None,
    )
    with get_store().reading() as session:
        page = list_places(session, batch.id, wanted, after=read_after(), limit=20)
    return render_template(
        "agreement/passages.html", batch=batch, names=names, wanted=wanted, pair=pair, page=page
    )


@blueprint.get("/batches/<slug>/agreement.json")
@requires("viewer")
def download_json(slug: str) -> Response:
    """Every figure as JSON; annotators by their e-mails."""
    _, found, names = _read(slug)
    return jsonify(_named(found.report or {}, names))


@blueprint.get("/batches/<slug>/agreement.csv")
@requires("viewer")
def download_csv(slug: str) -> Response:
    """Every figure as a row of CSV."""
    _, found, names = _read(slug)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in csv_rows(found.report or {"layers": {}}, names):
        writer.writerow([harmless(cell) for cell in row])
    answer = Response(out.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="agreement-{slug}.csv"'
    return answer


def _read(slug: str) -> tuple[BatchPage, BatchReport, dict[str, str]]:
    with get_store().reading() as session:
        batch = get_batch(session, slug)
        found = get_report(session, batch.id)
        names = list_names(session, found.report) if found.report else {}
    return batch, found, names


def _chosen(layers: dict[str, Any], otherwise: str) -> str:
    wanted = request.args.get("layer", "")
    return wanted if wanted in layers else otherwise


def _label(layer: dict[str, Any]) -> str | None:
    wanted = request.args.get("label")
    return wanted if wanted in {one["label"] for one in layer.get("labels", ())} else None


def _pair(layer: dict[str, Any]) -> tuple[str, str] | None:
    """The two annotators that ``?a=&b=`` names; None where they are no pair of the layer."""
    wanted = {request.args.get("a", ""), request.args.get("b", "")}
    for pair in layer["pairs"]:
        if wanted == {pair["a"], pair["b"]}:
            return pair["a"], pair["b"]
    return None


def _named(value: Any, names: dict[str, str]) -> Any:
    """A report with e-mails in the place of row ids."""
    if isinstance(value, dict):
        return {
            key: [names[one] for one in part]
            if key == "annotators" and part and isinstance(part[0], str)
            else names.get(part, part)
            if key in ("a", "b", "annotator")
            else _named(part, names)
            for key, part in value.items()
        }
    return [_named(part, names) for part in value] if isinstance(value, list) else value
