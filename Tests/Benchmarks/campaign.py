#!/usr/bin/env python3
"""Measures campaigns beside bare databases and task queues, and writes docs/benchmarks.md.

It fails on nothing: a machine's load is no bug.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / each) for each in ("bindings/python/src", "bindings/python/tests")]
sys.path.append(str(ROOT / "Tests/Support/python"))

from campaigns import places  # noqa: E402
from suite.report import Report  # noqa: E402
from trillet.testing import Sandbox  # noqa: E402

KINDS = ("SQLite", "PostgreSQL")
WORKERS = (1, 2, 4, 8)
Lines = list[str]
Programs = list[subprocess.Popen[str]]
Workers = AbstractContextManager[Programs]


def load(given: argparse.Namespace, folder: pathlib.Path, here: places.Places) -> Lines:
    path = places.contact_file(folder, given.rows)
    lines = [
        f"{given.rows:,} rows | rows/s | of bare | rows per CPU s | MB of memory | bytes a row"
        " | `status`",
        "--- | --- | --- | --- | --- | --- | ---",
    ]
    names = {"bare": "bare", "file": "`add`, CSV file", "rows": "`add`, iterator"}
    for kind in KINDS:
        bare = 0.0
        for how, name in names.items():
            place = here.new(kind)
            found = places.answer(places.start("loading.py", how, place, str(path)))
            rate = found["rows"] / found["seconds"]
            bare = bare or rate
            status = f"{found['status']:.1f} ms" if how != "bare" else ""
            lines.append(
                f"{kind}, {name} | {rate:,.0f} | {rate / bare:.2f} |"
                f" {found['rows'] / found['processor']:,.0f} | {found['megabytes']:.0f} |"
                f" {here.size(place) / given.rows:.0f} | {status}"
            )
            print(lines[-1], flush=True)
    return lines


def slices(given: argparse.Namespace, folder: pathlib.Path, here: places.Places) -> Lines:
    lines = ["worker | CPU ms for 60 calls | its own | MB of memory", "--- | --- | --- | ---"]
    with finished_calls() as (sandbox, agent):
        numbers = ",".join(places.phones(600, "+1404"))
        found = places.answer(places.start("working.py", "bare", "", sandbox.url, agent, numbers))
    alone = found["processor"] * 60_000 / found["placed"]
    lines.append(f"`calls.send` alone | {alone:.1f} | | ")
    for kind in KINDS:
        place = here.new(kind)
        with finished_calls() as (sandbox, agent):
            places.campaign(place, agent, given.contacts, 600_000).close()
            found = places.answer(
                places.start("working.py", "slices", place, sandbox.url, agent, "")
            )
        spent = found["processor"] * 60_000 / found["placed"]
        memory = found["megabytes"]
        lines.append(f"{kind} | {spent:.1f} | {spent - alone:.1f} | {memory:.0f}")
        print(lines[-1], flush=True)
    return lines


@contextmanager
def finished_calls() -> Iterator[tuple[Sandbox, str]]:
    """A sandbox so fast that each slice finds how the calls of the one before have ended. Each
    worker has its own: a look reads the calls of the last five minutes, whoever placed them."""
    with Sandbox(speed=600) as sandbox:
        yield sandbox, places.agent_of(sandbox)


def rate_of(sandbox: Sandbox, calls: int, workers: int, running: Programs) -> float:
    """Calls a second between a first few, when all have started, and the last few."""

    def placed() -> int:
        return sandbox.ledger().totals("calls.send").effects

    begin, first, early = 0.0, 0, 4 * workers
    late = calls - early
    end = time.monotonic() + 300
    while time.monotonic() < end:
        count = placed()
        if not begin and count >= early:
            begin, first = time.monotonic(), count
        if count >= late or all(each.poll() is not None for each in running):
            return (count - first) / (time.monotonic() - begin) if begin else 0.0
        time.sleep(0.02)
    return 0.0


@contextmanager
def ledger_workers(
    here: places.Places, kind: str, url: str, agent: str, calls: int, count: int
) -> Iterator[Programs]:
    place = here.new(kind)
    places.campaign(place, agent, calls, 600_000).close()
    arguments = ("working.py", "ledger", place, url, agent, "300")
    workers = [places.start(*arguments) for _ in range(count)]
    yield workers
    for each in workers:
        places.answer(each)


@contextmanager
def dbos_workers(
    here: places.Places, kind: str, url: str, agent: str, calls: int, count: int
) -> Iterator[Programs]:
    place = here.new(kind) if kind == "PostgreSQL" else f"sqlite:///{here.new(kind)}"
    numbers = places.phones(calls)
    workers = []
    for number in range(count):
        mine = ",".join(numbers[number::count])
        workers.append(places.start("working.py", "dbos", place, url, agent, mine))
        if number == 0:
            # It makes the tables.
            time.sleep(3)
    yield workers
    for each in workers:
        places.answer(each)


@contextmanager
def celery_workers(
    folder: pathlib.Path, url: str, agent: str, calls: int, count: int
) -> Iterator[Programs]:
    with places.redis(folder) as broker:
        os.environ.update(BROKER=broker, URL=url, AGENT=agent)
        from campaigns.celery_calls import app, call

        app.conf.broker_url = broker
        for phone in places.phones(calls):
            call.delay(phone)
        command = [sys.executable, "-m", "celery", "-A", "campaigns.celery_calls", "worker"]
        command += ["-c", str(count), "-l", "ERROR", "-P", "prefork"]
        worker = subprocess.Popen(
            command,
            cwd=ROOT / "Tests/Benchmarks",
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            yield [worker]
        finally:
            worker.terminate()
            worker.wait()


def calls(given: argparse.Namespace, folder: pathlib.Path, here: places.Places) -> Lines:
    lines = [
        "calls/s | " + " | ".join(f"{each} worker{'s' * (each > 1)}" for each in WORKERS),
        " | ".join(["---"] * (len(WORKERS) + 1)),
    ]
    contestants: dict[str, Callable[[str, str, int, int], Workers]] = {
        "campaign, SQLite": partial(ledger_workers, here, "SQLite"),
        "campaign, PostgreSQL": partial(ledger_workers, here, "PostgreSQL"),
        "Celery, Redis": partial(celery_workers, folder),
        "DBOS, PostgreSQL": partial(dbos_workers, here, "PostgreSQL"),
    }
    for name, workers in contestants.items():
        found = []
        for count in WORKERS:
            with Sandbox(speed=1) as sandbox:
                agent = places.agent_of(sandbox)
                with workers(sandbox.url, agent, given.calls, count) as running:
                    found.append(rate_of(sandbox, given.calls, count, running))
        lines.append(f"{name} | " + " | ".join(f"{each:,.0f}" for each in found))
        print(lines[-1], flush=True)
    return lines


def pace(given: argparse.Namespace, folder: pathlib.Path, here: places.Places) -> Lines:
    """Eight workers, for longer than a minute."""
    lines = [
        "8 workers, 300 calls a minute | most in a sliding minute | of the allowed rate",
        "--- | --- | ---",
    ]
    for kind in KINDS:
        with Sandbox(speed=1) as sandbox:
            agent = places.agent_of(sandbox)
            place = here.new(kind)
            opened = places.campaign(place, agent, 4000, 300)
            seconds = str(given.seconds)
            workers = [
                places.start("working.py", "ledger", place, sandbox.url, agent, seconds)
                for _ in range(8)
            ]
            for each in workers:
                places.answer(each)
            starts = sorted(each.intent_at for each in opened.attempts())
            opened.close()
        most = max(sum(at <= each < at + 60_000 for each in starts) for at in starts)
        span = (starts[-1] - starts[0]) / 60_000
        share = (len(starts) - 1) / span / 300
        lines.append(f"{kind} | {most} | {share:.1%}")
        print(lines[-1], flush=True)
    return lines


PARTS = {"load": load, "slice": slices, "calls": calls, "pace": pace}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000, help="contacts that are loaded")
    parser.add_argument("--contacts", type=int, default=100_000, help="of the slices' campaign")
    parser.add_argument("--calls", type=int, default=1_000, help="of each run with workers")
    parser.add_argument("--seconds", type=float, default=120, help="of the pace")
    parser.add_argument("--only", choices=PARTS, action="append", help="a part alone")
    # Not the temporary folder, which may be memory.
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build/benchmarks")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    report = Report()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        here = places.Places(pathlib.Path(name))
        try:
            for part in given.only or PARTS:
                lines = PARTS[part](given, pathlib.Path(name), here)
                table = "\n".join(f"| {line} |" for line in lines)
                report.replace(f"campaign {part}", table)
                # A later part that fails takes nothing with it.
                print(report.write(None), flush=True)
        finally:
            here.close()


if __name__ == "__main__":
    main()
