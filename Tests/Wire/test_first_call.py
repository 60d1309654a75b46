"""The first requests of new clients, when connections are just being made, through each door."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from certificates import Certificate
from dial_table import NUMBER
from fronts import Nginx, nghttpx, nginx
from operations import AGENT
from sessions import DOORS, Asked, Door
from wires import WIRES, Line, Wire

CLIENTS = 60
FEWER_CLIENTS = 10
CALLS = [Asked("calls.send", {"agentId": AGENT, "toNumber": NUMBER})] * 40


@pytest.fixture(scope="module", params=WIRES, ids=repr)
def wire(request: pytest.FixtureRequest) -> Wire:
    chosen: Wire = request.param
    return chosen


@pytest.fixture(scope="module")
def over_nginx(
    wire: Wire, certificate: Certificate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Nginx]:
    with nginx(wire.name, certificate, tmp_path_factory.mktemp("nginx")) as running:
        yield running


@pytest.fixture(scope="module")
def over_nghttpx(
    wire: Wire, certificate: Certificate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Nginx]:
    folder = tmp_path_factory.mktemp("nghttpx")
    with (
        nginx("plain", certificate, folder / "nginx", reads_first=True) as behind,
        nghttpx(wire.name, certificate, folder, behind.port) as url,
    ):
        yield behind._replace(url=url)


def check(served_by: Nginx, line: Line, door: Door, rounds: int) -> None:
    clients = (CLIENTS if line.wire.speaks_http2 else FEWER_CLIENTS) * rounds
    before = served_by.requests()
    lost: Counter[str] = Counter()
    hurt = 0
    for _ in range(clients):
        session = door.open(served_by.url, line.options)
        outcomes = session.run(CALLS)
        session.close()
        failed = [outcome for outcome in outcomes if not outcome.ok]
        hurt += bool(failed)
        lost.update(f"{each.error['type']}, sent {each.sent}: {each.error}" for each in failed)
    assert not lost, f"{hurt} of {clients} clients lost calls: {lost.most_common(5)}"
    assert served_by.served(since=before) == clients * len(CALLS)


@pytest.mark.parametrize("door", DOORS, ids=repr)
def test_a_new_client_loses_none_of_its_first_calls_at_nginx(
    over_nginx: Nginx, wire: Wire, lines: dict[Wire, Line], door: Door,
    pytestconfig: pytest.Config,
) -> None:  # fmt: skip
    check(over_nginx, lines[wire], door, pytestconfig.getoption("--rounds"))


@pytest.mark.parametrize("door", DOORS, ids=repr)
def test_a_new_client_loses_none_of_its_first_calls_at_nghttpx(
    over_nghttpx: Nginx, wire: Wire, lines: dict[Wire, Line], door: Door,
    pytestconfig: pytest.Config,
) -> None:  # fmt: skip
    check(over_nghttpx, lines[wire], door, pytestconfig.getoption("--rounds"))
