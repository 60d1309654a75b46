"""The server of the comparison: nginx with fixed answers, on a core of its own."""

from __future__ import annotations

import http.client
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from suite import machine, service
from suite.wires import PLAIN, WIRES, Address, Wire, make_certificate

TEMPLATE = pathlib.Path(__file__).resolve().parent.parent / "nginx.conf"


class Counts(NamedTuple):
    """What the server has done so far."""

    connections: int
    requests: int
    seconds: float


class Nginx:
    """A running server."""

    def __init__(self, addresses: dict[Wire, Address], process: int) -> None:
        self._addresses = addresses
        self._process = process
        # One connection for the whole run, so that asking opens none.
        port = addresses[PLAIN].port
        self._control = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self._asked = 0

    def at(self, wire: Wire) -> Address:
        return self._addresses[wire]

    def counts(self) -> Counts:
        self._control.request("GET", "/status")
        answer = self._control.getresponse().read().decode()
        self._asked += 1
        accepted, _, requests = (int(field) for field in answer.splitlines()[2].split())
        seconds = machine.processor_seconds(self._process)
        return Counts(accepted, requests - self._asked, seconds)

    def close(self) -> None:
        self._control.close()


@contextmanager
def running() -> Iterator[Nginx]:
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with tempfile.TemporaryDirectory() as folder:
        certificate = make_certificate(pathlib.Path(folder))
        addresses = {
            wire: Address(wire, port, certificate)
            for wire, port in zip(WIRES.values(), _free_ports(len(WIRES)), strict=True)
        }
        configuration = pathlib.Path(folder, "nginx.conf")
        configuration.write_text(_configuration(addresses))
        command = [*machine.pinned(-1), program, "-p", folder, "-c", str(configuration)]
        server = subprocess.Popen(command)
        try:
            for address in addresses.values():
                _wait_for(address.port, server)
            nginx = Nginx(addresses, server.pid)
            yield nginx
            nginx.close()
        finally:
            server.terminate()
            server.wait(timeout=10)


def _free_ports(count: int) -> list[int]:
    # All at once: a port that is given back could be given out again.
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _configuration(addresses: dict[Wire, Address]) -> str:
    # A request of another size is refused: that all send the same is proven by their success.
    lines = [
        f"        location = {path} {{\n"
        f"            if ($http_content_length != {service.SIZE}) {{ return 422; }}\n"
        f"            return 200 '{answer}';\n"
        "        }"
        for path, answer in service.ANSWERS.items()
    ]
    listen = [
        f"        listen 127.0.0.1:{address.port}{wire.listen} backlog=4096;"
        for wire, address in addresses.items()
    ]
    text = TEMPLATE.read_text().replace("@LISTEN@", "\n".join(listen))
    return text.replace("@ANSWERS@", "\n".join(lines))


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
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
