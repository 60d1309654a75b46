"""No key, password or value of an option in an error or in the log, whoever repeats it."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

import pytest

from doors import KEY, WARNING, Client, Door, refused_options
from native import Answer
from operations import AGENT
from recording_server import RecordingServer, Reply, Request, answer, json_answer

SEND = {"agentId": AGENT, "toNumber": "+12025550164"}
PASSWORD = "hunter2-p%40ss"
ESCAPED = "".join(f"\\u{ord(letter):04x}" for letter in KEY)

ECHOES: dict[str, Reply] = {
    "the message": json_answer({"error": f"Invalid API key: {KEY}"}, 401),
    "details and code": json_answer({"error": "No", "details": KEY, "code": f"{KEY}!"}, 403),
    "the nested shape": json_answer({"error": {"message": KEY, "code": KEY}}, 400),
    "the body alone": json_answer({"error": "No", "given": {"x-api-key": [KEY]}}, 400),
    "a member's name": json_answer({"error": "No", KEY: 1}, 400),
    "escapes": answer(400, f'{{"error":"\\n{ESCAPED}\\"","b":"\\\\{KEY}\\\\"}}'),
    "JSON in JSON": json_answer({"error": f'{{"key":"{ESCAPED}"}}'}, 400),
    "a text": answer(502, f"x-api-key: {KEY}"),
    "a page": answer(502, f"<html>{KEY}</html>", {"Content-Type": "text/html"}),
    "the end of what is shown": answer(502, "x" * (4096 - 5) + KEY + "y" * 100),
    "a text that was cut": json_answer({"error": f"Invalid key {KEY[:9]}"}, 400),
    "a shortened key": json_answer({"error": f"Invalid key {KEY[:9]}... given"}, 400),
    "the request's id": json_answer({"error": "No"}, 400, {"X-Request-Id": KEY}),
    "the place of a redirect": answer(302, "", {"Location": f"https://a.example/?key={KEY}"}),
    "a success that is none": answer(200, f"<html>{KEY}</html>"),
    "percent-encoding": json_answer({"error": KEY.replace("-", "%2D")}, 400),
}


def log_of(client: Client) -> list[str]:
    lines: list[str] = []
    client.set_log(WARNING, lines.append)
    return lines


@pytest.mark.parametrize("place", ECHOES)
def test_a_service_that_echoes_the_key_does_not_get_it_into_the_error(
    server: RecordingServer, door: Door, place: str
) -> None:
    server.otherwise = ECHOES[place]
    with Client(server.url, maxRetries=0) as client:
        lines = log_of(client)
        ended = door.start(client, "calls.send", SEND).ended().answer
        client.close(1000)
    text = json.dumps(ended, ensure_ascii=False) + "".join(lines)
    assert not ended["ok"]
    assert "***" in text
    for length in range(8, len(KEY) + 1):
        assert KEY[:length] not in text
    assert KEY.replace("-", "%2D") not in text


def test_what_is_not_the_key_stays_as_it_came(server: RecordingServer, door: Door) -> None:
    body = '{ "error":"a\\u00e9\\n\\ud83d", "n":[1.50,-0, 1e400],"k":"sandbox", "z": null }'
    server.otherwise = answer(400, body)
    with Client(server.url) as client:
        ended = door.start(client, "calls.send", SEND).ended().answer
    assert ended["error"]["body"] == json.loads(body)


def test_a_key_of_digits_in_a_number_leaves_the_answer_well_formed(
    server: RecordingServer, door: Door
) -> None:
    server.otherwise = answer(400, '{"error":"No","id":123456789,"n":12345}')
    with Client(server.url, apiKey="12345678") as client:
        ended = door.start(client, "calls.send", SEND).ended().answer
    assert ended["error"]["body"] == {"error": "No", "id": "***9", "n": 12345}


def test_a_success_is_handed_over_as_it_came(server: RecordingServer, door: Door) -> None:
    server.otherwise = json_answer({"key": KEY})
    with Client(server.url) as client:
        ended = door.start(client, "calls.send", SEND).ended().answer
    assert ended["data"] == {"key": KEY}


@pytest.mark.parametrize(
    "proxy",
    [
        f"ftp://user:{PASSWORD}@127.0.0.1:1",
        f"htp://user:{PASSWORD}@127.0.0.1:1",
        f"http://user:{PASSWORD}@127.0.0.1:99999",
        f"http://user:{PASSWORD} x@127.0.0.1:1",
        f"http://user:{PASSWORD}%00@127.0.0.1:1",
        f"http://user:{PASSWORD}@x@127.0.0.1:1",
        f"http://user:{PASSWORD}@",
        f"http://user:{PASSWORD}@[::1",
        f"://user:{PASSWORD}@127.0.0.1",
        "http://",
    ],
)
def test_a_proxy_that_cannot_be_is_refused_without_its_password(proxy: str) -> None:
    error = refused_options(proxy=proxy)
    assert (error["type"], error["field"]) == ("configuration", "proxy")
    assert "hunter2" not in json.dumps(error)


@pytest.mark.parametrize(
    "proxy",
    ["", "127.0.0.1:1", "http://127.0.0.1:1", "HTTP://u:p%40@127.0.0.1:1/", "socks5h://[::1]:1"],
)
def test_a_proxy_that_can_be_is_taken(proxy: str) -> None:
    with Client("https://127.0.0.1:1", proxy=proxy):
        pass


@pytest.mark.parametrize("scheme", ["http", "socks5", "ftp", "htp"])
def test_the_password_of_a_proxy_of_the_environment_is_not_shown(
    door: Door, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"{scheme}://user:{PASSWORD}@127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    with Client("https://nosuchhost.invalid", maxRetries=1) as client:
        lines = log_of(client)
        ended = door.start(client, "agents.get", {"agentId": AGENT}).ended().answer
        client.close(1000)
    assert not ended["ok"]
    assert lines
    assert "hunter2" not in json.dumps(ended) + "".join(lines)


def test_a_proxy_that_repeats_its_password_does_not_get_it_into_the_error(door: Door) -> None:
    with RecordingServer() as proxy:
        proxy.otherwise = json_answer({"error": "hunter2-p@ss hunter2-p%40ss"}, 403)
        url = proxy.url.replace("//", f"//user:{PASSWORD}@")
        with Client("http://service.invalid", proxy=url, allowInsecureHttp=True) as client:
            ended = door.start(client, "calls.send", SEND).ended().answer
    assert ended["error"]["message"] == "*** ***"


def test_a_proxy_that_repeats_the_login_it_was_sent_does_not_get_it_into_the_error(
    door: Door,
) -> None:
    def echo(request: Request) -> Reply:
        return json_answer({"error": request.head, "head": request.headers}, 400)

    with RecordingServer() as proxy:
        proxy.respond = echo
        url = proxy.url.replace("//", f"//us%65r:{PASSWORD}@")
        with Client("http://service.invalid", proxy=url, allowInsecureHttp=True) as client:
            ended = door.start(client, "calls.send", SEND).ended().answer
        login = proxy.only_request.headers["proxy-authorization"].split()[-1]
    assert b64decode(login) == b"user:hunter2-p@ss"
    assert "Basic ***" in ended["error"]["message"]
    assert login not in json.dumps(ended)


OPTIONS: dict[str, Any] = {
    "baseUrl": "https://user:hunter2@api.example",
    "headers": {"Authorization: Bearer hunter2": "x"},
    "userAgent": "hunter2\n",
    "proxy": "hunter2://hunter2",
    "caFile": "hunter2\0",
    "routes": "hunter2",
    "timeoutMs": "hunter2",
}


@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_s_value_is_not_quoted(name: str) -> None:
    error = refused_options(**{name: OPTIONS[name]})
    assert error["field"] == name
    assert "hunter2" not in json.dumps(error)


def test_what_a_header_s_name_should_be_is_shown() -> None:
    error: Answer = refused_options(headers=OPTIONS["headers"])
    assert "'Authorization…'" in error["message"]
