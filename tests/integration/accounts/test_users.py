"""Users, one-time links and API tokens in the store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from app.errors import ConflictError, InvalidInputError, NotFoundError, SetupError
from app.models.accounts import ApiToken, Role, SignInLink, User
from app.models.audit import Audit
from app.services import accounts, tokens
from tests.instances import PEOPLE

ADMIN, VIEWER = PEOPLE["admin"], PEOPLE["viewer"]
NEW_HASH = "a hash that was made before the transaction"


def user_of(store, email) -> User:
    with store.reading() as session:
        return session.scalars(select(User).where(User.email == email)).one()


def test_roles_are_made_once(store):
    for _ in range(2):
        with store.transaction() as session:
            accounts.ensure_roles(session)
    with store.reading() as session:
        assert sorted(session.scalars(select(Role.name))) == ["admin", "reviewer", "viewer"]


def test_an_address_is_kept_in_lower_case_and_only_once(store):
    with store.transaction() as session:
        accounts.create_user(session, email=" Nora@Example.ORG ", role="viewer", actor="system")
    assert user_of(store, "nora@example.org").active
    with (
        pytest.raises(ConflictError, match="already"),
        store.transaction() as session,
    ):
        accounts.create_user(session, email="NORA@example.org", role="admin", actor="system")


def test_an_unknown_role_is_refused_and_a_store_without_roles_is_named(store):
    with store.transaction() as session:
        with pytest.raises(InvalidInputError, match="no role 'boss'"):
            accounts.create_user(session, email="x@example.org", role="boss", actor="system")
        session.execute(Role.__table__.delete())
        with pytest.raises(SetupError) as caught:
            accounts.create_user(session, email="x@example.org", role="admin", actor="system")
        assert caught.value.remedy == "Run: flask db upgrade"
        session.rollback()


def test_a_link_works_once_and_a_newer_one_ends_it(store):
    with store.transaction() as session:
        first, expires = accounts.create_link(session, email=VIEWER, actor=ADMIN)
        assert timedelta(hours=23) < expires - datetime.now(UTC) <= timedelta(hours=24)
    with store.transaction() as session:
        second, _ = accounts.create_link(session, email=VIEWER, actor=ADMIN)
    before = user_of(store, VIEWER).fs_uniquifier
    with pytest.raises(NotFoundError), store.transaction() as session:
        accounts.redeem_link(session, first, password_hash=NEW_HASH)
    with store.transaction() as session:
        accounts.redeem_link(session, second, password_hash=NEW_HASH)
    user = user_of(store, VIEWER)
    assert user.password == NEW_HASH
    assert user.fs_uniquifier != before, "sessions begun before go on"
    with pytest.raises(NotFoundError), store.transaction() as session:
        accounts.redeem_link(session, second, password_hash=NEW_HASH)


def test_an_old_link_does_not_work(store):
    with store.transaction() as session:
        secret, _ = accounts.create_link(session, email=VIEWER, actor=ADMIN)
        session.execute(update(SignInLink).values(expires_at=datetime.now(UTC)))
    with pytest.raises(NotFoundError, match="too old"), store.reading() as session:
        accounts.holder_of_link(session, secret)


def test_of_two_who_use_a_link_at_once_one_wins(store):
    with store.transaction() as session:
        secret, _ = accounts.create_link(session, email=VIEWER, actor=ADMIN)

    def redeem(number: int) -> bool:
        try:
            with store.transaction() as session:
                accounts.redeem_link(session, secret, password_hash=f"hash {number}")
        except NotFoundError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        won = list(pool.map(redeem, range(4)))
    assert sum(won) == 1
    assert user_of(store, VIEWER).password == f"hash {won.index(True)}"


def test_no_secret_is_kept_as_it_was_given_out(store):
    with store.transaction() as session:
        link, _ = accounts.create_link(session, email=VIEWER, actor=ADMIN)
        token = tokens.create_token(session, email=VIEWER, scopes=["read"], actor=ADMIN).token
    with store.reading() as session:
        kept = [
            *session.scalars(select(SignInLink.token_sha)),
            *session.scalars(select(ApiToken.token_sha)),
            *(str(row) for row in session.execute(select(Audit.detail, Audit.object))),
        ]
    assert not any(link in text or token in text for text in kept)


def test_a_password_changed_elsewhere_is_not_overwritten(store):
    user = user_of(store, VIEWER)
    with pytest.raises(ConflictError), store.transaction() as session:
        accounts.change_password(session, user.id, seen_hash="another", new_hash=NEW_HASH)
    assert user_of(store, VIEWER).password == user.password


def test_a_disabled_user_loses_sessions_links_and_tokens(store):
    with store.transaction() as session:
        link, _ = accounts.create_link(session, email=VIEWER, actor=ADMIN)
        token = tokens.create_token(session, email=VIEWER, scopes=["read"], actor=ADMIN).token
    before = user_of(store, VIEWER)
    with store.transaction() as session:
        accounts.disable_user(session, email=VIEWER, actor=ADMIN)
    after = user_of(store, VIEWER)
    assert (after.active, after.fs_uniquifier == before.fs_uniquifier) == (False, False)
    with store.reading() as session:
        assert tokens.check_token(session, token) is None
        with pytest.raises(NotFoundError):
            accounts.holder_of_link(session, link)
        with pytest.raises(NotFoundError, match="disabled"):
            accounts.get_user(session, VIEWER)


def test_the_last_admin_cannot_be_disabled(store):
    with pytest.raises(ConflictError, match="only admin"), store.transaction() as session:
        accounts.disable_user(session, email=ADMIN, actor=ADMIN)
    with store.transaction() as session:
        accounts.create_user(session, email="second@example.org", role="admin", actor=ADMIN)
        accounts.disable_user(session, email=ADMIN, actor="second@example.org")


def test_a_token_speaks_for_its_user_within_its_scopes_and_time(store):
    with store.transaction() as session:
        new = tokens.create_token(session, email=VIEWER, scopes=["write", "read"], actor=ADMIN)
    assert new.token.startswith("cd_")
    assert new.token.endswith(new.hint)
    with store.reading() as session:
        holder = tokens.check_token(session, new.token)
        assert (holder.email, holder.roles, holder.scopes) == (
            VIEWER,
            ["viewer"],
            ["read", "write"],
        )
        assert tokens.check_token(session, new.token + "x") is None
        assert tokens.check_token(session, "") is None
    with store.transaction() as session:
        session.execute(update(ApiToken).values(expires_at=datetime.now(UTC)))
    with store.reading() as session:
        assert tokens.check_token(session, new.token) is None


@pytest.mark.parametrize("scopes", [[], ["everything"], ["read", "everything"]])
def test_a_token_without_a_known_scope_is_not_made(store, scopes):
    with pytest.raises(InvalidInputError, match="scope"), store.transaction() as session:
        tokens.create_token(session, email=VIEWER, scopes=scopes, actor=ADMIN)


def test_one_revokes_only_ones_own_tokens(store):
    viewer, admin = user_of(store, VIEWER), user_of(store, ADMIN)
    with store.transaction() as session:
        token = tokens.create_token(session, email=VIEWER, scopes=["read"], actor=ADMIN).token
        token_id = session.scalars(select(ApiToken.id)).one()
    with pytest.raises(NotFoundError), store.transaction() as session:
        tokens.revoke_token(session, user_id=admin.id, token_id=token_id, actor=ADMIN)
    for _ in range(2):
        with store.transaction() as session:
            tokens.revoke_token(session, user_id=viewer.id, token_id=token_id, actor=VIEWER)
    with store.reading() as session:
        assert tokens.check_token(session, token) is None
        count = select(func.count()).where(Audit.action == "token_revoked")
        assert session.scalar(count) == 1


def test_every_change_leaves_a_line_with_its_actor(store):
    with store.transaction() as session:
        accounts.create_user(session, email="n@example.org", role="viewer", actor=ADMIN)
        accounts.create_link(session, email="n@example.org", actor=ADMIN)
        tokens.create_token(session, email="n@example.org", scopes=["read"], actor=ADMIN)
        accounts.disable_user(session, email="n@example.org", actor=ADMIN)
    with store.reading() as session:
        lines = session.execute(
            select(Audit.action, Audit.actor)
            .where(Audit.object == "user:n@example.org")
            .order_by(Audit.seq)
        ).all()
    assert [tuple(line) for line in lines] == [
        ("user_created", ADMIN),
        ("link_created", ADMIN),
        ("token_created", ADMIN),
        ("user_disabled", ADMIN),
    ]
