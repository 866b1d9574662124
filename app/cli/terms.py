"""`flask terms`: where a term stands, in whose voice, and what became of it."""

from __future__ import annotations

from itertools import islice

import click
from flask.cli import AppGroup

from app.cli.evenness import evenness, lean, outlets
from app.cli.output import Answer, answers
from app.extensions import Store, get_store
from app.queries.terms import iter_occurrences
from app.services.term_index import begin_again, count_waiting, is_outdated, take_in
from labeling.concordance import CONTEXT_CHARS

group = AppGroup("terms", help="Terms in their contexts.")
for command in (evenness, outlets, lean):
    group.add_command(command)


@group.command()
@click.option("--again", is_flag=True, help="Empty the index first.")
@answers
def index(again: bool) -> Answer:
    """Take the passages that wait into the index; a search is right before and after."""
    store = get_store()
    with store.transaction() as session:
        if again or is_outdated(session):
            begin_again(session)
    done = take_all_in(store)
    with store.reading() as session:
        waiting = count_waiting(session)
    text = f"{done:,} passages were taken into the index; {waiting:,} wait."
    return Answer({"passages": done, "waiting": waiting}, text)


def take_all_in(store: Store) -> int:
    """Take all waiting passages into the index, in short transactions; say how many."""
    done = 0
    while True:
        with store.transaction() as session:
            step = take_in(session)
        if not step:
            return done
        done += step


@group.command()
@click.argument("term")
@click.option("--limit", type=click.IntRange(1), help="At most so many; all without it.")
@answers
def show(term: str, limit: int | None) -> Answer:
    """Show every occurrence of TERM in all passages, ignoring case.

    It need not be in the term bank. A word ends where a letter, a digit or an underscore ends.
    """
    found = iter_occurrences(get_store(), term)
    shown = list(islice(found, limit))
    data = {
        "term": term,
        "occurrences": shown,
        "total": len(shown) + sum(1 for _ in found),
    }
    width = CONTEXT_CHARS
    lines = [
        f"{one['left']:>{width}} {one['match']} {one['right']:<{width}}  {one['voice']:<11} "
        f"{one['state']:<9} {one['passage']}"
        for one in shown
    ]
    lines.append(f"{data['total']} occurrences.")
    return Answer(data, "\n".join(lines))
