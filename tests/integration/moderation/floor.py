"""A newsroom floor: articles with one loaded term in two voices, moderators, gold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.models.articles import Article
from app.models.moderation import DeskArticle, DeskMatch, DeskTerm, ModerationEvent
from app.models.passages import Passage
from app.queries.desk import DeskChoice, DeskRow, list_desk
from app.queries.moderation import show_moderation
from app.services import deciding, moderating
from app.services.accounts import create_user
from app.services.articles import ArticleFields, prepare_article, store_article
from app.services.desk import renew_some
from app.services.policies import import_policy
from labeling.moderation.history import Act, Event
from labeling.moderation.policy import Verdict, read_policy
from tests.line import ADA, BEN, Line

MO, NILS, OLA, VIC = (f"{name}@example.org" for name in ("mo", "nils", "ola", "vic"))
RUTH = "ruth@example.org"
NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
OWN = "The regime closed two schools near the harbour on Monday, and two more are to follow."
SAID = "“The regime closed two schools,” said Ada Lovelace, who teaches at the harbour school."
PLAIN = "Nobody was hurt when a crane fell into the harbour on Monday, the port office said."
HEARD = "“We saw the crane fall into the water,” said Ada Lovelace, who works at the port."
RULES = """name = "short"
[style]
s = "Short."
[reasons]
r = "Because"
[[rule]]
name = "quotes"
label = "QUOTE"
verdict = "fine"
reason = "r"
style = "s"
"""


class Floor:
    """The desk of one instance."""

    def __init__(self, settings: Any, store: Any) -> None:
        self.line = Line(settings, store)
        self.store = store
        self.now = NOW
        with store.transaction() as session:
            for email in (MO, NILS, OLA, RUTH):
                create_user(session, email=email, role="reviewer", actor="system")
            create_user(session, email=VIC, role="viewer", actor="system")

    def article(self, *paragraphs: str, name: str = "a", **fields: Any) -> str:
        """Import an article and give its uid."""
        text = "\n\n".join([f"Council {name} meets again", *paragraphs])
        prepared = prepare_article(
            text.encode(),
            source=f"{name}.txt",
            fields=ArticleFields(**{"outlet": "Gull", "section": "politics", **fields}),
            max_bytes=1_000_000,
        )
        with self.store.transaction() as session:
            return store_article(session, prepared, near=1.0).uid

    def decide_spans(self, uid: str, slug: str = "first", *, voice: str = "outlet") -> None:
        """Both annotators mark the first `regime` of each passage; a reviewer accepts it."""
        if not self.line.lanes(slug):
            self.line.add_batch(
                slug, scheme="news", annotators=(ADA, BEN), overlap=2, articles=(uid,)
            )
            self.line.push(slug)
        self.mark(slug, "regime", voice)
        assert self.settle(uid, slug)

    def settle(self, uid: str, slug: str) -> int:
        """A reviewer accepts what all said of an article's passages."""
        settled = 0
        for passage in self.passages(uid):
            with self.store.transaction() as session:
                settled += deciding.accept_unanimous(
                    session, slug, passage, actor=RUTH, now=self.now
                )
        return settled

    def mark(self, slug: str, word: str, voice: str) -> None:
        """Both annotators answer every task of a batch: this word is a loaded term, or nothing."""
        users = {user.email: user.id for user in self.line.server.users}
        for lane, email in zip(self.line.lanes(slug), (ADA, BEN), strict=True):
            for task in self.line.server.tasks_of(lane.ls_project_id):
                at = task["data"]["text"].find(word)
                regions = [] if at < 0 else _regions(at, at + len(word), voice)
                self.line.server.annotate(task["id"], regions, completed_by=users[email])
        assert self.line.sync(slug).state == "succeeded"

    def passages(self, uid: str) -> list[str]:
        """The passages of an article, in order."""
        with self.store.reading() as session:
            return list(
                session.scalars(
                    select(Passage.uid).join(Article).where(Article.uid == uid).order_by(Passage.id)
                )
            )

    def policy(self, text: str = RULES, *, renew: bool = True) -> None:
        """Import a policy and look at all articles by it."""
        with self.store.transaction() as session:
            import_policy(session, read_policy(text, source="p.toml"), text, actor=MO)
        after = 0
        while renew:
            with self.store.transaction() as session:
                step = renew_some(session, after)
            if step is None:
                return
            after = step[0]

    def show(self, uid: str) -> dict[str, Any]:
        """What `moderation show` tells."""
        with self.store.reading() as session:
            return show_moderation(session, uid)

    def rules(self, uid: str) -> dict[str, list[str]]:
        """Which rules match, with the ids of their spans."""
        return {one["rule"]: one["spans"] for one in self.show(uid)["matches"]}

    def take(self, actor: str = MO, choice: DeskChoice | None = None, **more: Any) -> str | None:
        """The next article for a moderator."""
        with self.store.transaction() as session:
            return moderating.take_next(
                session, choice or DeskChoice(), actor=actor, now=self.now, **more
            )

    def take_this(self, uid: str, actor: str = MO) -> str:
        """Open one article."""
        with self.store.transaction() as session:
            return moderating.take(session, uid, actor=actor, now=self.now)

    def leave(self, uid: str, actor: str = MO) -> bool:
        """Let it go."""
        with self.store.transaction() as session:
            return moderating.leave(session, uid, actor=actor)

    def decide(
        self, uid: str, said: str, actor: str = MO, reason: str = "own", seen: str | None = None
    ) -> ModerationEvent:
        """Give a verdict."""
        wanted = moderating.verdict(actor, said, reason=reason)
        with self.store.transaction() as session:
            return moderating.act(session, uid, wanted, now=self.now, seen=seen)

    def appeal(self, uid: str, actor: str = OLA) -> ModerationEvent:
        """Appeal against the verdict."""
        wanted = Event(Act.APPEAL, actor, reason="it is a name")
        with self.store.transaction() as session:
            return moderating.act(session, uid, wanted, now=self.now)

    def answer(self, uid: str, said: Verdict | None, actor: str = NILS) -> ModerationEvent:
        """Answer an appeal."""
        wanted = moderating.answer(actor, said, reason="looked at it")
        with self.store.transaction() as session:
            return moderating.act(session, uid, wanted, now=self.now)

    def undo(self, uid: str, actor: str = MO) -> ModerationEvent:
        """Take the newest act back."""
        with self.store.transaction() as session:
            return moderating.undo(session, uid, actor=actor, now=self.now)

    def later(self, **time: float) -> None:
        """Let time go by."""
        self.now += timedelta(**time)

    def rows(self, choice: DeskChoice | None = None, **more: Any) -> list[DeskRow]:
        """The queue."""
        with self.store.reading() as session:
            return list(list_desk(session, choice or DeskChoice(), now=self.now, **more).rows)

    def row(self, uid: str) -> DeskArticle:
        """An article's own row."""
        with self.store.reading() as session:
            return session.scalars(
                select(DeskArticle).join(Article).where(Article.uid == uid)
            ).one()

    def kept(self, uid: str) -> tuple[set[tuple[Any, ...]], set[tuple[Any, ...]]]:
        """What is kept of an article: rules and terms."""
        with self.store.reading() as session:
            matches = session.execute(
                select(DeskMatch.policy, DeskMatch.rule, DeskMatch.verdict, DeskMatch.spans)
                .join(Article, Article.id == DeskMatch.article_id)
                .where(Article.uid == uid)
            )
            terms = session.execute(
                select(DeskTerm.term, DeskTerm.voice, DeskTerm.n, DeskTerm.decided)
                .join(Article, Article.id == DeskTerm.article_id)
                .where(Article.uid == uid)
            )
            return set(map(tuple, matches)), set(map(tuple, terms))


def _regions(start: int, end: int, voice: str) -> list[dict[str, Any]]:
    place = {"start": start, "end": end}
    common = {"id": "l", "to_name": "text"}
    return [
        {
            **common,
            "from_name": "loaded",
            "type": "labels",
            "value": {**place, "labels": ["LOADED_TERM"]},
        },
        {
            **common,
            "from_name": "voice",
            "type": "choices",
            "value": {**place, "choices": [voice]},
        },
    ]
