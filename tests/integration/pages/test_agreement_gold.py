"""The page of agreement where passages were settled: gold, and two reviewers of one passage."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

from sqlalchemy import select

from app.jobs.agreement import refresh
from app.models.passages import Passage
from app.models.review import ReviewItem
from app.queries.batches import get_batch
from app.queries.reviewing import show_review
from app.services.accounts import create_user
from app.services.deciding import decide, submit
from app.services.review_policy import set_policy
from labeling.decisions import Decision, ReviewPolicy, Verdict
from tests.integration.pages.test_agreement import body_of
from tests.line import ADA, BEN, CHLOE


def test_the_page_holds_annotators_against_the_gold_and_reviewers_against_each_other(
    desk, desk_app, desk_viewer
):
    store, slug = desk_app.extensions["store"], "demo"
    with store.transaction() as session:
        for email in ("ruth@example.org", "sam@example.org"):
            create_user(session, email=email, role="reviewer", actor="system")
        set_policy(session, slug, ReviewPolicy(second=100), actor="system")
    now = datetime(2026, 5, 4, tzinfo=UTC)
    with store.reading() as session:
        batch_id = get_batch(session, slug).id
        uids = session.scalars(
            select(Passage.uid)
            .join(ReviewItem, ReviewItem.passage_id == Passage.id)
            .where(ReviewItem.batch_id == batch_id, ReviewItem.state == "ready")
            .order_by(Passage.id)
            .limit(4)
        ).all()
    for uid in uids:
        for email in ("ruth@example.org", "sam@example.org"):
            with store.transaction() as session:
                for group in show_review(session, slug, uid)["groups"]:
                    accept = Decision(group["group"], group["layer"], Verdict.ACCEPT)
                    decide(session, slug, uid, accept, actor=email, now=now)
                submit(session, slug, uid, actor=email, now=now)
    refresh(store, batch_id)
    body = body_of(desk_viewer, "/batches/demo/agreement")
    assert "Two reviewers of one passage" in body
    assert "4 passages had a second look" in body
    assert "Against the gold" in body
    report = json.loads(body_of(desk_viewer, "/batches/demo/agreement.json"))
    assert report["reviewers"]["reviewers"] == ["ruth@example.org", "sam@example.org"]
    assert {one["annotator"] for one in report["layers"]["quote"]["against_gold"]} <= {
        ADA, BEN, CHLOE,
    }  # fmt: skip
    table = list(csv.DictReader(io.StringIO(body_of(desk_viewer, "/batches/demo/agreement.csv"))))
    assert {"annotator against gold", "two reviewers"} <= {row["of"] for row in table}
