"""Runs a command against the fault server of the soak, over TLS or HTTP/2.

    soak.py tls12|tls13|h2 FAULT-SERVER COMMAND …

The command gets `--url` and `--ca-file`. Only the standard library is used here.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from certificates import make_certificate
from fronts import nghttpx, nginx


@contextmanager
def fault_server(program: str) -> Iterator[int]:
    """Its port; it ends with its standard input."""
    command = [program, str(int(time.time()))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        yield int(server.stdout.readline())


def main() -> int:
    wire, program, *command = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name, fault_server(program) as port:
        folder = Path(name)
        certificate = make_certificate(folder)
        trust = ["--ca-file", str(certificate.authority)]
        if wire == "h2":
            with nghttpx(wire, certificate, folder / "front", port) as url:
                return subprocess.run([*command, "--url", url, *trust]).returncode
        with nginx(wire, certificate, folder / "front", port) as running:
            return subprocess.run([*command, "--url", running.url, *trust]).returncode


if __name__ == "__main__":
    sys.exit(main())
