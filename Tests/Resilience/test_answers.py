"""Answers that are not the service's, or not what was promised, and what an error says of them."""

from __future__ import annotations

import pytest

from doors import Client, Door
from libcurl import VERSION
from native import Answer
from operations import AGENT
from recording_server import Connection, RecordingServer, Reply, answer, json_answer

SEND = {"agentId": AGENT, "toNumber": "+12025550164"}
GET = {"agentId": AGENT}
JSON, HTML = {"Content-Type": "application/json"}, {"Content-Type": "text/html; charset=utf-8"}
PAGE = "\r\n <!DOCTYPE html><html><title>Sign in</title></html>"


def failed(
    reply: Reply, server: RecordingServer, door: Door, operation: str, request: object
) -> Answer:
    server.otherwise = reply
    with Client(server.url, maxRetries=0) as client:
        ended = door.start(client, operation, request).ended().answer
    assert not ended["ok"]
    error: Answer = ended["error"]
    return error


def exactly(data: bytes) -> Reply:
    def reply(connection: Connection) -> bool:
        connection.send(data)
        return True

    return reply


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304])
def test_after_a_redirect_of_a_post_the_service_may_have_acted(
    server: RecordingServer, door: Door, status: int
) -> None:
    place = {"Location": "https://elsewhere.example/" + "x" * 300}
    error = failed(answer(status, "", place), server, door, "calls.send", SEND)
    assert (error["type"], error["sent"]) == ("response", "maybe")
    assert "may have acted" in error["message"]
    assert f"Location: {place['Location']}" in error["details"]
    assert error["lookFor"]
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_that_asks_for_the_same_request_did_nothing(
    server: RecordingServer, door: Door, status: int
) -> None:
    error = failed(answer(status, "", {"Location": "/b"}), server, door, "calls.send", SEND)
    assert (error["type"], error["sent"]) == ("response", "no")
    assert error["details"] == "Location: /b"
    assert "lookFor" not in error


def test_a_web_page_in_place_of_a_success_leaves_it_open(
    server: RecordingServer, door: Door
) -> None:
    for headers in (HTML, {}, JSON):
        error = failed(answer(200, PAGE, headers), server, door, "calls.send", SEND)
        assert (error["type"], error["sent"]) == ("response", "maybe")
        assert error["code"] == "web_page"
        assert "web page" in error["message"]
        assert "baseUrl" in error["message"]
        assert error["lookFor"]


@pytest.mark.parametrize(
    "reply",
    [
        answer(200, PAGE, HTML),
        answer(200, PAGE, JSON),
        answer(200, "{", JSON),
        answer(200, "OK", {"Content-Type": "text/plain"}),
        answer(302, PAGE, {"Location": "/sign-in"}),
    ],
)
def test_an_error_of_a_get_does_not_speak_of_acting(
    server: RecordingServer, door: Door, reply: Reply
) -> None:
    error = failed(reply, server, door, "agents.get", GET)
    assert error["type"] == "response"
    assert "act" not in error["message"].replace("character", "")


def test_a_page_in_place_of_the_csv_template_is_an_error(
    server: RecordingServer, door: Door
) -> None:
    error = failed(answer(200, PAGE, HTML), server, door, "batch_calls.template", None)
    assert error["code"] == "web_page"


def test_a_page_for_a_post_by_method_and_path_is_no_success(
    server: RecordingServer, door: Door
) -> None:
    error = failed(answer(200, PAGE, HTML), server, door, "POST /v1/api/dial", {})
    assert (error["code"], error["sent"]) == ("web_page", "maybe")


def test_ill_formed_json_of_the_service_means_that_it_acted(
    server: RecordingServer, door: Door
) -> None:
    for reply in (answer(200, '{"callId":', JSON), answer(200, '{"callId":', {})):
        error = failed(reply, server, door, "calls.send", SEND)
        assert (error["type"], error["sent"]) == ("response", "yes")


@pytest.mark.parametrize("headers", [HTML, JSON], ids=["as HTML", "as JSON"])
@pytest.mark.parametrize("status", [401, 403, 404, 407, 500, 502, 503])
def test_a_page_in_place_of_a_refusal_is_not_blamed_on_the_key(
    server: RecordingServer, door: Door, status: int, headers: dict[str, str]
) -> None:
    error = failed(answer(status, PAGE, headers), server, door, "calls.send", SEND)
    assert error["code"] == "web_page"
    assert error["type"] == ("server" if status >= 500 else "response")
    assert "key" not in error["message"]
    assert ("proxy" if status == 407 else "web page") in error["message"]
    assert error["body"] == PAGE


def test_a_refusal_by_the_service_is_still_its_own(server: RecordingServer, door: Door) -> None:
    refusal = json_answer({"error": {"code": "forbidden", "message": "Not yours"}}, 403)
    error = failed(refusal, server, door, "calls.send", SEND)
    assert (error["type"], error["sent"]) == ("permission", "no")
    assert (error["message"], error["code"]) == ("Not yours", "forbidden")


def test_a_page_with_a_time_to_wait_is_no_leave_to_dial_again(
    server: RecordingServer, door: Door
) -> None:
    """Varnish answers so when it has lost the answer to a request that it passed on."""
    server.otherwise = answer(503, PAGE, {**HTML, "Retry-After": "0"})
    with Client(server.url) as client:
        ended = door.start(client, "calls.send", SEND).ended().answer
    assert ended["error"]["sent"] == "maybe"
    assert len(server.requests) == ended["meta"]["attempts"] == 1


def test_a_byte_order_mark_is_named(server: RecordingServer, door: Door) -> None:
    marked = answer(200, "\ufeff{}", JSON)
    error = failed(marked, server, door, "calls.send", SEND)
    assert "byte order mark" in error["details"]
    assert error["sent"] == "yes"
    utf_16 = answer(200, '{"a":1}'.encode("utf-16"), JSON)
    assert "UTF-16" in failed(utf_16, server, door, "calls.send", SEND)["details"]


def test_an_error_behind_a_byte_order_mark_is_read(server: RecordingServer, door: Door) -> None:
    marked = answer(404, '\ufeff{"error":"No such agent"}', JSON)
    assert failed(marked, server, door, "agents.get", GET)["message"] == "No such agent"


@pytest.mark.parametrize(
    ("lines", "limit"),
    [
        (b"X-Long: " + b"a" * 120_000 + b"\r\n", "100 KB"),
        ((b"X-Long: " + b"a" * 50_000 + b"\r\n") * 8, "262144 bytes"),
    ],
    ids=["one line", "many lines"],
)
def test_a_head_beyond_the_limit_is_an_answer_that_cannot_be_read(
    server: RecordingServer, door: Door, lines: bytes, limit: str
) -> None:
    head = b"HTTP/1.1 200 OK\r\n" + lines + b"Content-Length: 2\r\n\r\n{}"
    error = failed(exactly(head), server, door, "calls.send", SEND)
    assert (error["type"], error["sent"]) == ("response", "yes")
    assert limit in error["message"]
    assert not error["retryable"]


def test_trailers_do_not_change_what_the_head_said(server: RecordingServer, door: Door) -> None:
    body = b'{"error":"Busy"}'
    refusal = (
        b"HTTP/1.1 503 Busy\r\nContent-Type: application/json\r\nX-Request-Id: r-1\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\nRetry-After: 1\r\n\r\n"
        % (len(body), body)
    )
    error = failed(exactly(refusal), server, door, "calls.send", SEND)
    assert error["sent"] == "maybe"
    assert "retryAfterMs" not in error


@pytest.mark.parametrize("trailer", [b"no colon", b"HTTP/1.1 200 OK"])
def test_trailers_that_are_none_are_an_answer_that_cannot_be_read(
    server: RecordingServer, door: Door, trailer: bytes
) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    reply = exactly(head + b"2\r\n{}\r\n0\r\n" + trailer + b"\r\n\r\n")
    looks = VERSION >= (7, 83)
    if not looks and trailer == b"no colon":
        pytest.skip("this libcurl does not look at trailers")
    error = failed(reply, server, door, "calls.send", SEND)
    assert (error["type"], error["sent"]) == ("response" if looks else "connection", "maybe")
    assert "libcurl failed" not in error["message"]


def test_a_time_to_wait_on_a_line_of_its_own_is_read(server: RecordingServer, door: Door) -> None:
    refusal = b"HTTP/1.1 429 Wait\r\nRetry-After:\r\n 77\r\nContent-Length: 0\r\n\r\n"
    error = failed(exactly(refusal), server, door, "calls.send", SEND)
    assert error["retryAfterMs"] == 77_000
