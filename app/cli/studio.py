"""`flask studio`: connections to Label Studio servers."""

from __future__ import annotations

import sys

import click
from flask import current_app
from flask.cli import AppGroup

from app.cli.actors import as_option
from app.cli.output import Answer, answers, table
from app.errors import InvalidInputError
from app.extensions import get_store
from app.keys import TokenVault
from app.queries.connections import list_connections
from app.services.connections import get_connection, note_check, save_connection
from labeling.errors import GatewayError

group = AppGroup("studio", help="Connections to Label Studio servers.")


@group.command()
@click.argument("name")
@click.option("--url", required=True, help="The server's address, such as http://127.0.0.1:8080")
@as_option
@answers
def connect(name: str, url: str, actor: str) -> Answer:
    """Add or renew connection NAME. The token is read from stdin, never from the command line."""
    from app.jobs.gateways import sdk_gateway

    settings = current_app.extensions["settings"]
    token = _token()
    if not url.startswith(("http://", "https://")):
        raise InvalidInputError(
            f"{url!r} is not a web address.", remedy="Begin it with http:// or https://"
        )
    vault = TokenVault(settings)
    found = sdk_gateway(settings)(url.rstrip("/"), token).check()
    with get_store().transaction() as session:
        connection = save_connection(session, vault, name=name, url=url, token=token, actor=actor)
        note_check(
            connection,
            version=found.version,
            user_email=found.user_email,
            token_kind=found.token_kind,
        )
    data = {
        "connection": name,
        "url": url.rstrip("/"),
        "version": found.version,
        "user": found.user_email,
        "token_kind": found.token_kind,
    }
    return Answer(data, f"Connected to Label Studio {found.version} as {found.user_email}.")


@group.command()
@click.argument("name")
@answers
def check(name: str) -> Answer:
    """Say whether connection NAME works, and if not, why."""
    from app.jobs.gateways import open_gateway, sdk_gateway

    settings, store = current_app.extensions["settings"], get_store()
    with store.reading() as session:
        connection_id = get_connection(session, name).id
        gateway = open_gateway(session, settings, sdk_gateway(settings), connection_id)
    try:
        found = gateway.check()
    except GatewayError as err:
        with store.transaction() as session:
            note_check(
                get_connection(session, name),
                version="",
                user_email="",
                token_kind="",
                problem=err.message,
            )
        raise
    with store.transaction() as session:
        note_check(
            get_connection(session, name),
            version=found.version,
            user_email=found.user_email,
            token_kind=found.token_kind,
        )
    data = {
        "connection": name,
        "ok": True,
        "version": found.version,
        "user": found.user_email,
        "token_kind": found.token_kind,
    }
    return Answer(data, f"{name}: Label Studio {found.version}, signed in as {found.user_email}.")


@group.command("list")
@answers
def list_() -> Answer:
    """List all connections."""
    with get_store().reading() as session:
        rows = list_connections(session)
    data = {
        "connections": [
            {"connection": r.name, "url": r.url, "version": r.version, "problem": r.problem}
            for r in rows
        ]
    }
    cells = [(r.name, r.url, r.version, r.problem or "ok") for r in rows]
    empty = "No connections yet. Add one: flask studio connect NAME --url URL < token-file"
    return Answer(data, table(("name", "url", "version", "state"), cells, empty=empty))


def _token() -> str:
    token = "" if sys.stdin.isatty() else sys.stdin.read().strip()
    if not token or any(c.isspace() for c in token):
        raise InvalidInputError(
            "The token is expected on stdin, alone.",
            remedy="flask studio connect NAME --url URL < token-file (Label Studio: Account & "
            "Settings → Access Token)",
        )
    return token
