"""A worker of a benchmark: working.py HOW PLACE URL AGENT SECONDS, or with a list of numbers.

It says as JSON what it took of its own: the processor time of its thread, in which neither the
service nor the disk is waited for, and its memory.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import trillet


def client(url: str) -> trillet.Trillet:
    return trillet.Trillet("sandbox-key", "sandbox-workspace", base_url=url)


def memory() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def ledger(place: str, url: str, seconds: float, most: int | None = None) -> dict[str, float]:
    from trillet.campaign import Campaign

    with client(url) as opened, Campaign.open(place) as campaign:
        begin = time.thread_time()
        placed = campaign.run_slice(opened, max_seconds=seconds, max_calls=most).placed
        return {
            "placed": placed,
            "processor": time.thread_time() - begin,
            "megabytes": memory(),
        }


def slices(place: str, url: str) -> dict[str, float]:
    """The first slice opens connections; of ten others the middle counts."""
    ledger(place, url, 60, 1)
    found = sorted((ledger(place, url, 60, 60) for _ in range(10)), key=lambda x: x["processor"])
    first, last = found[0]["megabytes"], found[-1]["megabytes"]
    return {**found[5], "megabytes": max(first, last)}


def bare(url: str, agent: str, phones: list[str]) -> dict[str, float]:
    """The calls alone, which remember nothing."""
    with client(url) as opened:
        begin = time.thread_time()
        for phone in phones:
            opened.calls.send(agent, phone)
        return {"placed": len(phones), "processor": time.thread_time() - begin}


def dbos(place: str, url: str, agent: str, phones: list[str]) -> dict[str, float]:
    """A workflow with one step for each call, begun by its own process: nothing is queued."""
    from dbos import DBOS, DBOSConfig

    config: DBOSConfig = {
        "name": "bench",
        "system_database_url": place,
        "executor_id": str(os.getpid()),
        "run_admin_server": False,
        "log_level": "ERROR",
    }
    DBOS(config=config)
    opened = client(url)

    def send(phone: str) -> None:
        opened.calls.send(agent, phone)

    step = DBOS.step()(send)

    def work(phone: str) -> None:
        step(phone)

    call = DBOS.workflow()(work)
    DBOS.launch()
    for phone in phones:
        call(phone)
    DBOS.destroy()
    return {"placed": len(phones)}


def main() -> None:
    how, place, url, agent, rest = sys.argv[1:]
    if how == "ledger":
        found = ledger(place, url, float(rest))
    elif how == "slices":
        found = slices(place, url)
    elif how == "bare":
        found = bare(url, agent, rest.split(","))
    else:
        found = dbos(place, url, agent, rest.split(","))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
