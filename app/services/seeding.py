"""What a fresh instance has from the start; running it again changes nothing."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.services.accounts import ensure_roles
from app.services.schemes import import_scheme
from config import ROOT

SEED_SCHEME = "news"


def seed_instance(session: Session) -> None:
    """Make sure of the roles and the default scheme."""
    ensure_roles(session)
    folder = ROOT / "seeds" / "schemes" / SEED_SCHEME
    import_scheme(
        session,
        name=SEED_SCHEME,
        config=(folder / "config.xml").read_text(encoding="utf-8"),
        guideline=(folder / "guideline.md").read_text(encoding="utf-8"),
        actor="system",
    )
