"""The API described as an OpenAPI document, made from the routes themselves."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, current_app
from werkzeug.routing import Rule

from app.security import scope
from app.security.access import declared

blueprint = Blueprint("api_description", __name__, url_prefix="/api")

_PLACEHOLDER = re.compile(r"<(?:(\w+):)?(\w+)>")
_TYPES = {"int": {"type": "integer", "minimum": 0}}
_ERROR = {
    "type": "object",
    "required": ["kind", "message", "remedy"],
    "properties": {name: {"type": "string"} for name in ("kind", "message", "remedy")},
}
_REFUSALS = {
    "401": "There is no token, or it is unknown, expired or revoked.",
    "403": "The token lacks the scope, or its owner the role.",
    "404": "What was named is not here.",
    "422": "What was sent cannot be used.",
}
# What the address may say, where the docstring alone does not say enough.
_QUERIES: dict[str, dict[str, dict[str, Any]]] = {
    "api_datasets.records": {
        "cursor": {"type": "integer", "minimum": 0, "default": 0},
        "limit": {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 1_000},
    },
    "api_intake.bring": {
        "dry_run": {"type": "string"},
        **{
            name: {"type": "string"}
            for name in ("outlet", "section", "byline", "date", "language", "story", "encoding")
        },
    },
}
_STREAMS = {"api_datasets.records": "application/x-ndjson"}


@blueprint.get("/openapi.json")
@scope("read", role="viewer")
def show() -> dict[str, Any]:
    """This document."""
    paths: dict[str, dict[str, Any]] = {}
    rules = sorted(current_app.url_map.iter_rules(), key=lambda rule: rule.rule)
    for rule in rules:
        if rule.rule.startswith("/api/"):
            path = paths.setdefault(_PLACEHOLDER.sub(r"{\2}", rule.rule), {})
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                path[method.lower()] = _operation(rule)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Copydesk",
            "version": "1",
            "description": "The same answers as the commands give with --json.",
        },
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Error": _ERROR},
        },
        "security": [{"token": []}],
    }


def _operation(rule: Rule) -> dict[str, Any]:
    view = current_app.view_functions[rule.endpoint]
    access = declared(view)
    summary, _, more = (view.__doc__ or "").strip().partition("\n")
    mimetype = _STREAMS.get(rule.endpoint, "application/json")
    needs = f"Scope {access.scope}, role {access.role}." if access is not None else ""
    told = " ".join([*more.split(), needs]).strip()
    return {
        "operationId": rule.endpoint,
        "summary": summary.replace("``", "`"),
        "description": told.replace("``", "`"),
        "parameters": [
            *(
                {"name": name, "in": "path", "required": True, "schema": _type(kind)}
                for kind, name in _PLACEHOLDER.findall(rule.rule)
            ),
            *(
                {"name": name, "in": "query", "schema": kind}
                for name, kind in _QUERIES.get(rule.endpoint, {}).items()
            ),
        ],
        "responses": {
            "2XX": {"description": "What was asked for.", "content": {mimetype: {}}},
            **{
                status: {
                    "description": words,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Error"}}
                    },
                }
                for status, words in _REFUSALS.items()
            },
        },
    }


def _type(kind: str) -> dict[str, Any]:
    return _TYPES.get(kind, {"type": "string"})
