"""Proxies that are reached over TLS themselves."""

from __future__ import annotations

from typing import Any

import pytest

from certificates import Certificate
from doors import Door
from proxied import SEND, SERVICE, Configure, ask, context, shows_nothing_secret, with_login
from proxies import Tunnel, tunnel_to_silence, words
from recording_server import RecordingServer, Reply, answer, close_without_answer, reset, silence

pytestmark = pytest.mark.usefixtures("no_other_proxy")

# How one fails before the tunnel stands, as what the call ends, and whether it is repeated.
FAULTS: dict[str, tuple[Reply, str, bool]] = {
    "407": (answer(407), "connection", False),
    "503": (answer(503), "connection", True),
    "closed": (close_without_answer(), "connection", True),
    "reset": (reset(), "connection", True),
    "silent": (silence(), "timeout", True),
    "silent behind the tunnel": (tunnel_to_silence(), "timeout", True),
    "no HTTP": (words(b"SSH-2.0-OpenSSH_9.2\r\n"), "connection", True),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_fails_before_a_tunnel_within_tls_stands_was_not_sent(
    certificate: Certificate,
    service: RecordingServer,
    trusting: dict[str, Any],
    door: Door,
    name: str,
) -> None:
    reply, kind, is_repeated = FAULTS[name]
    with RecordingServer(tls=context(certificate)) as proxy:
        proxy.otherwise = reply
        options = {**trusting, "proxy": with_login(proxy, "https")}
        # Enough for the handshake with the proxy, also where there is much to do.
        options["connectTimeoutMs"] = 2000 if kind == "timeout" else 5000
        ended, text = ask(door, SERVICE, "calls.send", SEND, options)
        count = len(proxy.requests)
    error = ended["error"]
    assert (error["type"], error["sent"]) == (kind, "no"), ended
    assert error["retryable"] == is_repeated
    assert f"https://127.0.0.1:{proxy.port}" in error["message"]
    assert ended["meta"]["attempts"] == count == 1 + is_repeated
    assert service.connections == 0
    assert shows_nothing_secret(text), text


@pytest.mark.parametrize("status", [403, 407, 503])
def test_a_proxy_behind_tls_is_named(
    certificate: Certificate,
    service: RecordingServer,
    trusting: dict[str, Any],
    through: Configure,
    door: Door,
    status: int,
) -> None:
    with RecordingServer(tls=context(certificate)) as proxy:
        proxy.otherwise = answer(status)
        options = {**trusting, **through(with_login(proxy, "https"))}
        ended, text = ask(door, SERVICE, "calls.send", SEND, options)
        count = len(proxy.requests)
    error = ended["error"]
    assert (error["type"], error["sent"]) == ("connection", "no"), ended
    assert f"https://127.0.0.1:{proxy.port}" in error["message"]
    assert str(status) in error["message"]
    assert ended["meta"]["attempts"] == count == (2 if status == 503 else 1)
    assert service.connections == 0
    assert shows_nothing_secret(text)


def test_a_call_is_made_through_a_proxy_behind_tls(
    certificate: Certificate,
    service: RecordingServer,
    trusting: dict[str, Any],
    through: Configure,
    door: Door,
) -> None:
    with RecordingServer(tls=context(certificate)) as proxy:
        proxy.otherwise = Tunnel(service.port)
        options = {**trusting, **through(with_login(proxy, "https"))}
        ended, _ = ask(door, SERVICE, "calls.send", SEND, options)
    assert ended["ok"], ended
    assert len(service.requests) == 1


def test_a_proxy_whose_certificate_is_not_trusted_is_named(
    certificate: Certificate, through: Configure, door: Door
) -> None:
    with RecordingServer(tls=context(certificate)) as proxy:
        options = {"maxRetries": 1, **through(with_login(proxy, "https"))}
        ended, text = ask(door, SERVICE, "calls.send", SEND, options)
    assert (ended["error"]["type"], ended["error"]["sent"]) == ("tls", "no"), ended
    assert f"https://127.0.0.1:{proxy.port}" in ended["error"]["message"]
    assert proxy.requests == []
    assert shows_nothing_secret(text)
