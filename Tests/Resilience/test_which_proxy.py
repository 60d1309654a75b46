"""Which proxy counts, the option's or the environment's, and which is named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from doors import Door
from proxied import LOGIN, SEND, SERVICE, ask, shows_nothing_secret, with_login
from proxies import Tunnel
from recording_server import RecordingServer, answer, json_answer

pytestmark = pytest.mark.usefixtures("no_other_proxy")


@pytest.fixture
def origin() -> Iterator[RecordingServer]:
    """A service without TLS."""
    with RecordingServer() as running:
        yield running


@pytest.mark.parametrize("exceptions", ["service.test", "*", ".test,192.0.2.0/24"])
@pytest.mark.parametrize("variable", ["no_proxy", "NO_PROXY"])
def test_the_environments_exceptions_do_not_count_for_the_option(
    service: RecordingServer,
    proxy: RecordingServer,
    trusting: dict[str, Any],
    door: Door,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    exceptions: str,
) -> None:
    """The key never goes around a proxy that the program has named."""
    monkeypatch.setenv(variable, exceptions)
    proxy.otherwise = Tunnel(service.port)
    ended, _ = ask(door, SERVICE, "calls.send", SEND, {**trusting, "proxy": with_login(proxy)})
    assert ended["ok"], ended
    assert proxy.only_request.line == "CONNECT service.test:443 HTTP/1.1"


def test_the_environments_exceptions_do_not_count_for_the_option_over_plain_http(
    proxy: RecordingServer, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    proxy.otherwise = json_answer({})
    options = {"proxy": with_login(proxy), "allowInsecureHttp": True, "maxRetries": 0}
    ended, _ = ask(door, "http://service.test", "calls.send", SEND, options)
    assert ended["ok"], ended
    assert proxy.only_request.line.startswith("POST http://service.test/")


def test_the_option_is_named_where_the_environment_excepts_the_service(
    free_port: int, trusting: dict[str, Any], door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1,service.test")
    options = {**trusting, "proxy": f"http://{LOGIN}@127.0.0.1:{free_port}"}
    ended, text = ask(door, SERVICE, "calls.send", SEND, options)
    assert (ended["error"]["type"], ended["error"]["sent"]) == ("connection", "no"), ended
    assert f"http://127.0.0.1:{free_port}" in ended["error"]["message"]
    assert shows_nothing_secret(text)


def test_a_proxy_that_the_request_does_not_go_through_is_not_named(
    free_port: int, trusting: dict[str, Any], door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"http://{LOGIN}@127.0.0.1:{free_port}")
    monkeypatch.setenv("no_proxy", "service.invalid")
    ended, text = ask(door, "https://service.invalid", "calls.send", SEND, trusting)
    assert (ended["error"]["type"], ended["error"]["sent"]) == ("connection", "no"), ended
    assert str(free_port) not in text
    assert shows_nothing_secret(text)


def test_a_proxy_that_a_request_over_plain_http_does_not_go_through_is_not_named(
    origin: RecordingServer, free_port: int, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://{LOGIN}@127.0.0.1:{free_port}")
    monkeypatch.setenv("no_proxy", "0.0.0.0")
    origin.otherwise = answer(407, "", {"Proxy-Authenticate": 'Basic realm="proxy"'})
    # Leads to this machine, but is no address of loopback.
    url = f"http://0.0.0.0:{origin.port}"
    ended, text = ask(door, url, "calls.send", SEND, {"allowInsecureHttp": True})
    assert ended["error"]["sent"] == "no", ended
    assert len(origin.requests) == 1
    assert str(free_port) not in text
