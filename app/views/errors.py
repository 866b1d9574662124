"""Everything that can go wrong in a request, as a page, a fragment, or problem JSON.

One table says which status each kind of error has. Nobody sees a trace: an unforeseen error
gets an id, under which the log has the rest.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from flask import (
    Flask,
    Response,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.errors import AppError
from app.extensions import CLASH, STORE_FAULTS, UNUSABLE_VALUES
from app.logs import get_logger
from app.services.throttle import TooManyAttemptsError
from labeling.errors import LabelingError

log = get_logger()

# By the `kind` of AppError and LabelingError. Those of Label Studio are for the job pages: a
# request never calls it, so that one here would be our own mistake.
STATUSES = {
    "not_found": 404,
    "conflict": 409,
    "fenced": 409,
    "invalid_input": 422,
    "unusable_text": 422,
    "bad_scheme": 422,
    "bad_deal": 422,
    "bad_decision": 422,
    "bad_export": 422,
    "bad_format": 422,
    "bad_release": 422,
    "bad_split": 422,
    "bad_term": 422,
    "bad_edit": 422,
    "bad_policy": 422,
    "bad_verdict": 422,
    "wrong_credentials": 401,
    "not_signed_in": 401,
    "not_permitted": 403,
    "too_many_attempts": 429,
    "setup": 503,
    "spacy_missing": 503,
    "store": 503,
    "studio_error": 502,
    "studio_unavailable": 502,
    "studio_rejected": 502,
    "studio_token": 502,
    "studio_missing": 502,
    "studio_incomplete": 502,
    "error": 500,
    "labeling_error": 500,
}

_SAID_BETTER = {
    400: "The request could not be understood.",
    404: "There is no page at this address.",
    405: "This address does not take that kind of request.",
    413: "What was sent is too large.",
    415: "What was sent is not in a form that is understood here.",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, for whoever asked."""

    status: int
    kind: str
    message: str
    remedy: str = ""
    error_id: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The status in words."""
        return HTTPStatus(self.status).phrase


def init_app(app: Flask) -> None:
    """Answer every error of every request."""
    app.register_error_handler(AppError, _expected)
    app.register_error_handler(LabelingError, _expected)
    app.register_error_handler(HTTPException, _http)
    for fault in STORE_FAULTS:
        app.register_error_handler(fault, _store)
    for unusable in UNUSABLE_VALUES:
        app.register_error_handler(unusable, _unusable)
    app.register_error_handler(CLASH, _clash)
    app.register_error_handler(Exception, _unforeseen)


def _expected(err: AppError | LabelingError) -> Response:
    if err.kind == "not_signed_in" and not _is_api():
        return _to_sign_in()
    headers = {}
    if isinstance(err, TooManyAttemptsError):
        headers["Retry-After"] = str(err.wait_s)
    elif err.kind == "not_signed_in":
        headers["WWW-Authenticate"] = 'Bearer realm="Copydesk"'
    return _answer(Problem(STATUSES[err.kind], err.kind, err.message, err.remedy, headers=headers))


def _http(err: HTTPException) -> Response:
    if err.response is not None or err.code is None or err.code < 400:
        return make_response(err.get_response())
    if isinstance(err, CSRFError):
        return _answer(
            Problem(400, "form_expired", "This form is out of date.", "Load the page again.")
        )
    message = _SAID_BETTER.get(err.code, err.description or "")
    kind = HTTPStatus(err.code).name.lower()
    headers = {name: value for name, value in err.get_headers() if name in {"Allow", "Retry-After"}}
    return _answer(Problem(err.code, kind, message, _remedy(err.code), headers=headers))


def _remedy(code: int) -> str:
    most = request.max_content_length
    if code != 413 or most is None:
        return ""
    return (
        f"At most {most:,} bytes are taken at once. Send less at a time, or import files of any "
        "size on the command line: flask articles import PATH"
    )


def _store(err: Exception) -> Response:
    error_id = _log("store_fault", err)
    return _answer(
        Problem(
            STATUSES["store"],
            "store",
            "The store cannot be used just now.",
            "If this lasts, an admin finds what to do with: flask doctor",
            error_id,
        )
    )


def _unusable(err: Exception) -> Response:
    """A number or text that the store cannot hold: nothing was changed."""
    error_id = _log("unusable_value", err)
    return _answer(
        Problem(
            STATUSES["invalid_input"],
            "invalid_input",
            "A number or a text is too large to be used.",
            "Give a smaller one.",
            error_id,
        )
    )


def _clash(err: Exception) -> Response:
    error_id = _log("simultaneous_change", err)
    return _answer(
        Problem(
            STATUSES["conflict"],
            "conflict",
            "Somebody changed the same thing at the same moment.",
            "Try again.",
            error_id,
        )
    )


def _unforeseen(err: Exception) -> Response:
    error_id = _log("unforeseen_error", err)
    return _answer(
        Problem(
            500,
            "error",
            "Something went wrong here, and it is not your fault.",
            f"Tell an admin the number {error_id}: the log says more under it.",
            error_id,
        )
    )


def _log(event: str, err: Exception) -> str:
    error_id = secrets.token_hex(4)
    log.error(event, error_id=error_id, endpoint=request.endpoint, exc_info=err)
    return error_id


def _answer(problem: Problem) -> Response:
    if _is_api():
        response = _problem_json(problem)
    elif request.headers.get("HX-Request") == "true":
        response = make_response(render_template("errors/fragment.html", problem=problem))
    else:
        response = make_response(_page(problem))
    response.status_code = problem.status
    response.headers.extend(problem.headers)
    return response


def _page(problem: Problem) -> str:
    # Without a routing (a host that is not trusted) templates cannot make addresses.
    if request.routing_exception is not None and problem.status == 400:
        return f"{problem.title}\n"
    return render_template("errors/page.html", problem=problem)


def _problem_json(problem: Problem) -> Response:
    """RFC 9457, with our own ``kind`` and ``remedy`` as on the command line."""
    response = jsonify(
        type="about:blank",
        title=problem.title,
        status=problem.status,
        detail=problem.message,
        kind=problem.kind,
        remedy=problem.remedy,
        **({"id": problem.error_id} if problem.error_id else {}),
    )
    response.mimetype = "application/problem+json"
    return response


def _to_sign_in() -> Response:
    fragment = request.headers.get("HX-Request") == "true"
    seen = urlsplit(request.headers.get("HX-Current-URL", "")) if fragment else None
    place = seen.path if seen else request.full_path.rstrip("?")
    wanted = place if fragment or request.method == "GET" else "/"
    address = url_for("accounts.sign_in")
    if wanted not in {"", "/"}:
        address = f"{address}?{urlencode({'next': wanted})}"
    if fragment:
        response = make_response("", 401)
        response.headers["HX-Redirect"] = address
        return response
    return make_response(redirect(address))


def _is_api() -> bool:
    return request.path.startswith("/api/")
