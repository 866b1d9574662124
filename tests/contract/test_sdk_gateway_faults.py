"""What the real gateway makes of a network and a server that fail."""

from __future__ import annotations

import base64
import json
import socket
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from labeling.errors import (
    AuthGatewayError,
    GatewayError,
    IncompleteGatewayError,
    MissingGatewayError,
    RejectedGatewayError,
    RetryableGatewayError,
)
from labeling.studio.gateway import ProjectSpec, ServerInfo
from labeling.studio.sdk_gateway import SdkGateway
from tests.contract.stub_server import HTML, Reply, StubServer, as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TOKEN = "0123456789abcdef0123456789abcdef01234567"
TASKS = b'[{"data": {"uid": "a", "text": "Secret words"}}]'
OK_IMPORT = as_json({"task_count": 1}, 201)
VERSION = as_json({"release": "1.23.2"})


def jwt(expires: int | None = 4_000_000_000, kind: str = "refresh") -> str:
    claims: dict[str, Any] = {"token_type": kind, "jti": uuid.uuid4().hex}
    if expires is not None:
        claims["exp"] = expires
    head, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": "HS256", "typ": "JWT"}, claims)
    )
    return f"{head}.{body}.c2lnbmF0dXJl"


@pytest.fixture
def stub() -> Iterator[StubServer]:
    with StubServer() as server:
        yield server


def gateway(stub: StubServer, token: str = TOKEN, **more: Any) -> SdkGateway:
    return SdkGateway(stub.url, token, **{"read_retries": 0, "timeout_s": 5, **more})


def failing_import(stub: StubServer, *replies: Reply, **more: Any) -> GatewayError:
    stub.replies = list(replies)
    with pytest.raises(GatewayError) as caught:
        gateway(stub, **more).import_tasks(7, TASKS)
    assert caught.value.operation == "import_tasks"
    assert TOKEN not in str(caught.value)
    assert "Secret words" not in str(caught.value)
    return caught.value


# --- what no answer means ---------------------------------------------------------------


def test_a_refused_connection_means_that_nothing_was_sent() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    studio = SdkGateway(f"http://127.0.0.1:{port}", TOKEN)
    with pytest.raises(RetryableGatewayError, match=f"cannot be reached.*:{port}") as caught:
        studio.import_tasks(7, TASKS)
    assert caught.value.sent is False
    assert caught.value.status is None


def test_a_host_without_an_address_means_that_nothing_was_sent() -> None:
    studio = SdkGateway("http://nowhere.invalid", TOKEN)
    with pytest.raises(RetryableGatewayError, match="cannot be reached") as caught:
        studio.import_tasks(7, TASKS)
    assert caught.value.sent is False


def test_a_connection_that_is_never_taken_means_that_nothing_was_sent() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        port = deaf.getsockname()[1]
        callers = [socket.socket() for _ in range(2)]
        try:
            for caller in callers:  # they fill the queue, so that ours is not let in
                caller.setblocking(False)
                caller.connect_ex(("127.0.0.1", port))
            studio = SdkGateway(f"http://127.0.0.1:{port}", TOKEN, timeout_s=0.3)
            with pytest.raises(RetryableGatewayError, match="timed out") as caught:
                studio.import_tasks(7, TASKS)
        finally:
            for caller in callers:
                caller.close()
    assert caught.value.sent is False


def test_a_connection_closed_after_the_body_may_have_stored_it(stub: StubServer) -> None:
    error = failing_import(stub, Reply(drop=True))
    assert isinstance(error, RetryableGatewayError)
    assert error.sent is True
    assert [asked.body for asked in stub.asked] == [TASKS]


def test_a_late_answer_may_have_stored_it(stub: StubServer) -> None:
    error = failing_import(stub, Reply(delay_s=0.5), timeout_s=0.1)
    assert isinstance(error, RetryableGatewayError)
    assert error.sent is True
    assert "no answer within 0.1 s" in error.message
    assert len(stub.asked) == 1


def test_an_answer_cut_short_may_have_stored_it(stub: StubServer) -> None:
    error = failing_import(stub, Reply(201, b'{"task_co', claims=10))
    assert isinstance(error, RetryableGatewayError)
    assert error.sent is True


# --- what a bad answer means ------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("body", [HTML, b'{"detail": "not now"}', b""])
def test_not_now_is_posted_once_and_may_be_tried_later(
    stub: StubServer, status: int, body: bytes
) -> None:
    error = failing_import(stub, Reply(status, body), OK_IMPORT)
    assert type(error) is RetryableGatewayError
    assert (error.status, error.sent) == (status, True)
    assert [asked.method for asked in stub.asked] == ["POST"]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, HTML),
        Reply(201, b'{"task_count": 1'),
        Reply(200, b""),
        Reply(200, b'"fine"'),
        Reply(201, b"{}"),
        Reply(201, b'{"task_count": null}'),
        Reply(400, HTML),
        Reply(400, b"[1]"),
        Reply(200, b"\xff\xfe{"),
    ],
)
def test_what_is_not_the_api_proves_nothing(stub: StubServer, reply: Reply) -> None:
    error = failing_import(stub, reply)
    assert type(error) is RetryableGatewayError
    assert (error.status, error.sent) == (
        reply.status if reply.status == 400 else error.status,
        True,
    )
    assert "not one of Label Studio's API" in error.message
    assert "proxy" in error.remedy
    assert len(stub.asked) == 1


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("body", [HTML, b'{"detail": "Invalid token."}'])
def test_a_refused_token_is_said_with_a_remedy(stub: StubServer, status: int, body: bytes) -> None:
    error = failing_import(stub, Reply(status, body))
    assert type(error) is AuthGatewayError
    assert error.status == status
    assert "legacy token" in error.message
    assert "Personal Access Token" in error.remedy
    assert len(stub.asked) == 1


@pytest.mark.parametrize("status", [413, 414])
def test_too_large_a_call_names_the_setting(stub: StubServer, status: int) -> None:
    error = failing_import(stub, Reply(status, HTML))
    assert type(error) is RejectedGatewayError
    assert "COPYDESK_PUSH_CHUNK" in error.remedy


def test_a_refusal_repeats_the_servers_reason_shortly(stub: StubServer) -> None:
    said = f"{TOKEN} and eyJhbGciOi.eyJleHAiOjF9.c2ln and " + "so on " * 200
    error = failing_import(stub, as_json({"detail": said}, 400))
    assert type(error) is RejectedGatewayError
    assert "[hidden] and [hidden] and so on" in error.message
    assert len(error.message) < 400


def test_a_refusal_without_a_reason_is_said_all_the_same(stub: StubServer) -> None:
    error = failing_import(stub, as_json({}, 400))
    assert error.message == "Label Studio refused it (HTTP 400)."


@pytest.mark.parametrize(
    "faults",
    [
        ["load_tasks: No tasks added", {}],
        "wrong",
        None,
    ],
)
def test_reasons_that_do_not_fit_the_items_are_not_pinned_to_them(
    stub: StubServer, faults: Any
) -> None:
    body = {"detail": "Validation error", "validation_errors": {"non_field_errors": faults}}
    error = failing_import(stub, as_json(body, 400))
    assert type(error) is RejectedGatewayError
    assert error.item_errors == ()


@pytest.mark.parametrize("payload", [b"{}", b"[{"])
def test_reasons_are_not_pinned_to_a_payload_that_is_no_list(
    stub: StubServer, payload: bytes
) -> None:
    stub.replies = [as_json({"detail": "x", "validation_errors": {"non_field_errors": ["y"]}}, 400)]
    with pytest.raises(RejectedGatewayError) as caught:
        gateway(stub).import_tasks(7, payload)
    assert caught.value.item_errors == ()


def test_a_refused_value_is_not_repeated(stub: StubServer) -> None:
    said = "data['text']=Secret words is of type 'str', but the object tag Image expects [] :: {}"
    body = {"detail": "Validation error", "validation_errors": {"non_field_errors": [said]}}
    error = failing_import(stub, as_json(body, 400))
    assert isinstance(error, RejectedGatewayError)
    assert error.item_errors == (
        "data['text'] is of type 'str', but the object tag Image expects []",
    )


# --- a project that is gone, and one that only seems so ---------------------------------


def test_an_html_404_is_a_missing_project_only_if_the_api_says_so_too(stub: StubServer) -> None:
    gone = as_json({"detail": "No Project matches the given query."}, 404)
    assert type(failing_import(stub, Reply(404, HTML), gone)) is MissingGatewayError
    assert [asked.method for asked in stub.asked] == ["POST", "GET"]


@pytest.mark.parametrize(
    "then",
    [
        Reply(404, HTML),
        as_json({"error": "no such route"}, 404),
        Reply(503, HTML),
        as_json({"id": 7, "title": "There", "description": None, "task_number": 1}),
    ],
)
def test_an_html_404_of_something_else_proves_nothing(stub: StubServer, then: Reply) -> None:
    error = failing_import(stub, Reply(404, HTML), then)
    assert type(error) is RetryableGatewayError
    assert (error.status, error.sent) == (404, True)


# --- redirects --------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_with_the_token(stub: StubServer, status: int) -> None:
    with StubServer() as elsewhere:
        elsewhere.replies = [as_json({"task_count": 1})]
        where = {"Location": f"{elsewhere.url}/login?next=%2Fapi"}
        error = failing_import(stub, Reply(status, b"", where))
        assert elsewhere.asked == []
        assert f"redirect to {elsewhere.url}" in error.message
        assert "next" not in error.message
    assert type(error) is RetryableGatewayError
    assert len(stub.asked) == 1


def test_a_redirect_to_a_page_of_the_same_server_is_none_of_the_api(stub: StubServer) -> None:
    error = failing_import(stub, Reply(302, b"", {"Location": "/user/login/"}))
    assert "redirect to another page" in error.message


def test_a_personal_token_is_not_sent_after_a_redirect(stub: StubServer) -> None:
    with StubServer() as elsewhere:
        elsewhere.replies = [as_json({"access": jwt(kind="access")})]
        stub.replies = [Reply(307, b"", {"Location": f"{elsewhere.url}/api/token/refresh/"})]
        with pytest.raises(RetryableGatewayError) as caught:
            gateway(stub, jwt()).import_tasks(7, TASKS)
        assert elsewhere.asked == []
    assert caught.value.sent is False


# --- personal access tokens -------------------------------------------------------------


def test_a_personal_token_is_changed_once_for_a_short_lived_one(stub: StubServer) -> None:
    personal, access = jwt(), jwt(kind="access")
    stub.replies = [as_json({"access": access}), OK_IMPORT, OK_IMPORT]
    studio = gateway(stub, f"  {personal}\n")
    assert studio.import_tasks(7, TASKS) == studio.import_tasks(7, TASKS) == 1
    assert [asked.path for asked in stub.asked] == [
        "/api/token/refresh/",
        "/api/projects/7/import",
        "/api/projects/7/import",
    ]
    assert json.loads(stub.asked[0].body) == {"refresh": personal}
    assert {asked.headers["Authorization"] for asked in stub.asked[1:]} == {f"Bearer {access}"}


def test_a_short_lived_token_refused_before_its_time_is_made_anew(stub: StubServer) -> None:
    first, second = jwt(kind="access"), jwt(kind="access")
    stub.replies = [
        as_json({"access": first}),
        as_json({"detail": "Token is invalid or expired"}, 401),
        as_json({"access": second}),
        OK_IMPORT,
    ]
    assert gateway(stub, jwt()).import_tasks(7, TASKS) == 1
    assert stub.asked[-1].headers["Authorization"] == f"Bearer {second}"


def test_a_personal_token_refused_twice_is_refused(stub: StubServer) -> None:
    stub.replies = [
        as_json({"access": jwt(kind="access")}),
        as_json({"detail": "Not for you"}, 401),
        as_json({"access": jwt(kind="access")}),
        as_json({"detail": "Not for you"}, 401),
    ]
    with pytest.raises(AuthGatewayError, match=r"personal access token.*Not for you"):
        gateway(stub, jwt()).import_tasks(7, TASKS)
    assert len(stub.asked) == 4


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (as_json({"detail": "Token is blacklisted"}, 401), AuthGatewayError),
        (as_json({"detail": "later"}, 503), RetryableGatewayError),
        (Reply(502, HTML), RetryableGatewayError),
        (Reply(200, HTML), RetryableGatewayError),
        (as_json({}), RetryableGatewayError),
        (Reply(drop=True), RetryableGatewayError),
        (Reply(delay_s=0.5), RetryableGatewayError),
    ],
)
def test_when_a_personal_token_cannot_be_changed_nothing_was_sent(
    stub: StubServer, reply: Reply, expected: type[GatewayError]
) -> None:
    stub.replies = [reply]
    with pytest.raises(expected) as caught:
        gateway(stub, jwt(), timeout_s=0.2).import_tasks(7, TASKS)
    assert caught.value.sent is False
    assert {asked.path for asked in stub.asked} == {"/api/token/refresh/"}


@pytest.mark.parametrize("expires", [1_000_000_000, None])
def test_a_personal_token_out_of_date_is_said_before_anything_is_sent(
    stub: StubServer, expires: int | None
) -> None:
    with pytest.raises(AuthGatewayError, match="out of date"):
        gateway(stub, jwt(expires))
    assert stub.asked == []


@pytest.mark.parametrize("token", ["", "  \n", "two words", "naïve", "line\nbreak"])
def test_what_cannot_be_a_token_is_said_before_anything_is_sent(
    stub: StubServer, token: str
) -> None:
    with pytest.raises(AuthGatewayError, match="cannot be used") as caught:
        gateway(stub, token)
    assert "flask studio connect" in caught.value.remedy


# --- addresses --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "labels.example.org",
        "ftp://labels.example.org",
        "http://",
        "http://host:port",
        "http://host:0",
        "http://[half",
        "http://admin:word@labels.example.org",
        "http://labels.example.org/?next=1",
        "http://labels.example.org/#top",
    ],
)
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(RejectedGatewayError, match="address of the connection") as caught:
        SdkGateway(url, TOKEN)
    assert "word" not in str(caught.value)


@pytest.mark.parametrize("ending", ["", "/", "//"])
def test_a_path_in_the_address_is_kept(stub: StubServer, ending: str) -> None:
    stub.replies = [as_json({"access": jwt(kind="access")}), OK_IMPORT]
    SdkGateway(f" {stub.url}/studio{ending} ", jwt()).import_tasks(7, TASKS)
    assert [asked.path for asked in stub.asked] == [
        "/studio/api/token/refresh/",
        "/studio/api/projects/7/import",
    ]


def test_proxies_of_the_environment_are_not_used(
    stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with StubServer() as proxy:
        proxy.replies = [OK_IMPORT]
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        stub.replies = [OK_IMPORT]
        assert gateway(stub).import_tasks(7, TASKS) == 1
        assert proxy.asked == []


# --- check ------------------------------------------------------------------------------


def test_the_token_is_not_shown_to_what_is_not_label_studio(stub: StubServer) -> None:
    for reply in (Reply(200, HTML), as_json({"version": "9"}), as_json([]), Reply(404, HTML)):
        stub.replies = [reply]
        for token in (TOKEN, jwt()):
            with pytest.raises(RetryableGatewayError, match="not one of Label Studio's API"):
                gateway(stub, token).check()
    assert all("Authorization" not in asked.headers for asked in stub.asked)
    assert {asked.path for asked in stub.asked} == {"/api/version"}


def test_too_old_a_server_is_said(stub: StubServer) -> None:
    stub.replies = [as_json({"release": "1.19.9"})]
    with pytest.raises(RejectedGatewayError, match=r"1\.19\.9 is too old; .* 1\.20 or later"):
        gateway(stub).check()


def test_disabled_legacy_tokens_are_said(stub: StubServer) -> None:
    said = "Authentication token no longer valid: legacy token authentication has been disabled"
    stub.replies = [VERSION, as_json({"detail": said}, 401)]
    with pytest.raises(AuthGatewayError, match="Legacy tokens are disabled") as caught:
        gateway(stub).check()
    assert "owner" in caught.value.remedy


def test_a_good_token_is_told_to_whom_it_belongs(stub: StubServer) -> None:
    stub.replies = [VERSION, as_json({"email": "admin@example.org"})]
    assert gateway(stub).check() == ServerInfo("1.23.2", "admin@example.org", "legacy")


def test_an_answer_without_an_account_is_none_of_the_api(stub: StubServer) -> None:
    stub.replies = [VERSION, as_json({"id": 1})]
    with pytest.raises(RetryableGatewayError, match="fields are missing"):
        gateway(stub).check()


# --- readings ---------------------------------------------------------------------------


def test_a_reading_is_tried_again_as_often_as_told(stub: StubServer) -> None:
    stub.replies = [Reply(503, HTML), as_json([{"id": 1, "email": "a@example.org"}])]
    assert [user.email for user in gateway(stub, read_retries=1).list_users()] == ["a@example.org"]
    assert len(stub.asked) == 2


def task(n: int, moment: str = "2026-01-01T00:00:00Z") -> dict[str, Any]:
    return {"id": n, "updated_at": moment, "data": {"uid": f"u{n}"}, "annotations": []}


def listing(total: int, *tasks: dict[str, Any]) -> Reply:
    return as_json({"total": total, "tasks": list(tasks)})


READINGS: list[Callable[[SdkGateway], object]] = [
    lambda studio: studio.list_task_refs(7),
    lambda studio: studio.find_tasks(7, ["u1"]),
    lambda studio: list(studio.iter_tasks(7, since=None)),
]


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize(
    "replies",
    [
        [listing(3)],  # none of three
        [listing(3, task(1), task(2)), listing(0)],  # the rest has gone
        [listing(3, task(1), task(2))],  # the same page again and again
    ],
)
def test_a_short_listing_is_an_error_and_no_end(
    stub: StubServer, reading: Callable[[SdkGateway], object], replies: list[Reply]
) -> None:
    stub.replies = list(replies)
    with pytest.raises(IncompleteGatewayError, match="short of the total"):
        reading(gateway(stub))


def test_a_server_that_ignores_the_filters_is_found_out(stub: StubServer) -> None:
    stub.replies = [listing(3, task(1), task(2, "2026-01-01T00:00:01Z"))]
    with pytest.raises(IncompleteGatewayError):
        list(gateway(stub).iter_tasks(7, since=None))
    assert len(stub.asked) == 2


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"total": 1, "tasks": None},
        {"total": 1, "tasks": [{}]},
        {"total": 1, "tasks": [7]},
        {"total": "many", "tasks": []},
        {"total": 1, "tasks": [{"id": 1, "updated_at": "today", "data": 5, "annotations": []}]},
    ],
)
def test_a_listing_of_something_else_is_none_of_the_api(
    stub: StubServer, reading: Callable[[SdkGateway], object], answer: Any
) -> None:
    stub.replies = [as_json(answer)]
    with pytest.raises(RetryableGatewayError, match="fields are missing"):
        reading(gateway(stub))


def test_uids_are_looked_up_in_the_address_of_a_reading(stub: StubServer) -> None:
    stub.replies = [listing(2, task(4), task(1))]
    found = gateway(stub).find_tasks(7, ["u1", "u4", "u1"])
    assert [(ref.ls_task_id, ref.uid) for ref in found] == [(1, "u1"), (4, "u4")]
    assert len(stub.asked) == 1
    assert "%22u1%22%2C%22u4%22" in stub.asked[0].path


def test_an_author_given_as_an_object_is_read_as_its_id(stub: StubServer) -> None:
    annotation = {
        "id": 5,
        "completed_by": {"id": 9, "email": "a@example.org"},
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T02:00:00+02:00",
        "result": None,
    }
    stub.replies = [listing(1, {**task(1), "annotations": [annotation]})]
    ((seen,),) = gateway(stub).iter_tasks(7, since="2026-01-01T00:00:00Z")
    (read,) = seen.annotations
    assert (read.completed_by, read.result, read.lead_time) == (9, [], None)
    assert read.updated_at == "2026-01-01T00:00:00.000000Z"
    assert read.raw == annotation


# --- projects ---------------------------------------------------------------------------


def project(n: int) -> dict[str, Any]:
    return {"id": n, "title": f"Lane {n}", "description": "m", "task_number": 0}


def projects(count: int, *ids: int) -> Reply:
    return as_json({"count": count, "next": "http://example.org/", "results": [*map(project, ids)]})


NO_PAGE = as_json({"detail": "Invalid page."}, 404)


def test_projects_are_read_over_all_pages_of_the_connections_own_address(stub: StubServer) -> None:
    stub.replies = [projects(3, 1, 2), projects(3, 3)]
    assert [found.id for found in gateway(stub).list_projects()] == [1, 2, 3]
    assert [asked.path.split("page=")[1][0] for asked in stub.asked] == ["1", "2"]


@pytest.mark.parametrize(
    "replies",
    [
        [projects(3, 1, 2), projects(3)],
        [projects(3, 1, 2), NO_PAGE],
        [projects(3, 1, 2), projects(2, 2), NO_PAGE],  # one was deleted meanwhile
    ],
)
def test_a_short_list_of_projects_is_an_error(stub: StubServer, replies: list[Reply]) -> None:
    stub.replies = list(replies)
    with pytest.raises(IncompleteGatewayError):
        gateway(stub).list_projects()


def test_a_project_is_asked_for_with_what_a_lane_needs(stub: StubServer) -> None:
    stub.replies = [as_json({**project(4), "task_number": None}, 201)]
    spec = ProjectSpec("A lane", "<View/>", "<p>Read.</p>", "m4", maximum_annotations=2)
    assert gateway(stub).create_project(spec).task_count == 0
    sent = json.loads(stub.asked[0].body)
    assert sent["description"] == "m4"
    assert sent["expert_instruction"] == "<p>Read.</p>"
    assert sent["maximum_annotations"] == 2
    assert (sent["show_instruction"], sent["skip_queue"]) == (True, "IGNORE_SKIPPED")


# --- the other writes ----------------------------------------------------------------------


def test_a_user_is_made_by_one_request(stub: StubServer) -> None:
    stub.replies = [as_json({"id": 3, "email": "a@example.org"}, 201)]
    assert gateway(stub).create_user("a@example.org").id == 3
    assert [json.loads(asked.body)["email"] for asked in stub.asked] == ["a@example.org"]


def test_an_annotation_is_submitted_by_one_request(stub: StubServer) -> None:
    stub.replies = [Reply(503, HTML), as_json({"id": 8}, 201)]
    studio = gateway(stub, read_retries=3)
    with pytest.raises(RetryableGatewayError):
        studio.submit_annotation(1, result=[], completed_by=2, unique_id="u", lead_time=1.5)
    assert studio.submit_annotation(1, result=[], completed_by=2, unique_id="u") == 8
    assert len(stub.asked) == 2
    assert json.loads(stub.asked[0].body) == {
        "result": [],
        "completed_by": 2,
        "unique_id": "u",
        "lead_time": 1.5,
        "was_cancelled": False,
    }


def test_a_project_counts_its_tasks(stub: StubServer) -> None:
    stub.replies = [as_json({**project(4), "task_number": 12})]
    assert gateway(stub).get_project(4).task_count == gateway(stub).count_tasks(4) == 12
