"""House policies: the list, one version in words, and a new version tried before it is saved."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user
from werkzeug.wrappers import Response as WerkzeugResponse

from app.errors import InvalidInputError
from app.extensions import get_store
from app.queries.policies import get_policy, list_policies
from app.queries.policy_trial import Trial, try_policy
from app.security import requires, takes_files
from app.services.desk import request_renewal
from app.services.policies import import_policy
from app.views.desk_page import VERDICTS
from labeling.moderation.policy import LARGEST, Policy, read_policy
from labeling.moderation.tables import PolicyError

blueprint = Blueprint("policies", __name__, url_prefix="/policies")

# A trial on the page looks at the newest articles only; the command looks at all.
TRIED = 200


@blueprint.get("")
@requires("viewer")
def show_policies() -> str:
    """Every version of every policy."""
    with get_store().reading() as session:
        rows = list_policies(session)
    return render_template("policies/list.html", rows=rows)


@blueprint.get("/new")
@requires("admin")
def new_policy() -> Response:
    """The form for a new version; of a policy that is named, with its TOML."""
    name = request.args.get("from", "")
    text = ""
    if name:
        with get_store().reading() as session:
            text = get_policy(session, name).source
    return _form(text)


@blueprint.post("/new")
@requires("admin")
@takes_files
def save_policy() -> WerkzeugResponse:
    """Try a policy, or keep it as the newest version of its name."""
    text = ""
    try:
        text = _given()
        policy = read_policy(text, source="The policy")
    except (PolicyError, InvalidInputError) as err:
        return _form(text, err)
    if request.form.get("do") != "save":
        return _form(text, trial=try_policy(get_store(), policy, TRIED), policy=policy)
    with get_store().transaction() as session:
        done = import_policy(session, policy, text, actor=current_user.email)
        request_renewal(session, current_app.extensions["queue"], actor=current_user.email)
    said = "was saved" if done.made else "says the same as before, so it stays"
    flash(f"Version {done.version} {said}. A job looks at every article by it.", "success")
    return redirect(url_for(".show_policy", policy=done.name), 303)


@blueprint.get("/<policy>")
@requires("viewer")
def show_policy(policy: str) -> str:
    """One version of a policy, its rules in words."""
    n = request.args.get("version", type=int)
    with get_store().reading() as session:
        page = get_policy(session, policy, n)
    return render_template("policies/one.html", page=page, verdicts=VERDICTS)


def _given() -> str:
    """The policy's text: of the uploaded file, else what was pasted."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return request.form.get("text", "").replace("\r\n", "\n")
    try:
        return file.stream.read(4 * LARGEST).decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise InvalidInputError("The file is not UTF-8.", remedy="Save it as UTF-8.") from None


def _form(
    text: str,
    problem: PolicyError | InvalidInputError | None = None,
    trial: Trial | None = None,
    policy: Policy | None = None,
) -> Response:
    page = render_template(
        "policies/new.html",
        text=text,
        problem=problem,
        trial=trial,
        policy=policy,
        tried=TRIED,
        verdicts=VERDICTS,
    )
    return make_response(page, 422 if problem else 200)
