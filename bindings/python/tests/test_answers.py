"""What comes back: data, empty answers, CSV, and every shape of error."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

import trillet
from operations import AGENT
from recording_server import RecordingServer, answer, chunked, half_body, json_answer

ERRORS: list[tuple[int, type[trillet.TrilletError]]] = [
    (400, trillet.RejectedError),
    (401, trillet.AuthenticationError),
    (402, trillet.RejectedError),
    (403, trillet.PermissionDeniedError),
    (404, trillet.NotFoundError),
    (408, trillet.RejectedError),
    (409, trillet.ConflictError),
    (413, trillet.RejectedError),
    (422, trillet.RejectedError),
    (429, trillet.RateLimitedError),
    (499, trillet.RejectedError),
    (500, trillet.ServerError),
    (503, trillet.ServerError),
    (599, trillet.ServerError),
    (301, trillet.ResponseError),
    (302, trillet.ResponseError),
    (307, trillet.ResponseError),
]


def failure(client: trillet.Trillet) -> trillet.TrilletError:
    with pytest.raises(trillet.TrilletError) as caught:
        client.calls.send(AGENT, "+12025550164")
    return caught.value


def test_the_data_of_an_answer_is_returned(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    value = {"_id": AGENT, "name": "Zoë 😀", "settings": {"speed": 0.5}, "list": [1, None, True]}
    server.script(json_answer(value))
    assert client.agents.get(AGENT) == value


def test_large_integers_come_back_exactly(client: trillet.Trillet, server: RecordingServer) -> None:
    server.script(answer(200, '{"n":123456789012345678901234567890}'))
    assert client.call("GET /n").data == {"n": 123456789012345678901234567890}


@pytest.mark.parametrize("status", [200, 201, 202, 299])
def test_every_2xx_is_a_success(
    client: trillet.Trillet, server: RecordingServer, status: int
) -> None:
    server.script(json_answer({"_id": AGENT}, status))
    response = client.call("agents.get", {"agentId": AGENT})
    assert (response.status, response.data) == (status, {"_id": AGENT})


@pytest.mark.parametrize("status", [200, 204])
def test_an_empty_answer_is_none(
    client: trillet.Trillet, server: RecordingServer, status: int
) -> None:
    server.script(answer(status))
    assert client.call("agents.delete", {"agentId": AGENT}).data is None


def test_a_chunked_answer_is_put_together(client: trillet.Trillet, server: RecordingServer) -> None:
    server.script(chunked(b'{"na', b'me":"\xc3', b'\xa4"}'))
    assert client.call("GET /x").data == {"name": "ä"}


@pytest.mark.parametrize("text", ["[]", "[1,2]", '"text"', "7", "true", "null"])
def test_an_answer_may_be_any_json_value(
    client: trillet.Trillet, server: RecordingServer, text: str
) -> None:
    server.script(answer(200, text, {"Content-Type": "application/json"}))
    assert client.call("GET /x").data == json.loads(text)


def test_the_template_is_given_as_text_with_its_name(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    text = "phone_number,first_name\r\n+12025550164,Zoë\r\n"
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="batch-calls-template.csv"',
    }
    server.script(answer(200, text, headers))
    template = client.batch_calls.template()
    assert template["text"] == text
    assert template["fileName"] == "batch-calls-template.csv"
    assert template["contentType"].startswith("text/csv")


def test_the_request_identifier_is_in_the_meta_information(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(json_answer({}, headers={"X-Request-Id": "req-77"}), json_answer({}))
    assert client.call("agents.list").meta["requestId"] == "req-77"
    assert client.call("agents.list").meta["requestId"] is None


@pytest.mark.parametrize(("status", "kind"), ERRORS)
def test_every_error_status_has_its_class(
    client: trillet.Trillet,
    server: RecordingServer,
    status: int,
    kind: type[trillet.TrilletError],
) -> None:
    server.script(json_answer({"error": "No luck"}, status, {"X-Request-Id": "req-1"}))
    error = failure(client)
    assert type(error) is kind
    assert error.type == kind.type
    assert error.status == status
    assert error.request_id == "req-1"
    assert error.operation == "calls.send"
    assert error.attempts == 1
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "sent"),
    [(302, "maybe"), (400, "no"), (404, "no"), (429, "no"), (408, "maybe"), (500, "maybe")],
)
def test_an_error_tells_whether_the_service_can_have_acted(
    client: trillet.Trillet, server: RecordingServer, status: int, sent: str
) -> None:
    server.script(json_answer({"error": "No luck"}, status))
    assert failure(client).sent == sent


@pytest.mark.parametrize(
    ("body", "message", "details", "code"),
    [
        pytest.param(
            {"error": "Failed to initiate call", "details": "trunk down", "code": "UNKNOWN_ERROR"},
            "Failed to initiate call",
            "trunk down",
            "UNKNOWN_ERROR",
            id="shape A",
        ),
        pytest.param(
            {"error": {"code": "invalid_number", "message": "That number cannot be called"}},
            "That number cannot be called",
            None,
            "invalid_number",
            id="shape B",
        ),
        pytest.param(
            {"error": "Batch not found", "message": "No batch has this id", "id": "batch_1"},
            "Batch not found",
            "No batch has this id",
            None,
            id="shape C",
        ),
        pytest.param(
            {"status": "not_found", "error": "Call not found"},
            "Call not found",
            None,
            "not_found",
            id="shape D",
        ),
    ],
)
def test_the_four_error_shapes_are_read(
    client: trillet.Trillet,
    server: RecordingServer,
    body: dict[str, Any],
    message: str,
    details: str | None,
    code: str | None,
) -> None:
    server.script(json_answer(body, 400))
    error = failure(client)
    assert error.message == message
    assert error.details == details
    assert error.code == code
    assert error.body == body


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<html><body>502 Bad Gateway</body></html>", "text/html"),
        ("", "text/html"),
        ("upstream connect error", "text/plain"),
        ('{"error": ', "application/json"),
        ("null", "application/json"),
        ("[]", "application/json"),
        ("7", "application/json"),
        ('"no"', "application/json"),
        ('{"error": 7}', "application/json"),
        ('{"error": {"code": 5, "message": null}}', "application/json"),
    ],
)
def test_an_error_without_a_usable_body_still_says_what_happened(
    client: trillet.Trillet, server: RecordingServer, text: str, kind: str
) -> None:
    server.script(answer(502, text, {"Content-Type": kind}))
    error = failure(client)
    assert type(error) is trillet.ServerError
    assert error.status == 502
    assert error.message
    assert "502" in str(error)


def test_the_body_of_an_error_page_is_kept_as_text(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    page = "<html><body>502 Bad Gateway</body></html>"
    server.script(answer(502, page, {"Content-Type": "text/html"}))
    assert failure(client).body == page


def test_a_rate_limit_tells_how_long_to_wait(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    body = {
        "error": {
            "code": "rate_limit_exceeded",
            "message": "Too many requests. Please try again in 17 seconds.",
        }
    }
    server.script(json_answer(body, 429, {"Retry-After": "17"}))
    error = failure(client)
    assert error.retry_after_ms == 17_000
    assert error.retryable
    assert error.code == "rate_limit_exceeded"
    assert "wait 17 s" in str(error)


@pytest.mark.parametrize(
    "text", ["{", '{"a":1}}', "{'a':1}", "NaN", '{"a":01}', '"\x01"', "[1,]", '"\\x"']
)
def test_a_success_that_is_ill_formed_json_is_a_response_error(
    client: trillet.Trillet, server: RecordingServer, text: str
) -> None:
    server.script(answer(200, text, {"Content-Type": "application/json"}))
    error = failure(client)
    assert type(error) is trillet.ResponseError
    assert (error.status, error.sent) == (200, "yes")
    assert error.body == text


def test_ill_formed_utf8_in_a_success_is_a_response_error(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(answer(200, b'{"a":"\xff"}', {"Content-Type": "application/json"}))
    assert type(failure(client)) is trillet.ResponseError


def test_an_answer_that_is_too_large_is_refused(server: RecordingServer) -> None:
    server.script(json_answer({"filler": "x" * 5000}))
    with trillet.Trillet("k", base_url=server.url, max_response_bytes=4096) as client:
        error = failure(client)
    assert type(error) is trillet.ResponseError
    assert error.sent == "yes"
    assert "4096" in str(error)


def test_an_answer_cut_short_is_a_connection_error(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(half_body(b'{"callId":"q7m2x0c9zt"}'))
    error = failure(client)
    assert type(error) is trillet.ConnectionFailedError
    assert error.sent == "maybe"
    assert error.look_for is not None
    assert error.look_for in str(error)


def test_a_redirect_is_not_followed(client: trillet.Trillet, server: RecordingServer) -> None:
    server.script(answer(302, "", {"Location": f"{server.url}/elsewhere"}))
    assert type(failure(client)) is trillet.ResponseError
    assert len(server.requests) == 1


def test_a_deeply_nested_answer_is_read_or_refused_by_a_typed_error(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    kind = {"Content-Type": "application/json"}
    server.script(answer(200, "[" * 500 + "]" * 500, kind), answer(200, "[" * 100_000, kind))
    deep = client.call("GET /deep").data
    for _ in range(499):
        (deep,) = deep
    assert deep == []
    with pytest.raises(trillet.ResponseError):
        client.call("GET /deeper")


def test_lone_surrogate_escapes_in_answers_pass_through(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(answer(200, '{"name":"\\ud800"}', {"Content-Type": "application/json"}))
    assert client.call("GET /x").data == {"name": "\ud800"}


@pytest.mark.skipif(not hasattr(sys, "set_int_max_str_digits"), reason="this Python has no limit")
def test_an_integer_too_long_for_python_is_a_response_error(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(answer(200, "9" * 10_000, {"Content-Type": "application/json"}))
    with pytest.raises(trillet.ResponseError, match="cannot be read by Python"):
        client.call("GET /n")
