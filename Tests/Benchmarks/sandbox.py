#!/usr/bin/env python3
"""Measures the sandbox against its web server and its database alone, in one run, on one core.

It prints figures and ratios and fails on nothing: a machine's load is no bug.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sandbox_program import started

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ACCESS = {"x-api-key": "sandbox-key", "x-workspace-id": "sandbox-workspace"}
CONNECTIONS = 64
ROWS = 100_000


@dataclass(frozen=True)
class Server:
    """A process with its first line of output."""

    process: subprocess.Popen[bytes]
    ready: dict[str, object]
    started_in: float

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ready['port']}"

    def memory(self, name: str) -> int:
        """`VmRSS` or `VmHWM` in MiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE)
        return int(found.group(1)) // 1024 if found else 0

    def processor_time(self) -> float:
        """Seconds so far."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2]
        user, system = fields.split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Measurement:
    """How fast something went, and what one of it cost: the second hardly depends on what else
    the machine does."""

    per_second: float
    processor_microseconds: float
    slow: str = ""


@contextmanager
def running(program: pathlib.Path, *arguments: str) -> Iterator[Server]:
    start = time.monotonic()
    command = [*pinned(0), str(program), *arguments]
    process, ready = started(command)
    try:
        yield Server(process, ready, time.monotonic() - start)
    finally:
        process.terminate()
        process.wait(timeout=20)


def pinned(core: int) -> list[str]:
    """The servers have the first core for themselves, the load comes from the last."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2 or not shutil.which("taskset"):
        return []
    return ["taskset", "-c", str(cores[core])]


def request(server: Server, method: str, path: str, body: bytes, kind: str) -> dict[str, object]:
    headers = {**ACCESS, "Content-Type": kind}
    message = urllib.request.Request(server.url + path, body or None, headers, method=method)
    with urllib.request.urlopen(message, timeout=60) as answer:
        result: dict[str, object] = json.load(answer)
    return result


def post(server: Server, path: str, body: object) -> dict[str, object]:
    return request(server, "POST", path, json.dumps(body).encode(), "application/json")


def new_agent(server: Server) -> str:
    """The id of an agent that can call: with a number and an active flow."""
    voice = {"provider": "rime", "voiceId": "mistv2_Brook"}
    fields = {"name": "Front Desk", "llmModel": "gpt-4o-mini", "ttsModel": voice}
    agent = str(post(server, "/api/v1/agents", fields)["_id"])
    flow = {"name": "Reminder", "direction": "outbound", "promptType": "simple", "agent": agent}
    post(server, "/api/v1/flows", {**flow, "prompt": "Remind {first_name}."})
    return agent


def wrk(
    server: Server, path: str, seconds: float, script: pathlib.Path | None = None
) -> Measurement:
    """Loads one path of the server."""
    command = [*pinned(-1), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "--latency"]
    for name, value in ACCESS.items():
        command += ["-H", f"{name}: {value}"]
    if script:
        command += ["-s", str(script)]
    command.append(server.url + path)
    before = server.processor_time()
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    used = server.processor_time() - before
    if "Non-2xx" in output or "Socket errors" in output:
        sys.exit(f"wrk met errors:\n{output}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    count = re.search(r"(\d+) requests in", output)
    slow = re.search(r"99%\s+(\S+)", output)
    if not rate or not count or not slow or count.group(1) == "0":
        sys.exit(f"wrk said something else:\n{output}")
    each = used * 1e6 / int(count.group(1))
    return Measurement(float(rate.group(1)), each, f"99 % within {slow.group(1)}")


def inserts(
    baseline: pathlib.Path, folder: pathlib.Path, group: int, seconds: float
) -> Measurement:
    path = folder / f"bare-{group}-{time.monotonic_ns()}.sqlite"
    command = [*pinned(0), str(baseline), "insert", "--database", str(path)]
    command += ["--seconds", str(seconds), "--group", str(group)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    for file in folder.glob("bare-*"):
        file.unlink()
    # The next measurement is not to wait until these pages are on the disk.
    os.sync()
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    rate = float(json.loads(output)["rowsPerSecond"])
    return Measurement(rate, used * 1e6 / (rate * seconds))


def line(name: str, rounds: list[Measurement]) -> Measurement:
    middle = Measurement(
        statistics.median(each.per_second for each in rounds),
        statistics.median(each.processor_microseconds for each in rounds),
        rounds[-1].slow,
    )
    print(
        f"  {name:44} {middle.per_second:8,.0f} /s "
        f"{middle.processor_microseconds:7.1f} µs of CPU   {middle.slow}".rstrip()
    )
    return middle


def ratios(mine: Measurement, theirs: Measurement) -> str:
    rate = mine.per_second / theirs.per_second
    cost = mine.processor_microseconds / theirs.processor_microseconds
    return f"{rate:.2f} times the rate, {cost:.2f} times the CPU"


def compare_reading(arguments: argparse.Namespace, folder: pathlib.Path) -> None:
    database = str(folder / "reading.sqlite")
    mine: list[Measurement] = []
    theirs: list[Measurement] = []
    with running(arguments.sandbox, *options(database)) as sandbox:
        path = f"/api/v1/agents/{new_agent(sandbox)}"
        body = folder / "agent.json"
        body.write_text(json.dumps(request(sandbox, "GET", path, b"", "application/json")))
        with running(arguments.baseline, "serve", "--body", str(body)) as bare:
            for _ in range(arguments.rounds):
                theirs.append(wrk(bare, "/", arguments.seconds))
                mine.append(wrk(sandbox, path, arguments.seconds))
    print(f"Reading, {CONNECTIONS} connections, the server on one core:")
    bare_route = line("a bare Hummingbird route, the same bytes", theirs)
    reading = line("GET /api/v1/agents/{id}", mine)
    print(f"  {ratios(reading, bare_route)}; the limit we set ourselves is 10,000 /s")


def compare_writing(arguments: argparse.Namespace, folder: pathlib.Path) -> None:
    script = folder / "call.lua"
    mine: list[Measurement] = []
    single: list[Measurement] = []
    grouped: list[Measurement] = []
    with running(arguments.sandbox, *options(str(folder / "writing.sqlite"))) as sandbox:
        order = json.dumps({"agentId": new_agent(sandbox), "toNumber": "+12025550164"})
        script.write_text(
            f"wrk.method = 'POST'\nwrk.body = '{order}'\n"
            "wrk.headers['Content-Type'] = 'application/json'\n"
        )
        for _ in range(arguments.rounds):
            single.append(inserts(arguments.baseline, folder, 1, arguments.seconds))
            grouped.append(inserts(arguments.baseline, folder, CONNECTIONS, arguments.seconds))
            mine.append(wrk(sandbox, "/api/v1/calls/call", arguments.seconds, script))
    print("Writing, flushed to the disk before the answer:")
    bare = line("bare SQLite, one row in each transaction", single)
    line(f"bare SQLite, {CONNECTIONS} rows in each transaction", grouped)
    writing = line("POST /api/v1/calls/call", mine)
    print(f"  {ratios(writing, bare)} of one row in each transaction;")
    print("  the limit we set ourselves is 3,000 /s")


def measure_batch(arguments: argparse.Namespace, folder: pathlib.Path) -> None:
    rows = "".join(f"+1{index + 2_000_000_000},Person {index}\n" for index in range(ROWS))
    file = "phone_number,first_name\n" + rows
    database = str(folder / "batch.sqlite")
    with running(arguments.sandbox, *options(database), "--concurrency", "1000") as sandbox:
        agent = new_agent(sandbox)
        pieces = {'"file"; filename="contacts.csv"': file, '"agentId"': agent}
        form = "".join(
            f"--x\r\nContent-Disposition: form-data; name={name}\r\n\r\n{text}\r\n"
            for name, text in pieces.items()
        )
        before = sandbox.memory("VmRSS")
        answers: list[dict[str, object]] = []
        kind = "multipart/form-data; boundary=x"
        body = (form + "--x--\r\n").encode()
        start = time.monotonic()
        upload = threading.Thread(
            target=lambda: answers.append(
                request(sandbox, "POST", "/v1/api/batch-calls", body, kind)
            )
        )
        upload.start()
        slowest = 0.0
        while upload.is_alive():
            moment = time.monotonic()
            request(sandbox, "GET", f"/api/v1/agents/{agent}", b"", "application/json")
            slowest = max(slowest, time.monotonic() - moment)
        seconds = time.monotonic() - start
        path = f"/v1/api/batch-calls/{answers[0]['batchId']}/status"
        polls = []
        for _ in range(50):
            moment = time.monotonic()
            progress = request(sandbox, "GET", path, b"", "application/json")
            polls.append((time.monotonic() - moment) * 1000)
        print(f"A batch of {ROWS:,} rows, {len(file) / 1_048_576:.1f} MiB:")
        print(f"  accepted after {seconds:.2f} s; the limit we set ourselves is 2 s")
        print(f"  the slowest GET meanwhile took {slowest * 1000:.0f} ms")
        print(f"  looking at its progress takes {statistics.median(polls):.1f} ms")
        print(
            f"  memory {before} MiB before, {sandbox.memory('VmRSS')} MiB with"
            f" {progress['total']:,} jobs in flight, {sandbox.memory('VmHWM')} MiB at most;"
            " the limit we set ourselves is 200 MiB"
        )


def measure_start(arguments: argparse.Namespace, folder: pathlib.Path) -> None:
    print("Starting, from exec to the ready line:")
    for name, more in {
        "in memory": [],
        "on a file that is there": ["--database", str(folder / "start.sqlite")],
    }.items():
        times = []
        for _ in range(11):
            with running(arguments.sandbox, "--port", "0", "--log-level", "error", *more) as server:
                times.append(server.started_in * 1000)
        print(f"  {name:46} {statistics.median(times):9.0f} ms")


def options(database: str) -> list[str]:
    common = ["--port", "0", "--log-level", "error", "--requests-per-minute", "0"]
    return [*common, "--database", database]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sandbox", type=pathlib.Path, default=ROOT / "build/bin/trillet-sandbox")
    parser.add_argument(
        "--baseline", type=pathlib.Path, default=ROOT / "build/benchmarks/sandbox-baseline"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    # Not the temporary folder, which may be memory.
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build/benchmarks")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = pathlib.Path(name)
        compare_reading(arguments, folder)
        compare_writing(arguments, folder)
        measure_batch(arguments, folder)
        measure_start(arguments, folder)


if __name__ == "__main__":
    main()
