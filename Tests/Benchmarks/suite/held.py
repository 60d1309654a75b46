"""What a request in flight costs in memory: thousands of them, while the server keeps silent."""

from __future__ import annotations

import pathlib
import re
import resource
import subprocess
import sys
import time
from typing import IO, NamedTuple

from suite import machine
from suite.service import ANSWER, BODY
from suite.settings import Settings, environment

# Files that a program has open beside its connections.
OTHER_FILES = 200


class Held(NamedTuple):
    """Memory of a program before and while its requests are in flight."""

    title: str
    requests: int
    before: int
    during: int

    @property
    def kilobytes_each(self) -> float:
        return (self.during - self.before) / self.requests


def measure(settings: Settings) -> list[Held]:
    """libcurl alone, then the library."""
    requests = min(settings.held, raise_file_limit() - OTHER_FILES)
    return [
        _hold(settings, title, program, requests)
        for title, program in {
            "libcurl, multi handle, an easy handle each": "hold_curl",
            "libtrillet, `trillet_submit`": "hold_trillet",
        }.items()
    ]


def raise_file_limit() -> int:
    """As many files as this process and its children may open; their number."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def _hold(settings: Settings, title: str, program: str, requests: int) -> Held:
    server = _start([str(settings.programs / "holding_server"), str(requests), "ask", ANSWER])
    address = f"http://127.0.0.1:{_line(server)}"
    client = _start([str(settings.programs / program), address, str(requests), BODY])
    try:
        _expect(client, "ready")
        before = _resident(client.pid)
        _tell(client)
        _expect(server, "holding")
        # The last request has arrived; what its sender still does with it ends at once.
        time.sleep(0.5)
        during = _resident(client.pid)
        _tell(server)
        _expect(client, f"answered {requests}")
        if client.wait(timeout=60) != 0:
            sys.exit(f"{program} ended with {client.returncode}")
    finally:
        for process in (client, server):
            process.kill()
            process.wait()
    return Held(title, requests, before, during)


def _start(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*machine.pinned(-1 if "server" in command[0] else 0), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    )


def _line(process: subprocess.Popen[str]) -> str:
    return _stream(process.stdout).readline().strip()


def _expect(process: subprocess.Popen[str], expected: str) -> None:
    found = _line(process)
    if found != expected:
        sys.exit(f"{process.args!r} said {found!r}, not {expected!r}")


def _tell(process: subprocess.Popen[str]) -> None:
    stream = _stream(process.stdin)
    stream.write("\n")
    stream.flush()


def _stream(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def _resident(process: int) -> int:
    """KB, after the process has touched what it is going to touch."""
    found = re.search(r"^VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{process}/status").read_text(), re.M)
    return int(found.group(1)) if found else 0
