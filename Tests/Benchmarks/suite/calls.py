"""Requests a second, CPU, latency and memory of every client, in interleaved rounds."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from typing import NamedTuple

from suite import machine
from suite.contestants import BASELINES, Contestant, contestants
from suite.figures import Figure, figure
from suite.nginx import Nginx
from suite.service import BODY
from suite.settings import Settings, environment
from suite.wires import PLAIN, Address, Wire

# Every third round takes the packages from PyPI along.
PEERS_EVERY = 3
FEWEST_CALLS = 150
TRIAL_CALLS = 100


class Sample(NamedTuple):
    """One client in one round."""

    round: int
    per_second: float
    cpu_seconds: float
    p50: float | None
    p99: float | None
    megabytes: float
    connections: int
    server_share: float


class Result(NamedTuple):
    """One client in all rounds; ratios are to the baseline of the same round."""

    contestant: Contestant
    per_second: Figure
    # CPU seconds for 10,000 requests.
    cpu_seconds: Figure
    rate_ratio: Figure
    cpu_ratio: Figure
    p50: float | None
    p99: float | None
    megabytes: float
    connections: int
    server_share: float
    samples: dict[int, Sample]


class Ratios(NamedTuple):
    """One client to another, in the rounds that both took part in."""

    rate: Figure
    cpu: Figure


class Comparison(NamedTuple):
    """All clients, in the order of their list."""

    wire: Wire
    results: list[Result]

    def of(self, key: str) -> Result | None:
        return next((result for result in self.results if result.contestant.key == key), None)

    def ratios(self, key: str, to: str) -> Ratios | None:
        """None where one of them was not measured."""
        mine, theirs = self.of(key), self.of(to)
        if mine is None or theirs is None:
            return None
        pairs = [
            (sample, theirs.samples[turn])
            for turn, sample in mine.samples.items()
            if turn in theirs.samples
        ]
        return Ratios(
            figure(own.per_second / other.per_second for own, other in pairs),
            figure(own.cpu_seconds / other.cpu_seconds for own, other in pairs),
        )


def compare(settings: Settings, server: Nginx, wire: Wire) -> Comparison:
    everybody = contestants(settings, wire)
    address = server.at(wire)
    shuffle = random.Random(settings.seed).shuffle
    counts = {}
    for contestant in everybody:
        print(f"  trying {contestant.key}", flush=True)
        trial = _run(contestant, server, address, TRIAL_CALLS, 0)
        counts[contestant.key] = max(FEWEST_CALLS, round(trial.per_second * settings.seconds))

    samples: dict[str, list[Sample]] = {contestant.key: [] for contestant in everybody}
    rounds = settings.rounds if wire is PLAIN else settings.tls_rounds
    for turn in range(rounds):
        order = [one for one in everybody if one.close or turn % PEERS_EVERY == 0]
        shuffle(order)
        print(f"  {wire.title}, round {turn + 1} of {rounds}", flush=True)
        for contestant in order:
            sample = _run(contestant, server, address, counts[contestant.key], turn)
            samples[contestant.key].append(sample)
    return Comparison(wire, [_result(contestant, samples) for contestant in everybody])


def _run(contestant: Contestant, server: Nginx, address: Address, calls: int, turn: int) -> Sample:
    before = server.counts()
    command = [*machine.pinned(0), *contestant.command, address.url, str(calls)]
    if contestant.language == "C":
        command.append(BODY)
    variables = environment() | address.environment
    ended = subprocess.run(command, capture_output=True, text=True, env=variables, timeout=600)
    if ended.returncode != 0:
        sys.exit(
            f"{contestant.key} failed over {address.wire.title}:\n{ended.stderr or ended.stdout}"
        )
    found: dict[str, float] = json.loads(ended.stdout)
    after = server.counts()
    served = after.requests - before.requests
    if served < calls:
        sys.exit(f"{contestant.key} claims {calls} requests; the server has seen {served}")
    per_second = calls / found["wallSeconds"]
    return Sample(
        round=turn,
        per_second=per_second,
        cpu_seconds=found["cpuSeconds"] / calls * 10_000,
        p50=found.get("p50Milliseconds"),
        p99=found.get("p99Milliseconds"),
        megabytes=found["peakKilobytes"] / 1024,
        connections=after.connections - before.connections,
        server_share=(after.seconds - before.seconds) / served * per_second,
    )


def _result(contestant: Contestant, samples: dict[str, list[Sample]]) -> Result:
    own = samples[contestant.key]
    baseline = {sample.round: sample for sample in samples[BASELINES[contestant.group]]}
    return Result(
        contestant=contestant,
        per_second=figure(sample.per_second for sample in own),
        cpu_seconds=figure(sample.cpu_seconds for sample in own),
        rate_ratio=figure(one.per_second / baseline[one.round].per_second for one in own),
        cpu_ratio=figure(one.cpu_seconds / baseline[one.round].cpu_seconds for one in own),
        p50=_median_of([sample.p50 for sample in own]),
        p99=_median_of([sample.p99 for sample in own]),
        megabytes=figure(sample.megabytes for sample in own).median,
        connections=max(sample.connections for sample in own),
        server_share=figure(sample.server_share for sample in own).median,
        samples={sample.round: sample for sample in own},
    )


def _median_of(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return figure(known).median if known else None
