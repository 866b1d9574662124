"""What can go wrong in the shell, said so that a person can act on it. No HTTP here."""

from __future__ import annotations


class AppError(Exception):
    """Base of the shell's errors.

    Args:
        message: what is wrong, naming the file, row or object.
        remedy: what to do next.
    """

    kind = "error"

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class NotFoundError(AppError):
    """The thing named does not exist here."""

    kind = "not_found"


class ConflictError(AppError):
    """The thing exists already, or has changed meanwhile."""

    kind = "conflict"


class InvalidInputError(AppError):
    """What was given cannot be used; nothing was changed."""

    kind = "invalid_input"


class NotPermittedError(AppError):
    """The actor may not do this."""

    kind = "not_permitted"


class SetupError(AppError):
    """This installation is not ready: a migration, a key or a part is missing."""

    kind = "setup"


class FencedError(AppError):
    """Another worker has taken this job over; this one must stop writing."""

    kind = "fenced"
