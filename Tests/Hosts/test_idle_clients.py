"""A client that waits makes no system call while its host sleeps on the descriptor."""

from __future__ import annotations

import json
import re
import resource
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import hosts
from conftest import ROOT
from sandbox_program import binary, started

MANY = 10_000
DAY = 86_400_000
# libcurl looks once at every request when the time to connect is over, even if it has connected.
CONNECT_SECONDS = 5
TRACED_SECONDS = 5
LONGEST_SECONDS = 120


def sleeps(process: subprocess.Popen[str]) -> int:
    """How often the program has gone to sleep."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("\nvoluntary_ctxt_switches:")[1].split()[0])


def wait_until_quiet(process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    since, known = time.monotonic(), sleeps(process)
    while time.monotonic() < since + CONNECT_SECONDS + 1:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "the program does not come to rest"
        time.sleep(0.1)
        if (now := sleeps(process)) != known:
            since, known = time.monotonic(), now


def system_calls(process: subprocess.Popen[str], folder: Path) -> list[str]:
    """What the program did while it was traced, but for the wait that it was found in."""
    trace = folder / "trace"
    strace = hosts.interpreter("strace", "strace")
    with subprocess.Popen(
        [strace, "-f", "-o", str(trace), "-p", str(process.pid)], stderr=subprocess.PIPE, text=True
    ) as tracer:
        assert tracer.stderr is not None
        if not re.search("attached$", tracer.stderr.readline().strip()):
            pytest.skip("needs to trace a program of its own: strace -p is not allowed")
        time.sleep(TRACED_SECONDS)
        tracer.terminate()
    calls = [line.split(None, 1)[1] for line in trace.read_text().splitlines()]
    # To be traced, and no longer, may interrupt this wait.
    return [call for call in calls if not re.match(r"(epoll_wait\(3, )|(\+\+\+)|(---)", call)]


@contextmanager
def host(
    program: Path, options: dict[str, object], requests: int
) -> Iterator[subprocess.Popen[str]]:
    command = [str(program), json.dumps({"engine": "caller", "env": False, **options})]
    command.append(str(requests))
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    readable, _, _ = select.select([process.stdout], [], [], LONGEST_SECONDS)
    assert readable, "the program writes nothing"
    return process.stdout.readline()


@pytest.fixture
def idle_host(tmp_path: Path) -> Path:
    return hosts.compiled(ROOT / "Tests/Hosts/idle_host.c", tmp_path / "idle_host", [])


def test_an_idle_client_makes_no_system_call(idle_host: Path, tmp_path: Path) -> None:
    command = [str(binary()), "--port", "0", "--log-level", "error"]
    sandbox, ready = started(command)
    options: dict[str, object] = {
        "apiKey": ready["apiKey"],
        "workspaceId": ready["workspaceId"],
        "baseUrl": ready["url"],
        "connectTimeoutMs": CONNECT_SECONDS * 1000,
    }
    try:
        with host(idle_host, options, requests=1) as process:
            assert json.loads(line(process))["status"] == 200
            wait_until_quiet(process)
            assert system_calls(process, tmp_path) == []
    finally:
        sandbox.kill()
        sandbox.communicate()


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < MANY + 100:
        pytest.skip(f"needs ulimit -Hn of {MANY + 100}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, MANY + 100), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_descriptors")
def test_ten_thousand_requests_that_wait_make_no_system_call(
    idle_host: Path, tmp_path: Path
) -> None:
    script = str(ROOT / "Tests/Hosts/silent_service.py")
    command = [sys.executable, script, str(MANY)]
    options: dict[str, object] = {
        "apiKey": "k",
        "maxInFlight": MANY,
        "timeoutMs": DAY,
        "connectTimeoutMs": CONNECT_SECONDS * 1000,
    }
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
        try:
            options["baseUrl"] = f"http://127.0.0.1:{line(service).strip()}"
            with host(idle_host, options, MANY) as process:
                assert int(line(service)) == MANY
                wait_until_quiet(process)
                assert system_calls(process, tmp_path) == []
        finally:
            service.kill()
