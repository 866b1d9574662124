"""What a fresh instance has from the start; running it again changes nothing."""

from __future__ import annotations

import json

from sqlalchemy.orm import Session

from app.queries.lexicon import newest_version
from app.queries.policies import has_policies
from app.services.accounts import ensure_roles
from app.services.lexicon import import_terms
from app.services.policies import import_policy
from app.services.schemes import import_scheme
from config import ROOT
from labeling.moderation.policy import read_policy
from labeling.suggest.lexicon_csv import read_terms

SEED_SCHEME = "news"
STARTER_LEXICON = "starter.csv"
STARTER_POLICY = "house.toml"


def seed_instance(session: Session) -> None:
    """Make sure of the roles, the default scheme and, once, the starter lexicon and policy."""
    ensure_roles(session)
    folder = ROOT / "seeds" / "schemes" / SEED_SCHEME
    import_scheme(
        session,
        name=SEED_SCHEME,
        config=(folder / "config.xml").read_text(encoding="utf-8"),
        guideline=(folder / "guideline.md").read_text(encoding="utf-8"),
        rules=json.loads((folder / "rules.json").read_text(encoding="utf-8")),
        actor="system",
    )
    if newest_version(session) is None:
        # Never again afterwards: the term bank is its editors' own.
        file = ROOT / "seeds" / "lexicon" / STARTER_LEXICON
        terms = read_terms(file.read_bytes(), source=file.name)
        import_terms(session, terms, source=STARTER_LEXICON, actor="system")
    if not has_policies(session):
        # Likewise: what a house thinks of words is its own.
        text = (ROOT / "seeds" / "policies" / STARTER_POLICY).read_text(encoding="utf-8")
        policy = read_policy(text, source=STARTER_POLICY)
        import_policy(session, policy, text, actor="system")
