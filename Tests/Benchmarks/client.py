#!/usr/bin/env python3
"""Runs one Python client in a process of its own and prints what it cost, as the C programs do.

usage: client.py NAME one|many|batch|first BASE_URL COUNT
"""

from __future__ import annotations

import gc
import json
import sys
import time

from clients import IN_FLIGHT, AsyncSend, Client, Send, load

WARM_UP = 2 * IN_FLIGHT


def memory(name: str) -> int:
    """`VmRSS` or `VmHWM` in KB."""
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith(name))
    return int(line.split()[1])


class Measurement:
    """From here on CPU and time count."""

    def __init__(self) -> None:
        gc.collect()
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def report(self, latencies: list[float], count: int) -> None:
        cpu, wall = time.process_time() - self._cpu, time.perf_counter() - self._wall
        result: dict[str, float] = {"calls": count, "cpuSeconds": cpu, "wallSeconds": wall}
        if latencies:
            latencies.sort()
            result["p50Milliseconds"] = latencies[len(latencies) // 2] * 1000
            result["p99Milliseconds"] = latencies[len(latencies) * 99 // 100] * 1000
        result["peakKilobytes"] = memory("VmHWM")
        print(json.dumps(result))


def measure_one(client: Client, url: str, count: int) -> None:
    """One request at a time."""
    if client.blocking is None:
        import asyncio

        asyncio.run(measure_async(client, url, count, 1))
        return
    latencies = [0.0] * count
    with client.blocking(url) as send:
        for _ in range(WARM_UP):
            send()
        start = Measurement()
        for index in range(count):
            since = time.perf_counter()
            send()
            latencies[index] = time.perf_counter() - since
        start.report(latencies, count)


async def measure_async(client: Client, url: str, count: int, in_flight: int) -> None:
    """So many tasks, each with one request after the other."""
    import asyncio

    assert client.asynchronous is not None

    async def work(send: AsyncSend, turns: range, latencies: list[float]) -> None:
        for _ in turns:
            since = time.perf_counter()
            await send()
            latencies.append(time.perf_counter() - since)

    async with client.asynchronous(url) as send:
        shares = [range(index, WARM_UP, in_flight) for index in range(in_flight)]
        await asyncio.gather(*(work(send, share, []) for share in shares))
        latencies: list[float] = []
        start = Measurement()
        shares = [range(index, count, in_flight) for index in range(in_flight)]
        await asyncio.gather(*(work(send, share, latencies) for share in shares))
        start.report(latencies, count)


def measure_threads(client: Client, url: str, count: int) -> None:
    """64 threads that share the client."""
    from concurrent.futures import ThreadPoolExecutor

    assert client.blocking is not None

    def work(send: Send, turns: range) -> list[float]:
        latencies = []
        for _ in turns:
            since = time.perf_counter()
            send()
            latencies.append(time.perf_counter() - since)
        return latencies

    with client.blocking(url) as send, ThreadPoolExecutor(IN_FLIGHT) as pool:

        def run(total: int) -> list[float]:
            shares = [range(index, total, IN_FLIGHT) for index in range(IN_FLIGHT)]
            parts = pool.map(lambda share: work(send, share), shares)
            return [latency for part in parts for latency in part]

        run(WARM_UP)
        start = Measurement()
        start.report(run(count), count)


def measure_batch(client: Client, url: str, count: int) -> None:
    """The client's own way to have many in flight."""
    assert client.batch is not None
    with client.batch(url) as send:
        send(WARM_UP)
        start = Measurement()
        start.report(send(count), count)


def measure_first(client: Client, url: str) -> None:
    """From the import to the first answer, in milliseconds, and the memory at the end."""
    since = time.perf_counter()
    if client.blocking is not None:
        with client.blocking(url) as send:
            send()
            seconds = time.perf_counter() - since
            kilobytes = memory("VmRSS")
    else:
        import asyncio

        async def first() -> tuple[float, int]:
            assert client.asynchronous is not None
            async with client.asynchronous(url) as send:
                await send()
                return time.perf_counter() - since, memory("VmRSS")

        seconds, kilobytes = asyncio.run(first())
    print(json.dumps({"milliseconds": seconds * 1000, "kilobytes": kilobytes}))


def main() -> None:
    name, shape, url, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    client = load(name)
    if client.prepare is not None:
        client.prepare()
    if shape == "first":
        measure_first(client, url)
    elif shape == "one":
        measure_one(client, url, count)
    elif shape == "batch":
        measure_batch(client, url, count)
    elif client.asynchronous is not None:
        import asyncio

        asyncio.run(measure_async(client, url, count, IN_FLIGHT))
    else:
        measure_threads(client, url, count)


if __name__ == "__main__":
    main()
