"""What can go wrong in the core, said so that a person can act on it.

Every error carries a ``kind`` (a stable word for programs), a message (for people) and,
where there is one, a remedy (what to do next). None of them knows HTTP or SQL.
"""

from __future__ import annotations


class LabelingError(Exception):
    """Base of all errors of the core."""

    kind = "labeling_error"

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class TextError(LabelingError):
    """The bytes of an article cannot be used; nothing of it was taken."""

    kind = "unusable_text"


class EditError(LabelingError):
    """An article cannot be cut as asked; nothing was changed."""

    kind = "bad_edit"


class SchemeError(LabelingError):
    """A label config or a guideline cannot be used as a scheme."""

    kind = "bad_scheme"


class ExportError(LabelingError):
    """A file is no export of Label Studio that can be adopted."""

    kind = "bad_export"


class DealError(LabelingError):
    """A batch cannot be dealt as asked."""

    kind = "bad_deal"


class GatewayError(LabelingError):
    """A call to Label Studio failed.

    Args:
        operation: what was tried, such as ``import_tasks``.
        status: the HTTP status, or None when no answer came.
        sent: False only when it is certain that the server never got the request; a write
            with ``sent=True`` may have been carried out although it failed for us.
    """

    kind = "studio_error"

    def __init__(
        self,
        message: str,
        *,
        operation: str = "",
        status: int | None = None,
        sent: bool = True,
        remedy: str = "",
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.operation = operation
        self.status = status
        self.sent = sent


class RetryableGatewayError(GatewayError):
    """Down, slow, overloaded, or answered with something that is not its API: try later."""

    kind = "studio_unavailable"


class RejectedGatewayError(GatewayError):
    """Label Studio understood and said no; the same call will be refused again.

    Args:
        item_errors: for an import, one entry an item in the order sent: None where the item
            was good, else why it was refused. Empty when the whole call was refused.
    """

    kind = "studio_rejected"

    def __init__(
        self,
        message: str,
        *,
        operation: str = "",
        status: int | None = None,
        remedy: str = "",
        item_errors: tuple[str | None, ...] = (),
    ) -> None:
        super().__init__(message, operation=operation, status=status, remedy=remedy)
        self.item_errors = item_errors


class AuthGatewayError(RejectedGatewayError):
    """The token was refused (401, 403)."""

    kind = "studio_token"


class MissingGatewayError(RejectedGatewayError):
    """The project or task asked for is not there (404)."""

    kind = "studio_missing"


class IncompleteGatewayError(GatewayError):
    """A listing ended before the server's own total was reached: it proves nothing."""

    kind = "studio_incomplete"
