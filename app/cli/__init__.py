"""The command line, `flask <noun> <verb>`: parse, call one service or query, answer."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add every command group to the application."""
    from app.cli import articles, batches, datasets, db, doctor, jobs, schemes, studio, sync, users

    for module in (articles, batches, datasets, db, jobs, schemes, studio, users):
        app.cli.add_command(module.group)
    app.cli.add_command(sync.sync)
    app.cli.add_command(doctor.doctor)
    app.cli.add_command(jobs.worker)
