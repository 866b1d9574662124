"""The command line, `flask <noun> <verb>`: parse, call one service or query, answer."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click
from flask import Flask
from flask.cli import FlaskGroup


class Deferred(click.Command):
    """A command whose module is read when it is called, not when commands are listed.

    Otherwise `flask db upgrade` would wait for what only `flask datasets` needs.

    Args:
        place: the module and the name of the real command in it, as ``module:name``.
        help: its line in the list of commands.
    """

    def __init__(self, name: str, place: str, help: str) -> None:  # noqa: A002 - click's word
        super().__init__(name, help=help)
        self.place = place

    def load(self) -> click.Command:
        """The real command."""
        module, _, name = self.place.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Let the real command take over: click goes on with the context's own command."""
        return self.load().make_context(info_name, args, parent=parent, **extra)


COMMANDS = (
    Deferred("agreement", "app.cli.agreement:group", "How far annotators agree."),
    Deferred("articles", "app.cli.articles:group", "Articles and their passages."),
    Deferred("audit", "app.cli.audit:group", "The log of who did what."),
    Deferred("backup", "app.cli.backup:group", "The whole store as a folder."),
    Deferred("batches", "app.cli.batches:group", "Batches of passages for annotators."),
    Deferred("datasets", "app.cli.datasets:group", "Labeled passages as files."),
    Deferred("db", "app.cli.db:group", "Migrate the store."),
    Deferred("doctor", "app.cli.doctor:doctor", "Look at every part, and say what to do."),
    Deferred("jobs", "app.cli.jobs:group", "Background work."),
    Deferred("lexicon", "app.cli.lexicon:group", "The term bank."),
    Deferred("moderation", "app.cli.moderation:group", "The moderation desk."),
    Deferred("policies", "app.cli.policies:group", "House policies of the moderation desk."),
    Deferred("quarantine", "app.cli.quarantine:group", "What came back and was set aside."),
    Deferred("review", "app.cli.review:group", "Settle what annotators do not agree on."),
    Deferred("schemes", "app.cli.schemes:group", "Label configs and guidelines."),
    Deferred("studio", "app.cli.studio:group", "Connections to Label Studio servers."),
    Deferred("suggesters", "app.cli.suggesters:group", "Who suggests what."),
    Deferred("sync", "app.cli.sync:sync", "Pull the annotations of a batch, or of all."),
    Deferred("terms", "app.cli.terms:group", "Terms in their contexts."),
    Deferred("users", "app.cli.users:group", "Users, one-time links and API tokens."),
    Deferred("worker", "app.cli.jobs:worker", "Carry out jobs until told to stop."),
)


def register(app: Flask) -> None:
    """Give the application its commands."""
    for command in COMMANDS:
        app.cli.add_command(command)


def is_being_looked_up() -> bool:
    """Whether the `flask` command is just looking for one of our commands in the application.

    Its own commands (`run`, `routes`, `shell`) have a context of their own by then.
    """
    context = click.get_current_context(silent=True)
    return context is not None and isinstance(context.command, FlaskGroup)
