"""What fails before the tunnel of a proxy stands was not sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from certificates import make_certificate
from connect_proxy import Behaviour, ConnectProxy, close, refuse, stay_silent
from doors import DOORS, WARNING, Client, Door
from native import Answer
from recording_server import close_without_answer
from wires import TLS_WIRES, Line, Wire

USER, PASSWORD = "caller", "hunter2-secret"
SEND = {"agentId": "5d1c0a77e2b94f0013ab6c21", "toNumber": "+12025550164"}
# How it fails, and how often a POST is sent to the proxy.
FAILURES: dict[str, tuple[Behaviour, int]] = {
    "407": (refuse(407), 1),
    "403": (refuse(403), 1),
    "502": (refuse(502), 3),
    "503": (refuse(503), 3),
    "closed": (close, 3),
}

through_both_doors = pytest.mark.parametrize("door", DOORS, ids=repr)
over_tls = pytest.mark.parametrize("wire", TLS_WIRES, ids=repr)


def call(line: Line, url: str, proxy: ConnectProxy, door: Door, **options: Any) -> Answer:
    """The answer to a call through the proxy, whose password is nowhere in it or in the log."""
    given = {**line.options, "proxy": f"http://{USER}:{PASSWORD}@{proxy.address}", **options}
    lines: list[str] = []
    with Client(url, **given) as client:
        client.set_log(WARNING, lines.append)
        ended = door.start(client, "calls.send", SEND).ended().answer
        client.close(1000)
    assert PASSWORD not in json.dumps(ended) + "".join(lines)
    return ended


@over_tls
@through_both_doors
@pytest.mark.parametrize("failure", FAILURES)
def test_a_proxy_that_lets_nothing_through_is_named_and_nothing_was_sent(
    lines: dict[Wire, Line], wire: Wire, door: Door, failure: str
) -> None:
    behaviour, attempts = FAILURES[failure]
    with lines[wire].server() as service, ConnectProxy(behaviour) as proxy:
        ended = call(lines[wire], service.url, proxy, door)
        assert service.requests == []
    error = ended["error"]
    assert (error["type"], error["sent"]) == ("connection", "no"), ended
    assert f"http://{proxy.address}" in error["message"]
    assert (failure in error["message"]) == failure.isdigit()
    assert len(proxy.heads) == ended["meta"]["attempts"] == attempts


@over_tls
@through_both_doors
def test_a_silent_proxy_takes_the_time_of_a_connection(
    lines: dict[Wire, Line], wire: Wire, door: Door
) -> None:
    with lines[wire].server() as service, ConnectProxy(stay_silent) as proxy:
        ended = call(
            lines[wire],
            service.url,
            proxy,
            door,
            connectTimeoutMs=300,
            timeoutMs=2000,
            maxRetries=1,
        )
        assert service.requests == []
    assert (ended["error"]["type"], ended["error"]["sent"]) == ("timeout", "no"), ended
    assert f"http://{proxy.address}" in ended["error"]["message"]
    assert ended["meta"]["attempts"] == 2


@over_tls
@through_both_doors
def test_a_certificate_that_is_not_trusted_behind_the_proxy_names_it(
    lines: dict[Wire, Line], wire: Wire, door: Door, tmp_path: Path
) -> None:
    other = make_certificate(tmp_path).authority
    with lines[wire].server() as service, ConnectProxy(None) as proxy:
        ended = call(lines[wire], service.url, proxy, door, caFile=str(other))
        assert service.requests == []
    assert (ended["error"]["type"], ended["error"]["sent"]) == ("tls", "no"), ended
    assert f"http://{proxy.address}" in ended["error"]["message"]


@over_tls
@through_both_doors
def test_a_proxy_that_recovers_lets_the_call_through_once(
    lines: dict[Wire, Line], wire: Wire, door: Door
) -> None:
    with lines[wire].server() as service, ConnectProxy(refuse(502), close, None) as proxy:
        ended = call(lines[wire], service.url, proxy, door)
        assert ended["ok"], ended
        assert ended["meta"]["attempts"] == 3
        assert len(service.requests) == 1
    credentials = b"Proxy-Authorization: Basic"
    assert all(credentials in head for head in proxy.heads)


@over_tls
@through_both_doors
def test_a_connection_lost_behind_the_tunnel_may_have_been_acted_on(
    lines: dict[Wire, Line], wire: Wire, door: Door
) -> None:
    with lines[wire].server() as service, ConnectProxy(None) as proxy:
        service.otherwise = close_without_answer()
        ended = call(lines[wire], service.url, proxy, door)
        assert len(service.requests) == 1
    assert (ended["error"]["type"], ended["error"]["sent"]) == ("connection", "maybe"), ended
