"""The command line, `flask <noun> <verb>`: parse, call one service or query, answer."""

from __future__ import annotations

from importlib import import_module

import click
from flask import Flask
from flask.cli import AppGroup

# Where each command stands. A command's module is read when the command is asked for, so that
# `flask db upgrade` does not wait for what only `flask datasets` needs.
COMMANDS = {
    "articles": "app.cli.articles:group",
    "batches": "app.cli.batches:group",
    "datasets": "app.cli.datasets:group",
    "db": "app.cli.db:group",
    "doctor": "app.cli.doctor:doctor",
    "jobs": "app.cli.jobs:group",
    "schemes": "app.cli.schemes:group",
    "studio": "app.cli.studio:group",
    "sync": "app.cli.sync:sync",
    "users": "app.cli.users:group",
    "worker": "app.cli.jobs:worker",
}


class Commands(AppGroup):
    """Our commands by name, each read at first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command's name."""
        return sorted({*COMMANDS, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One command; None when there is no such thing."""
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            module, _, name = COMMANDS[cmd_name].partition(":")
            self.add_command(getattr(import_module(module), name), cmd_name)
        return super().get_command(ctx, cmd_name)


def register(app: Flask) -> None:
    """Give the application its commands."""
    app.cli = Commands(app.name)
