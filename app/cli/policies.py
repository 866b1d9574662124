"""`flask policies`: house policies from files, and what one would match."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from app.cli.actors import as_option
from app.cli.files import read_text
from app.cli.output import Answer, answers, table
from app.extensions import get_store
from app.queries.policies import as_json, list_policies
from app.queries.policy_trial import Trial, try_policy
from app.services.policies import import_policy
from labeling.moderation.policy import read_policy

group = AppGroup("policies", help="House policies of the moderation desk.")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@group.command("import")
@click.argument("file", type=_FILE, metavar="FILE.toml")
@as_option
@answers
def import_(file: Path, actor: str) -> Answer:
    """Keep FILE.toml as the newest version of its policy, and look at all articles by it."""
    text = read_text(file)
    policy = read_policy(text, source=file.name)
    with get_store().transaction() as session:
        done = import_policy(session, policy, text, actor=actor)
    data: dict[str, Any] = {
        "policy": done.name,
        "version": done.version,
        "rules": done.rules,
        "in_force": done.in_force,
        "created": done.made,
        "articles_renewed": renew_all(),
    }
    said = "is at" if done.made else "says the same as"
    lines = [
        f"The policy {done.name!r} {said} version {done.version}, with {done.rules} rules.",
        f"{data['articles_renewed']} articles were looked at anew.",
    ]
    if not done.in_force:
        lines.append("It is not in force: it proposes nothing.")
    return Answer(data, "\n".join(lines))


@group.command("list")
@answers
def list_() -> Answer:
    """List every version of every policy."""
    with get_store().reading() as session:
        found = list_policies(session)
    rows = [
        (row.name, row.n, row.rules, _state(asdict(row)), row.articles, row.actor) for row in found
    ]
    headers = ("name", "version", "rules", "state", "articles", "by")
    empty = "No policies yet. Import one: flask policies import FILE.toml"
    return Answer(as_json(found), table(headers, rows, empty=empty))


@group.command("try")
@click.argument("file", type=_FILE, metavar="FILE.toml")
@answers
def try_(file: Path) -> Answer:
    """Count what FILE.toml would match in all articles. Nothing is kept or changed."""
    policy = read_policy(read_text(file), source=file.name)
    trial = try_policy(get_store(), policy)
    return Answer(trial.as_json(), _in_words(trial))


def renew_all() -> int:
    """Look at every article that rests on other policies, in this process."""
    from app.services.desk import recount, renew_some

    renewed, after = 0, 0
    while True:
        with get_store().transaction() as session:
            step = renew_some(session, after)
            if step is None:
                recount(session)
                return renewed
        after, renewed = step[0], renewed + step[1]


def _state(row: dict[str, Any]) -> str:
    if not row["current"]:
        return "superseded"
    return "in force" if row["in_force"] else "not in force"


def _in_words(trial: Trial) -> str:
    lines = [
        f"{trial.policy.name!r} would match {trial.matched} of {trial.looked_at} articles.",
        "  proposed: " + ", ".join(f"{trial.proposed[v]} {v}" for v in sorted(trial.proposed)),
    ]
    for rule in trial.policy.rules:
        told = trial.rules[rule.name]
        lines.append(
            f"  {rule.name}: {told.words} → {rule.verdict}: "
            f"{told.spans} spans in {told.articles} articles"
        )
    return "\n".join(lines)
