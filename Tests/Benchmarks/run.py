#!/usr/bin/env python3
"""Compares libtrillet with libcurl alone: one server, one run, interleaved rounds.

It prints figures and ratios and fails on nothing: a machine's load is no bug.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent

ANSWER = json.dumps(
    {
        "status": "success",
        "callId": "q7m2x0c9zt",
        "roomName": "5d1c0a77e2b94f0013ab6c21-q7m2x0c9zt",
        "fromNumber": "+12025550117",
        "toNumber": "+12025550164",
        "agent": {
            "id": "5d1c0a77e2b94f0013ab6c21",
            "name": "Front Desk",
            "model": "gpt-4.1-mini",
            "voice": {"provider": "rime", "voiceId": "mistv2_Brook"},
        },
        "note": "padded to four hundred bytes, the size of an answer" + "." * 56,
    },
    separators=(",", ":"),
)


@contextmanager
def nginx() -> Iterator[str]:
    """A server on a free loopback port, pinned to the last core where there is a choice."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        text = (HERE / "nginx.conf").read_text()
        text = text.replace("@PORT@", str(port)).replace("@ANSWER@", ANSWER)
        configuration = pathlib.Path(folder, "nginx.conf")
        configuration.write_text(text)
        command = [*pinned(-1), program, "-p", folder, "-c", str(configuration)]
        server = subprocess.Popen(command)
        try:
            wait_for(port, server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=10)


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if server.poll() is not None:
            sys.exit("nginx did not start; its message is above")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    sys.exit("nginx did not answer within 10 s")


def pinned(core: int) -> list[str]:
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2 or not shutil.which("taskset"):
        return []
    return ["taskset", "-c", str(cores[core])]


def run(program: pathlib.Path, url: str, calls: int) -> dict[str, float]:
    command = [*pinned(0), str(program), url, str(calls)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    result: dict[str, float] = json.loads(output)
    return result


def compare_calls(programs: pathlib.Path, rounds: int, calls: int) -> None:
    names = {"plain libcurl": "plain_curl", "libtrillet": "with_library"}
    samples: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    with nginx() as url:
        for _ in range(rounds):
            for name, program in names.items():
                samples[name].append(run(programs / program, url, calls))
    cpu = {
        name: statistics.median(sample["cpuMicroseconds"] for sample in runs)
        for name, runs in samples.items()
    }
    rate = {
        name: statistics.median(sample["callsPerSecond"] for sample in runs)
        for name, runs in samples.items()
    }
    ratios = [
        mine["cpuMicroseconds"] / theirs["cpuMicroseconds"]
        for mine, theirs in zip(samples["libtrillet"], samples["plain libcurl"], strict=True)
    ]
    print(f"One POST of 400 bytes, answer of {len(ANSWER)} bytes, {rounds} rounds of {calls}:")
    for name in names:
        print(f"  {name:14} {cpu[name]:7.2f} µs CPU a call   {rate[name]:8,.0f} calls/s")
    print(
        f"  CPU ratio      {statistics.median(ratios):7.3f}"
        f"   (rounds {min(ratios):.3f} to {max(ratios):.3f}; the limit we set ourselves is 1.15)"
    )


def compare_instructions(programs: pathlib.Path) -> None:
    if not shutil.which("valgrind"):
        return
    counts = {}
    with nginx() as url:
        for program in ("plain_curl", "with_library"):
            few, many = (callgrind(programs / program, url, calls) for calls in (100, 600))
            counts[program] = (many - few) / 500
    ratio = counts["with_library"] / counts["plain_curl"]
    print("Instructions a call in user space (callgrind):")
    print(f"  plain libcurl  {counts['plain_curl']:10,.0f}")
    print(f"  libtrillet     {counts['with_library']:10,.0f}   ratio {ratio:.3f}")


def callgrind(program: pathlib.Path, url: str, calls: int) -> int:
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    output = subprocess.run(
        [*command, str(program), url, str(calls)], check=True, capture_output=True, text=True
    ).stderr
    line = next(line for line in output.splitlines() if "Collected" in line)
    return int(line.split(":")[1])


def compare_memory(programs: pathlib.Path) -> None:
    libraries = {"libcurl alone": "libcurl.so.4", "libtrillet": ROOT / "build/lib/libtrillet.so.1"}
    gained = {}
    for name, library in libraries.items():
        command = [str(programs / "memory"), str(library)]
        samples = [
            int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            for _ in range(11)
        ]
        gained[name] = statistics.median(samples)
    print("Memory gained by loading and making ready (RSS):")
    for name, kilobytes in gained.items():
        print(f"  {name:14} {kilobytes:7,.0f} KB")
    print(f"  difference     {gained['libtrillet'] - gained['libcurl alone']:7,.0f} KB")


def compare_import() -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT / "bindings/python/src")}
    medians = {}
    for name, code in {"bare python": "pass", "import trillet": "import trillet"}.items():
        samples = []
        for _ in range(21):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True, env=environment)
            samples.append((time.perf_counter() - start) * 1000)
        medians[name] = statistics.median(samples)
    print("Starting Python:")
    for name, milliseconds in medians.items():
        print(f"  {name:14} {milliseconds:7.1f} ms")
    print(f"  difference     {medians['import trillet'] - medians['bare python']:7.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--programs", type=pathlib.Path, default=ROOT / "build/benchmarks")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--calls", type=int, default=10_000)
    arguments = parser.parse_args()
    compare_calls(arguments.programs, arguments.rounds, arguments.calls)
    compare_instructions(arguments.programs)
    compare_memory(arguments.programs)
    compare_import()


if __name__ == "__main__":
    main()
