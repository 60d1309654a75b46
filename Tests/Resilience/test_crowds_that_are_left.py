"""Connections of thousands of submitted requests, which the service closes afterwards."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from certificates import Certificate
from doors import Client
from gate import SEND
from leaving_service import LeavingService
from libcurl import KEEPS_CONNECTIONS
from proxied import context

pytestmark = pytest.mark.skipif(
    not KEEPS_CONNECTIONS, reason="this libcurl opens a connection for each request"
)
CROWD = 2000
LONGEST = 5.0


@pytest.fixture(autouse=True)
def descriptors() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 3 * CROWD), hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def sockets() -> int:
    """How many TCP sockets this process has; those that both ends have closed are in no list.

    libcurl has others of its own.
    """
    local = {line.split()[6] for line in Path("/proc/net/unix").read_text().splitlines()[1:]}
    count = 0
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            kind, _, number = os.readlink(f"/proc/self/fd/{descriptor}").partition(":")
        except FileNotFoundError:
            continue  # the listing's own
        count += kind == "socket" and number.strip("[]") not in local
    return count


def answer_all(client: Client, count: int) -> None:
    numbers = [client.submit("calls.send", SEND) for _ in range(count)]
    assert all(client.fetched(number).answer["ok"] for number in numbers)


def sockets_after(client: Client, expected: int) -> int:
    """How many are left when there are no more than expected, or the time is over."""
    deadline = time.monotonic() + LONGEST
    while sockets() > expected and time.monotonic() < deadline:
        client.next(50)
    return sockets()


def test_none_is_left_that_the_service_has_closed() -> None:
    with (
        LeavingService(CROWD) as service,
        Client(service.url, maxInFlight=CROWD) as client,
    ):
        before = sockets()
        answer_all(client, CROWD)
        assert sockets() >= before + 2 * CROWD
        service.close_connections()
        assert sockets_after(client, before) <= before


def test_none_is_left_that_the_service_has_closed_beside_others() -> None:
    with (
        LeavingService(CROWD) as service,
        Client(service.url, maxInFlight=CROWD) as client,
    ):
        before = sockets()
        answer_all(client, CROWD)
        service.close_connections(CROWD // 2)
        assert sockets_after(client, before + CROWD) <= before + CROWD
        answer_all(client, CROWD)


def test_none_is_left_that_the_service_has_closed_over_tls(certificate: Certificate) -> None:
    count = 300
    options = {"caFile": str(certificate.authority), "maxInFlight": count}
    with (
        LeavingService(count, context(certificate)) as service,
        Client(service.url, **options) as client,
    ):
        before = sockets()
        answer_all(client, count)
        service.close_connections()
        assert sockets_after(client, before) <= before
