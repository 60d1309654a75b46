"""Hundreds of submitted requests at once, each on a connection of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from certificates import Certificate
from doors import Client, elapsed
from gate import SEND
from libcurl import KEEPS_CONNECTIONS
from native import Answer
from proxied import context
from recording_server import RecordingServer, Reply, answer, held, json_answer, silence

pytestmark = pytest.mark.skipif(
    not KEEPS_CONNECTIONS, reason="this libcurl opens a connection for each request"
)
# More than libcurl is given in one piece.
CROWD = 500
ROUNDS = 3
LONGEST = 10.0


@pytest.fixture
def client(server: RecordingServer) -> Iterator[Client]:
    with Client(server.url, maxInFlight=CROWD, maxRetries=0) as made:
        yield made


def submit(client: Client, count: int, **options: object) -> list[int]:
    numbers = [client.submit("calls.send", SEND, **options) for _ in range(count)]
    assert all(numbers)
    return numbers


def answers(client: Client, numbers: list[int]) -> list[Answer]:
    return [client.fetched(number).answer for number in numbers]


def round_of(client: Client, server: RecordingServer, count: int) -> None:
    """So many requests, all of which are under way before the first is answered."""
    release = threading.Event()
    server.otherwise = held(release, json_answer({}))
    before = len(server.requests)
    numbers = submit(client, count)
    server.wait_for(before + count)
    release.set()
    assert all(each["ok"] for each in answers(client, numbers))


def codes(found: list[Answer]) -> set[str]:
    return {each["error"]["type"] for each in found}


def test_a_crowd_opens_a_connection_for_each_and_keeps_it(
    client: Client, server: RecordingServer
) -> None:
    for _ in range(ROUNDS):
        round_of(client, server, CROWD)
        assert server.connections == CROWD


def test_a_few_requests_use_the_connections_of_a_crowd(
    client: Client, server: RecordingServer
) -> None:
    round_of(client, server, CROWD)
    for count in (1, 7, 130, 2, CROWD // 2):
        round_of(client, server, count)
    assert server.connections == CROWD


def test_a_crowd_that_grows_opens_what_is_missing(client: Client, server: RecordingServer) -> None:
    for count in (1, 100, 129, 300, CROWD):
        round_of(client, server, count)
        assert server.connections == count


def test_a_crowd_over_tls_keeps_its_connections(certificate: Certificate) -> None:
    count = 260
    options = {"caFile": str(certificate.authority), "maxInFlight": count}
    with (
        RecordingServer(tls=context(certificate)) as server,
        Client(f"https://127.0.0.1:{server.port}", **options) as client,
    ):
        # The first answer says which protocol the service speaks.
        round_of(client, server, 1)
        round_of(client, server, count)
        opened = server.connections
        for _ in range(ROUNDS):
            round_of(client, server, count)
        assert server.connections == opened


def test_no_handshake_of_a_crowd_is_taken_for_a_flood(certificate: Certificate) -> None:
    options = {"caFile": str(certificate.authority), "maxInFlight": CROWD, "maxRetries": 0}
    for _ in range(ROUNDS):
        with (
            RecordingServer(tls=context(certificate)) as server,
            Client(f"https://127.0.0.1:{server.port}", **options) as client,
        ):
            round_of(client, server, CROWD)


@pytest.mark.parametrize("in_flight", [300, CROWD])
def test_no_more_connections_are_open_than_allowed(server: RecordingServer, in_flight: int) -> None:
    most = 300
    release = threading.Event()
    server.otherwise = held(release, json_answer({}))
    with Client(server.url, maxConnections=most, maxInFlight=in_flight) as client:
        numbers = submit(client, 2 * CROWD)
        server.wait_for(most)
        time.sleep(0.3)
        assert len(server.requests) == server.connections == most
        release.set()
        assert all(each["ok"] for each in answers(client, numbers))
        assert len(server.requests) == 2 * CROWD
    assert server.connections == most


def test_connections_that_the_service_closes_are_not_used_again(
    client: Client, server: RecordingServer
) -> None:
    round_of(client, server, CROWD)
    release = threading.Event()
    server.otherwise = held(release, answer(200, "{}", then_close=True))
    numbers = submit(client, CROWD)
    server.wait_for(2 * CROWD)
    release.set()
    assert all(each["ok"] for each in answers(client, numbers))
    server.wait_for_ends(CROWD)
    round_of(client, server, CROWD)
    assert server.connections == 2 * CROWD
    assert len(server.requests) == 3 * CROWD


def test_each_of_a_crowd_can_be_cancelled(client: Client, server: RecordingServer) -> None:
    server.otherwise = silence()
    numbers = submit(client, CROWD)
    server.wait_for(CROWD)
    for number in numbers:
        assert client.cancel(number) == 0
    assert codes(answers(client, numbers)) == {"cancelled"}
    round_of(client, server, CROWD)


def test_one_of_a_crowd_is_cancelled_and_the_others_are_answered(
    client: Client, server: RecordingServer
) -> None:
    release = threading.Event()
    server.otherwise = held(release, json_answer({}))
    numbers = submit(client, CROWD)
    server.wait_for(CROWD)
    chosen = numbers[:: CROWD // 7]
    for number in chosen:
        assert client.cancel(number) == 0
    assert codes(answers(client, chosen)) == {"cancelled"}
    release.set()
    others = [number for number in numbers if number not in set(chosen)]
    assert all(each["ok"] for each in answers(client, others))


def test_a_crowd_ends_in_time_and_the_next_is_answered(
    client: Client, server: RecordingServer
) -> None:
    server.otherwise = silence()
    with elapsed() as taken:
        numbers = submit(client, CROWD, timeoutMs=2500)
        assert codes(answers(client, numbers)) == {"timeout"}
    assert 2.4 <= taken[0] < LONGEST
    round_of(client, server, CROWD)


def test_a_client_is_closed_with_a_crowd_under_way(server: RecordingServer) -> None:
    server.otherwise = silence()
    with Client(server.url, maxInFlight=CROWD) as client:
        numbers = submit(client, CROWD)
        server.wait_for(CROWD)
        with elapsed() as taken:
            client.close(0)
        assert taken[0] < LONGEST
        assert codes(answers(client, numbers)) == {"cancelled"}


def test_what_is_never_answered_delays_none_of_the_others(
    client: Client, server: RecordingServer
) -> None:
    replies: list[Reply] = [silence(), json_answer({}), json_answer({})]
    server.script(*replies * (CROWD // 3))
    numbers = submit(client, CROWD, timeoutMs=20_000)
    ended = 0
    deadline = time.monotonic() + LONGEST
    while ended < 2 * (CROWD // 3) and time.monotonic() < deadline:
        came = client.next(100)
        ended += came is not None
    assert ended >= 2 * (CROWD // 3)
    for number in numbers:
        client.cancel(number)
