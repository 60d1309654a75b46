"""What the hosts talk to: the guest tests' service, over TLS."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = Path(os.environ.get("TRILLET_LIBRARY", ROOT / "build/lib/libtrillet.so.1"))
# How often each host is ended; `make test-hosts-long` does it more often.
ROUNDS = int(os.environ.get("HOST_ROUNDS", "5"))


@dataclass
class Service:
    """A service that keeps requests waiting, over TLS and without, and its certificate."""

    url: str
    plain_url: str
    certificate: Path
    key: Path

    def requests(self, tag: str) -> int:
        """How many have come with this tag."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        with urlopen(f"{self.url}/journal?tag={tag}", context=context) as answer:
            return int(json.load(answer)["requests"])


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    # Not pytest's folder: another run of pytest takes it back from the users that servers run as.
    with tempfile.TemporaryDirectory(prefix="trillet-tls-") as folder:
        Path(folder).chmod(0o755)
        yield from _serving(Path(folder))


def _serving(folder: Path) -> Iterator[Service]:
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        + ["-nodes", "-days", "2", "-subj", "/CN=loopback"]
        + ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    certificate.chmod(0o644)
    program = [sys.executable, str(ROOT / "Tests/Guest/service.py"), str(certificate), str(key)]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        ports = json.loads(process.stdout.readline())
        urls = f"https://127.0.0.1:{ports['secure']}", f"http://127.0.0.1:{ports['plain']}"
        yield Service(*urls, certificate, key)
        process.kill()
