"""The library and libcurl at a distance: a relay holds up everything that passes, both ways."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from suite import machine
from suite.figures import Figure, figure
from suite.nginx import Nginx
from suite.service import BODY
from suite.settings import Settings, environment
from suite.wires import Address, Wire

# Milliseconds in each direction.
DELAYS = (20, 80)
IN_FLIGHT = (1, 16, 64, 1_000)
NEW_CLIENTS = 3
FEWEST_WAVES = 3


class Traveller(NamedTuple):
    """Who is measured: the programs for the first answers and for many requests."""

    title: str
    first: str
    # None where only the first answer differs.
    many: str | None


TRAVELLERS = [
    Traveller("libcurl, easy and multi handle", "first_curl", "curl_multi"),
    Traveller("**libtrillet**, blocking and callback", "first_trillet", "trillet_callback"),
    Traveller("**libtrillet**, `trillet_client_warm` before", "first_warm", None),
]


class Crowd(NamedTuple):
    """So many requests in flight."""

    per_second: Figure
    connections: int


class Distance(NamedTuple):
    """One client over one wire at one distance."""

    wire: Wire
    delay: int
    title: str
    first_milliseconds: Figure
    # By the number in flight.
    crowds: dict[int, Crowd]


class _Sample(NamedTuple):
    first_milliseconds: float
    per_second: dict[int, float]
    connections: dict[int, int]


def measure(settings: Settings, server: Nginx, wire: Wire) -> list[Distance]:
    found = []
    for delay in DELAYS:
        print(f"  {wire.title}, {delay} ms away", flush=True)
        with _relay(settings, server.at(wire), delay) as address:
            found += _at(settings, server, address, delay)
    return found


def _at(settings: Settings, server: Nginx, address: Address, delay: int) -> list[Distance]:
    shuffle = random.Random(settings.seed).shuffle
    samples: dict[str, list[_Sample]] = {one.title: [] for one in TRAVELLERS}
    for _ in range(settings.distance_rounds):
        order = list(TRAVELLERS)
        shuffle(order)
        for one in order:
            samples[one.title].append(_travel(settings, server, address, delay, one))
    return [
        Distance(
            address.wire,
            delay,
            one.title,
            figure(sample.first_milliseconds for sample in samples[one.title]),
            {
                in_flight: Crowd(
                    figure(sample.per_second[in_flight] for sample in samples[one.title]),
                    max(sample.connections[in_flight] for sample in samples[one.title]),
                )
                for in_flight in samples[one.title][0].per_second
            },
        )
        for one in TRAVELLERS
    ]


def _travel(
    settings: Settings, server: Nginx, address: Address, delay: int, one: Traveller
) -> _Sample:
    first = [str(settings.programs / one.first), address.url, str(NEW_CLIENTS), BODY]
    milliseconds = _run(address, first)["milliseconds"]
    per_second, connections = {}, {}
    for in_flight in IN_FLIGHT if one.many else ():
        waves = max(FEWEST_WAVES, round(settings.distance_seconds * 1000 / (2 * delay)))
        calls = waves * in_flight
        many = [str(settings.programs / str(one.many)), address.url, str(calls), BODY]
        before = server.counts()
        found = _run(address, [*many, str(in_flight)])
        per_second[in_flight] = calls / found["wallSeconds"]
        connections[in_flight] = server.counts().connections - before.connections
    return _Sample(milliseconds, per_second, connections)


def _run(address: Address, command: list[str]) -> dict[str, float]:
    ended = subprocess.run(
        [*machine.pinned(0), *command],
        capture_output=True,
        text=True,
        env=environment() | address.environment,
        timeout=120,
    )
    if ended.returncode != 0:
        sys.exit(f"{command[0]} failed at a distance:\n{ended.stderr or ended.stdout}")
    found: dict[str, float] = json.loads(ended.stdout)
    return found


@contextmanager
def _relay(settings: Settings, address: Address, delay: int) -> Iterator[Address]:
    """The server's address at a distance."""
    command = [str(settings.programs / "relay"), str(address.port), str(delay)]
    relay = subprocess.Popen(
        [*machine.pinned(-1), *command], stdout=subprocess.PIPE, text=True, env=environment()
    )
    try:
        assert relay.stdout is not None
        port = relay.stdout.readline().strip()
        if not port:
            sys.exit("the relay did not start; its message is above")
        yield address.through(int(port))
    finally:
        relay.terminate()
        relay.wait(timeout=10)
