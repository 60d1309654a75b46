"""A PostgreSQL backend with TLS of its own that is terminated while a function of it calls."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import LIBRARY, ROOT, ROUNDS, Service
from ports import free_port

BINARIES = Path(next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"))), "/nonexistent"))
pytestmark = pytest.mark.skipif(
    not BINARIES.exists() or os.getuid() != 0, reason="needs postgresql and root"
)
BUSY = 200
FUNCTION = """
CREATE EXTENSION IF NOT EXISTS plpython3u;
CREATE OR REPLACE FUNCTION dial(url text, certificate text, tag text) RETURNS void AS $$
import sys
sys.path.insert(0, 'PACKAGE')
import os
os.environ['TRILLET_LIBRARY'] = '@LIBRARY@'
from trillet import Trillet
client = Trillet("k", base_url=url, ca_file=certificate, env=False)
while True:
    for _ in client.map("POST /echo", ({"delayMs": 1, "tag": tag} for _ in range(2000))):
        plpy.execute("SELECT 1")  # where the server looks whether it is to end
$$ LANGUAGE plpython3u;
"""


class Cluster:
    """A cluster of its own in a temporary folder."""

    def __init__(self, folder: Path, service: Service) -> None:
        self.folder = folder
        self.port = free_port()
        # Readable by the user that the server runs as, wherever the checkout is.
        shutil.copytree(ROOT / "bindings/python/src/trillet", folder / "trillet")
        shutil.copy(LIBRARY, folder / "libtrillet.so.1")
        shutil.copy(service.certificate, folder / "server.crt")
        shutil.copy(service.key, folder / "server.key")
        subprocess.run(["chown", "-R", "postgres", str(folder)], check=True)
        (folder / "server.key").chmod(0o600)
        self.run("initdb", "-A", "trust", "-D", str(folder / "data"))
        with (folder / "data/postgresql.conf").open("a") as settings:
            settings.write(
                f"ssl = on\nssl_cert_file = '{folder}/server.crt'\n"
                f"ssl_key_file = '{folder}/server.key'\nport = {self.port}\n"
                f"listen_addresses = '127.0.0.1'\nunix_socket_directories = '{folder}'\n"
            )
        self.run("pg_ctl", "-w", "-D", str(folder / "data"), "-l", str(folder / "log"), "start")

    def run(self, program: str, *arguments: str) -> None:
        command = ["runuser", "-u", "postgres", "--", str(BINARIES / program), *arguments]
        subprocess.run(command, check=True, cwd=self.folder, stdout=subprocess.DEVNULL, timeout=60)

    def psql(self, statement: str) -> subprocess.Popen[str]:
        address = f"host=127.0.0.1 port={self.port} dbname=postgres user=postgres sslmode=require"
        return subprocess.Popen(
            ["psql", "-XAtq", address, "-c", statement],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ask(self, statement: str) -> str:
        output, errors = self.psql(statement).communicate(timeout=60)
        assert not errors, errors
        return output.strip()

    def stop(self) -> None:
        self.run("pg_ctl", "-w", "-m", "immediate", "-D", str(self.folder / "data"), "stop")


@pytest.fixture
def cluster(service: Service) -> Iterator[Cluster]:
    # Not pytest's folder: another run of pytest takes it back from the server's user.
    with tempfile.TemporaryDirectory(prefix="trillet-postgresql-") as folder:
        Path(folder).chmod(0o755)
        made = Cluster(Path(folder), service)
        yield made
        made.stop()


def test_a_terminated_backend_takes_no_other_with_it(cluster: Cluster, service: Service) -> None:
    text = FUNCTION.replace("PACKAGE", str(cluster.folder))
    cluster.ask(text.replace("@LIBRARY@", str(cluster.folder / "libtrillet.so.1")))
    running = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'SELECT dial%'"
    for number in range(ROUNDS):
        tag = f"backend-{number}"
        arguments = f"'{service.url}', '{cluster.folder}/server.crt', '{tag}'"
        with cluster.psql(f"SELECT dial({arguments})") as dial:
            deadline = time.monotonic() + 20
            while service.requests(tag) < BUSY and time.monotonic() < deadline:
                assert dial.poll() is None, dial.communicate()
                time.sleep(0.02)
            cluster.ask(f"SELECT pg_terminate_backend(pid) FROM ({running}) AS running")
            dial.communicate(timeout=60)
    log = (cluster.folder / "log").read_text()
    assert "terminated by signal" not in log, log
