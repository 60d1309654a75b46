"""What fails before a tunnel stands has not been sent; behind it the ordinary rules hold."""

from __future__ import annotations

import base64
from typing import Any, NamedTuple

import pytest

from doors import Client, Door, elapsed
from failing_service import head_alone
from libcurl import KEEPS_CONNECTIONS
from proxied import (
    LOGIN,
    PASSWORD,
    SEND,
    SERVICE,
    Configure,
    ask,
    shows_nothing_secret,
    with_login,
)
from proxies import SocksProxy, Tunnel, tunnel_that_closes, tunnel_to_silence, words
from recording_server import (
    RecordingServer,
    Reply,
    answer,
    close_without_answer,
    json_answer,
    reset,
    silence,
)

pytestmark = pytest.mark.usefixtures("no_other_proxy")


class Fault(NamedTuple):
    """How a proxy fails before the tunnel stands, and what is to come of it."""

    reply: Reply
    kind: str = "connection"
    is_repeated: bool = True
    said: str = ""
    connect_timeout_ms: int = 5000


BASIC = {"Proxy-Authenticate": 'Basic realm="proxy"'}
PAGE = {"Content-Type": "text/html"}
FAULTS = {
    "407": Fault(answer(407, "", BASIC), is_repeated=False, said="407"),
    "407 with a page": Fault(
        answer(407, "<html>No</html>" * 400, {**BASIC, **PAGE}), is_repeated=False, said="407"
    ),
    "407, closed": Fault(
        answer(407, "", {**BASIC, "Connection": "close"}, then_close=True),
        is_repeated=False,
        said="407",
    ),
    "403": Fault(answer(403, "<html>No</html>", PAGE), is_repeated=False, said="403"),
    "404": Fault(answer(404), is_repeated=False, said="404"),
    "302": Fault(answer(302, "", {"Location": "http://login.example/"}), said="302"),
    "408": Fault(answer(408), said="408"),
    "429": Fault(answer(429), said="429"),
    "500": Fault(answer(500), said="500"),
    "502": Fault(answer(502, "<html>Bad gateway</html>", PAGE), said="502"),
    "503": Fault(answer(503), said="503"),
    "504": Fault(answer(504), said="504"),
    "closed": Fault(close_without_answer()),
    "reset": Fault(reset()),
    "closed inside the head": Fault(words(b"HTTP/1.1 200 Connection est")),
    "silent": Fault(silence(), "timeout", connect_timeout_ms=300),
    "the tunnel closes at once": Fault(tunnel_that_closes(), "tls"),
    "silent behind the tunnel": Fault(tunnel_to_silence(), "timeout", connect_timeout_ms=300),
    "no HTTP": Fault(words(b"SSH-2.0-OpenSSH_9.2\r\n")),
    "header lines without end": Fault(
        words(b"HTTP/1.1 200 OK\r\n", then=b"X-Header: " + b"h" * 400 + b"\r\n"),
        "response",
        is_repeated=False,
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_fails_before_the_tunnel_stands_was_not_sent(
    service: RecordingServer,
    proxy: RecordingServer,
    trusting: dict[str, Any],
    through: Configure,
    door: Door,
    name: str,
) -> None:
    fault = FAULTS[name]
    proxy.otherwise = fault.reply
    options = {**trusting, "connectTimeoutMs": fault.connect_timeout_ms}
    options.update(through(with_login(proxy)))
    ended, text = ask(door, SERVICE, "calls.send", SEND, options)
    error = ended["error"]
    assert (error["type"], error["sent"]) == (fault.kind, "no"), ended
    assert error["retryable"] == fault.is_repeated
    assert f"http://127.0.0.1:{proxy.port}" in error["message"]
    assert fault.said in error["message"]
    assert "lookFor" not in error
    assert ended["meta"]["attempts"] == len(proxy.requests) == 1 + fault.is_repeated
    assert {request.line for request in proxy.requests} == {"CONNECT service.test:443 HTTP/1.1"}
    assert service.connections == 0
    assert shows_nothing_secret(text), text


@pytest.mark.parametrize("name", [name for name in FAULTS if FAULTS[name].is_repeated])
def test_a_call_is_made_once_the_proxy_leads_to_the_service(
    service: RecordingServer,
    proxy: RecordingServer,
    trusting: dict[str, Any],
    door: Door,
    name: str,
) -> None:
    proxy.script(FAULTS[name].reply)
    proxy.otherwise = Tunnel(service.port)
    timeout = FAULTS[name].connect_timeout_ms
    options = {**trusting, "proxy": with_login(proxy), "connectTimeoutMs": max(timeout, 1000)}
    ended, _ = ask(door, SERVICE, "calls.send", SEND, options)
    assert ended["ok"], ended
    assert ended["meta"]["attempts"] == len(proxy.requests) == 2
    assert service.only_request.method == "POST"


def test_the_key_goes_to_the_service_and_the_login_to_the_proxy(
    service: RecordingServer,
    proxy: RecordingServer,
    trusting: dict[str, Any],
    through: Configure,
    door: Door,
) -> None:
    proxy.otherwise = Tunnel(service.port)
    ended, _ = ask(door, SERVICE, "calls.send", SEND, {**trusting, **through(with_login(proxy))})
    assert ended["ok"], ended
    assert "x-api-key" not in proxy.only_request.headers
    scheme, _, login = proxy.only_request.headers["proxy-authorization"].partition(" ")
    assert (scheme, base64.b64decode(login).decode()) == ("Basic", f"user:{PASSWORD}")
    assert "proxy-authorization" not in service.only_request.headers


def test_a_certificate_that_is_not_trusted_behind_the_tunnel_names_the_proxy(
    service: RecordingServer, proxy: RecordingServer, through: Configure, door: Door
) -> None:
    proxy.otherwise = Tunnel(service.port)
    options = {"maxRetries": 1, **through(with_login(proxy))}
    ended, text = ask(door, SERVICE, "calls.send", SEND, options)
    assert (ended["error"]["type"], ended["error"]["sent"]) == ("tls", "no"), ended
    assert f"http://127.0.0.1:{proxy.port}" in ended["error"]["message"]
    assert ended["meta"]["attempts"] == 1
    assert service.requests == []
    assert shows_nothing_secret(text)


@pytest.mark.parametrize("host", ["127.0.0.1", "proxy.invalid"])
def test_a_proxy_that_cannot_be_reached_is_named(
    free_port: int, trusting: dict[str, Any], through: Configure, door: Door, host: str
) -> None:
    options = {**trusting, **through(f"{LOGIN}@{host}:{free_port}")}
    ended, text = ask(door, SERVICE, "calls.send", SEND, options)
    error = ended["error"]
    assert (error["type"], error["sent"], error["retryable"]) == ("connection", "no", True), ended
    assert f"http://{host}:{free_port}" in error["message"]
    assert ended["meta"]["attempts"] == 2
    assert shows_nothing_secret(text)


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_that_the_proxy_asks_for_is_kept(
    service: RecordingServer,
    proxy: RecordingServer,
    trusting: dict[str, Any],
    door: Door,
    status: int,
) -> None:
    proxy.script(answer(status, "", {"Retry-After": "1"}))
    proxy.otherwise = Tunnel(service.port)
    with elapsed() as taken:
        options = {**trusting, "proxy": with_login(proxy)}
        ended, _ = ask(door, SERVICE, "calls.send", SEND, options)
    assert ended["ok"], ended
    assert taken[0] >= 1


# Behind the tunnel.


LOST: dict[str, Reply] = {
    "closed": close_without_answer(),
    "reset": reset(),
    "closed inside the head": words(b"HTTP/1.1 200 OK\r\nContent-Type: appl"),
    "closed behind the head": head_alone(),
}
OPENINGS = {
    "plain": b"HTTP/1.1 200 Connection established\r\n\r\n",
    "as an answer": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    b"Content-Length: 0\r\nX-Request-Id: of-the-proxy\r\nRetry-After: 50\r\n\r\n",
}


@pytest.mark.parametrize("opening", OPENINGS)
@pytest.mark.parametrize("name", LOST)
def test_a_connection_that_is_lost_behind_the_tunnel_may_have_acted(
    service: RecordingServer,
    proxy: RecordingServer,
    trusting: dict[str, Any],
    door: Door,
    name: str,
    opening: str,
) -> None:
    proxy.otherwise = Tunnel(service.port, OPENINGS[opening])
    service.otherwise = LOST[name]
    options = {**trusting, "proxy": with_login(proxy)}
    ended, text = ask(door, SERVICE, "calls.send", SEND, options)
    error = ended["error"]
    assert (error["type"], error["sent"], error["retryable"]) == ("connection", "maybe", False)
    assert "proxy" not in error["message"]
    assert "retryAfterMs" not in error
    assert "of-the-proxy" not in text
    assert "lookFor" in error
    assert ended["meta"]["attempts"] == len(service.requests) == 1
    assert shows_nothing_secret(text)


def test_a_service_that_is_silent_behind_the_tunnel_may_have_acted(
    service: RecordingServer, proxy: RecordingServer, trusting: dict[str, Any], door: Door
) -> None:
    proxy.otherwise = Tunnel(service.port)
    service.otherwise = silence()
    options = {**trusting, "proxy": with_login(proxy), "timeoutMs": 1500}
    ended, _ = ask(door, SERVICE, "calls.send", SEND, options)
    assert (ended["error"]["type"], ended["error"]["sent"]) == ("timeout", "maybe"), ended
    assert len(service.requests) == 1


@pytest.mark.parametrize("status", [403, 407, 502])
def test_a_refusal_by_the_service_is_not_the_proxys(
    service: RecordingServer,
    proxy: RecordingServer,
    trusting: dict[str, Any],
    door: Door,
    status: int,
) -> None:
    proxy.otherwise = Tunnel(service.port)
    service.otherwise = json_answer({"error": "Not today"}, status)
    options = {**trusting, "proxy": with_login(proxy)}
    ended, _ = ask(door, SERVICE, "calls.send", SEND, options)
    assert ended["error"]["message"] == "Not today"
    assert len(service.requests) == 1


@pytest.mark.skipif(
    not KEEPS_CONNECTIONS, reason="this libcurl opens a connection for each request"
)
def test_a_tunnel_that_ended_while_idle_is_replaced_unnoticed(
    service: RecordingServer, proxy: RecordingServer, trusting: dict[str, Any], door: Door
) -> None:
    tunnel = Tunnel(service.port)
    proxy.otherwise = tunnel
    with Client(SERVICE, **trusting, proxy=with_login(proxy)) as client:
        for _ in range(2):
            assert door.start(client, "calls.send", SEND).ended().answer["ok"]
        assert len(proxy.requests) == 1
        tunnel.end()
        ended = door.start(client, "calls.send", SEND).ended().answer
    assert ended["ok"], ended
    assert ended["meta"]["attempts"] == 1
    assert (len(proxy.requests), len(service.requests)) == (2, 3)


def test_a_kept_tunnel_that_ends_as_the_request_arrives_may_have_acted(
    service: RecordingServer, proxy: RecordingServer, trusting: dict[str, Any], door: Door
) -> None:
    proxy.otherwise = Tunnel(service.port)
    service.script(json_answer({}), close_without_answer())
    with Client(SERVICE, **trusting, proxy=with_login(proxy)) as client:
        assert door.start(client, "calls.send", SEND).ended().answer["ok"]
        ended = door.start(client, "calls.send", SEND).ended().answer
    assert (ended["error"]["type"], ended["error"]["sent"]) == ("connection", "maybe"), ended
    assert len(service.requests) == 2


# Other kinds of proxies.


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_a_socks_proxy_that_refuses_the_login_is_asked_once(
    trusting: dict[str, Any], through: Configure, door: Door, scheme: str
) -> None:
    # An address, so that nobody has to look up the name of the service.
    with SocksProxy() as proxy:
        options = {**trusting, **through(f"{scheme}://{LOGIN}@127.0.0.1:{proxy.port}")}
        ended, text = ask(door, "https://192.0.2.1", "calls.send", SEND, options)
    error = ended["error"]
    assert (error["type"], error["sent"], error["retryable"]) == ("connection", "no", False), ended
    assert f"{scheme}://127.0.0.1:{proxy.port}" in error["message"]
    assert "user name" in error["message"]
    assert proxy.logins == [b"\x01\x04user\x0c" + PASSWORD.encode()]
    assert shows_nothing_secret(text)


def test_a_proxy_of_plain_http_that_asks_for_a_login_is_named(
    proxy: RecordingServer, door: Door
) -> None:
    proxy.otherwise = answer(407, "", BASIC)
    options = {"proxy": with_login(proxy), "allowInsecureHttp": True}
    ended, text = ask(door, "http://service.test", "calls.send", SEND, options)
    error = ended["error"]
    assert (error["type"], error["sent"], error["retryable"]) == ("rejected", "no", False), ended
    assert f"http://127.0.0.1:{proxy.port}" in error["message"]
    assert "407" in error["message"]
    assert shows_nothing_secret(text)
