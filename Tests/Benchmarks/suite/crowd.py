"""Thousands of requests in flight, to a server that answers each of them 50 ms after it came."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, NamedTuple

from suite import machine
from suite.contestants import PROGRAMS
from suite.figures import Figure, figure, ratio, short, table
from suite.goals import Goal, at_least
from suite.held import OTHER_FILES, raise_file_limit
from suite.service import ANSWER, BODY
from suite.settings import CrowdSize, Settings, environment

DELAY = 50
BASELINE = "curl_socket"
POLL = "curl_multi"
OWN = ("trillet_next", "trillet_next_driven", "trillet_callback_driven")
# To libcurl's event loop over epoll, and to its curl_multi_poll.
LEAST_TO_BASELINE = 1.0
LEAST_TO_POLL = 3.0


class Crowd(NamedTuple):
    """One program with so many in flight; ratios are to the others in the same round."""

    in_flight: int
    key: str
    title: str
    per_second: Figure
    to_baseline: Figure
    to_poll: Figure
    # Microseconds of CPU for a call.
    cpu: Figure
    p50: float
    p99: float
    megabytes: float
    connections: int
    server_share: float


class _Sample(NamedTuple):
    per_second: float
    cpu: float
    p50: float
    p99: float
    megabytes: float
    connections: int
    server_share: float


class _Server:
    """The server, with what it says of itself."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.url = f"http://127.0.0.1:{self._line()}"

    def counts(self) -> tuple[int, int, float]:
        """Requests and connections so far, and CPU seconds."""
        stream = _stream(self._process.stdin)
        stream.write("\n")
        stream.flush()
        requests, connections = (int(word) for word in self._line().split())
        return requests, connections, machine.processor_seconds(self._process.pid)

    def _line(self) -> str:
        line = _stream(self._process.stdout).readline().strip()
        if not line:
            sys.exit("the delaying server has ended; its message is above")
        return line


def measure(settings: Settings) -> list[Crowd]:
    """Every program with every number in flight, as many as this process may open files for."""
    most = raise_file_limit() - OTHER_FILES
    found = []
    for size in settings.crowds:
        if size.in_flight > most:
            print(f"  {size.in_flight:,} in flight: no; only {most:,} files may be open")
            continue
        with _running(settings) as server:
            found += _measure(settings, server, size)
    return found


def _measure(settings: Settings, server: _Server, size: CrowdSize) -> list[Crowd]:
    shuffle = random.Random(settings.seed).shuffle
    always = (BASELINE, POLL)
    keys = [*always, *(key for key in OWN if settings.only.takes(key))]
    samples: dict[str, list[_Sample]] = {key: [] for key in keys}
    for turn in range(size.rounds):
        print(f"  {size.in_flight:,} in flight, round {turn + 1} of {size.rounds}", flush=True)
        order = list(keys)
        shuffle(order)
        for key in order:
            samples[key].append(_run(settings, server, size, key))
    return [_crowd(size, key, samples) for key in keys]


def _run(settings: Settings, server: _Server, size: CrowdSize, key: str) -> _Sample:
    requests, connections, seconds = server.counts()
    command = [str(settings.programs / key), server.url, str(size.calls), BODY, str(size.in_flight)]
    ended = subprocess.run(
        [*machine.pinned(0), *command],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=600,
    )
    if ended.returncode != 0:
        sys.exit(f"{key} failed with {size.in_flight} in flight:\n{ended.stderr or ended.stdout}")
    found: dict[str, float] = json.loads(ended.stdout)
    served, opened, spent = server.counts()
    served -= requests
    if served < size.calls:
        sys.exit(f"{key} claims {size.calls} requests; the server has seen {served}")
    per_second = size.calls / found["wallSeconds"]
    return _Sample(
        per_second=per_second,
        cpu=found["cpuSeconds"] / size.calls * 1e6,
        p50=found["p50Milliseconds"],
        p99=found["p99Milliseconds"],
        megabytes=found["peakKilobytes"] / 1024,
        connections=opened - connections,
        server_share=(spent - seconds) / served * per_second,
    )


def _crowd(size: CrowdSize, key: str, samples: dict[str, list[_Sample]]) -> Crowd:
    own = samples[key]

    def to(other: str) -> Figure:
        pairs = zip(own, samples[other], strict=True)
        return figure(mine.per_second / theirs.per_second for mine, theirs in pairs)

    return Crowd(
        in_flight=size.in_flight,
        key=key,
        title=next(title for name, title, _ in PROGRAMS if name == key),
        per_second=figure(sample.per_second for sample in own),
        to_baseline=to(BASELINE),
        to_poll=to(POLL),
        cpu=figure(sample.cpu for sample in own),
        p50=figure(sample.p50 for sample in own).median,
        p99=figure(sample.p99 for sample in own).median,
        megabytes=figure(sample.megabytes for sample in own).median,
        connections=max(sample.connections for sample in own),
        server_share=figure(sample.server_share for sample in own).median,
    )


def goals(crowds: list[Crowd]) -> list[Goal]:
    found = []
    for one in crowds:
        if one.key in OWN:
            title = f"{one.in_flight:,} in flight: {one.title}"
            for other, rate, least in (
                ("`curl_multi_socket_action`", one.to_baseline, LEAST_TO_BASELINE),
                ("`curl_multi_poll`", one.to_poll, LEAST_TO_POLL),
            ):
                found.append(at_least(f"{title}, to {other}", "requests/s", rate, least))
    return found


def rows(crowds: list[Crowd]) -> str:
    head = [
        *("in flight", "client", "requests/s", "× `curl_multi_socket_action`"),
        *("× `curl_multi_poll`", "CPU µs a call", "p50 ms", "p99 ms", "peak MB"),
        *("connections", "server's core"),
    ]
    lines = [
        [
            f"{one.in_flight:,}",
            f"**{one.title}**" if one.key in OWN else one.title,
            one.per_second.text(short),
            "baseline" if one.key == BASELINE else one.to_baseline.text(ratio),
            "baseline" if one.key == POLL else one.to_poll.text(ratio),
            one.cpu.text(short),
            short(one.p50),
            short(one.p99),
            f"{one.megabytes:.0f}",
            f"{one.connections:,}",
            f"{one.server_share * 100:.0f} %",
        ]
        for one in crowds
    ]
    return table(head, lines)


@contextmanager
def _running(settings: Settings) -> Iterator[_Server]:
    command = [str(settings.programs / "delaying_server"), str(DELAY), ANSWER]
    process = subprocess.Popen(
        [*machine.pinned(-1), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    try:
        yield _Server(process)
    finally:
        process.terminate()
        process.wait(timeout=10)


def _stream(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream
