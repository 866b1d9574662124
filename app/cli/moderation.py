"""`flask moderation`: the desk by command: what waits, one article, and what is decided."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click
from flask.cli import AppGroup

from app.cli.actors import as_option
from app.cli.output import Answer, answers, table
from app.extensions import get_store
from app.queries.desk import (
    AGES,
    ORDERS,
    STATES,
    DeskChoice,
    count_desk,
    list_desk,
    row_json,
)
from app.queries.jobs import has_active
from app.queries.moderation import show_moderation
from app.queue import DESK
from app.services import moderating
from app.services.desk import is_behind
from labeling.moderation.history import Act, Event
from labeling.moderation.policy import Verdict

group = AppGroup("moderation", help="The moderation desk.")
_STATES = click.Choice([*STATES, "open", "all"])


@group.command("list")
@click.option("--state", type=_STATES, default="all", show_default=True, help="Where they stand.")
@click.option("--policy", help="Only what a rule of this policy matches.")
@click.option("--outlet", help="Only this outlet.")
@click.option("--section", help="Only this section.")
@click.option("--term", help="Only with this loaded term: its id in the term bank, or the words.")
@click.option("--voice", help="Only with a loaded term in this voice.")
@click.option("--age", type=click.Choice(list(AGES)), help="Only what waits so long.")
@click.option("--order", type=click.Choice(ORDERS), default="severity", show_default=True)
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=1_000, show_default=True)
@answers
def list_(state: str, order: str, limit: int, **asked: str | None) -> Answer:
    """List the articles of the desk, the most serious first."""
    choice = DeskChoice(state=None if state == "open" else state, **asked)
    now = datetime.now(UTC)
    with get_store().reading() as session:
        page = list_desk(session, choice, now=now, order=order, limit=limit)
        total = count_desk(session, choice, now=now)
        behind = not total and is_behind(session)
        under_way = behind and has_active(session, DESK)
    data = {"articles": [row_json(row) for row in page.rows], "total": total}
    rows = [
        (row.uid, row.state, row.verdict or row.proposed or "", row.outlet, row.title)
        for row in page.rows
    ]
    headers = ("uid", "state", "verdict", "outlet", "title")
    return Answer(data, table(headers, rows, empty=_why_empty(behind, under_way)))


@group.command()
@click.argument("uid")
@answers
def show(uid: str) -> Answer:
    """Show what rules match in an article, its loaded terms by voice, and its history."""
    with get_store().reading() as session:
        data = show_moderation(session, uid)
    return Answer(data, _in_words(data))


@group.command()
@click.argument("uid")
@click.option("--verdict", "said", required=True, help="fine, needs_edit or escalate.")
@click.option("--reason", default="", help="Why; required for anything but fine.")
@click.option("--note", default="", help="What else the others shall know.")
@as_option
@answers
def decide(uid: str, said: str, reason: str, note: str, actor: str) -> Answer:
    """Give a verdict on an article; `escalate` hands it to a second person."""
    return _act(uid, moderating.verdict(actor, said, reason=reason, note=note))


@group.command()
@click.argument("uid")
@click.option("--reason", default="", help="What speaks for the article.")
@click.option("--note", default="", help="Who appeals, and what else there is to know.")
@as_option
@answers
def appeal(uid: str, reason: str, note: str, actor: str) -> Answer:
    """Appeal against the verdict on an article; somebody else answers."""
    return _act(uid, Event(Act.APPEAL, actor, reason=reason.strip(), note=note.strip()))


@group.command()
@click.argument("uid")
@click.option("--reason", default="", help="Why.")
@click.option("--note", default="")
@as_option
@answers
def uphold(uid: str, reason: str, note: str, actor: str) -> Answer:
    """Answer an appeal: the verdict stays. Never by whoever gave it."""
    return _act(uid, moderating.answer(actor, None, reason=reason, note=note))


@group.command()
@click.argument("uid")
@click.option(
    "--verdict",
    "said",
    type=click.Choice([Verdict.FINE.value, Verdict.NEEDS_EDIT.value]),
    required=True,
    help="What holds instead.",
)
@click.option("--reason", default="", help="Why.")
@click.option("--note", default="")
@as_option
@answers
def overturn(uid: str, said: str, reason: str, note: str, actor: str) -> Answer:
    """Answer an appeal: another verdict holds. Never by whoever gave the first."""
    return _act(uid, moderating.answer(actor, Verdict(said), reason=reason, note=note))


@group.command()
@click.argument("uid")
@click.argument("words")
@as_option
@answers
def note(uid: str, words: str, actor: str) -> Answer:
    """Leave a note on an article; it changes nothing."""
    return _act(uid, Event(Act.NOTE, actor, note=words.strip()))


@group.command()
@click.argument("uid")
@as_option
@answers
def undo(uid: str, actor: str) -> Answer:
    """Take back your newest act on an article; both stay in its history."""
    with get_store().transaction() as session:
        moderating.undo(session, uid, actor=actor, now=datetime.now(UTC))
        return _shown(show_moderation(session, uid))


@group.command("next")
@click.option("--policy", help="Only what a rule of this policy matches.")
@click.option("--order", type=click.Choice(ORDERS), default="severity", show_default=True)
@as_option
@answers
def next_(policy: str | None, order: str, actor: str) -> Answer:
    """Take the next article to work on; nobody else gets it for twenty minutes."""
    choice = DeskChoice(policy=policy)
    with get_store().transaction() as session:
        now = datetime.now(UTC)
        uid = moderating.take_next(session, choice, actor=actor, now=now, order=order)
    if uid is None:
        return Answer({"article": None}, "Nothing that fits is free.")
    return Answer({"article": uid}, f"{uid} is yours. See it: flask moderation show {uid}")


@group.command()
@click.argument("uid")
@as_option
@answers
def leave(uid: str, actor: str) -> Answer:
    """Let an article that you have taken go again."""
    with get_store().transaction() as session:
        left = moderating.leave(session, uid, actor=actor)
    return Answer({"article": uid, "left": left}, "Left." if left else "You did not have it open.")


def _act(uid: str, wanted: Event) -> Answer:
    with get_store().transaction() as session:
        moderating.act(session, uid, wanted, now=datetime.now(UTC))
        return _shown(show_moderation(session, uid))


def _shown(data: dict[str, Any]) -> Answer:
    keys = ("article", "state", "verdict", "reason", "by", "appeal", "history")
    verdict = f": {data['verdict']}" if data["verdict"] else ""
    return Answer(
        {key: data[key] for key in keys}, f"{data['article']} is {data['state']}{verdict}"
    )


def _in_words(data: dict[str, Any]) -> str:
    verdict = f": {data['verdict']}, by {data['by']}" if data["verdict"] else ""
    lines = [f"{data['title']} ({data['outlet']})", f"{data['state']}{verdict}"]
    if data["changed"]:
        lines.append("What the verdict rests on has changed since.")
    for one in data["matches"]:
        lines.append(f"  {one['policy']}/{one['rule']} → {one['verdict']}: {one['matched']}")
        lines.append(f"      {one['style_in_words']}")
    lines += [
        f"  [{one['start']},{one['end']}) {one['label']:<12} {one['voice'] or '':<12} "
        f"{one['state']:<10} {one['text'][:60]}"
        for one in data["findings"]
    ]
    for one in data["history"]:
        words = " ".join(filter(None, (one["act"], one["verdict"], one["reason"], one["note"])))
        lines.append(f"  {one['at'][:16]} {one['by']}: {words}{' (undone)' * one['undone']}")
    return "\n".join(lines)


def _why_empty(behind: bool, under_way: bool) -> str:
    if not behind:
        return "Nothing here is worth a look."
    unseen = "There are articles that were not looked at yet; a job does that."
    remedy = "It needs a worker: flask worker" if under_way else "Ask for it: flask db upgrade"
    return f"{unseen} {remedy}"
