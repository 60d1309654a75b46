"""An nginx with TLS of its own, whose workers end while a module of theirs calls."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import LIBRARY, ROOT, ROUNDS, Service
from nginx_program import WITH_NGINX, configured, module_built_from, wait_until
from ports import free_port

pytestmark = WITH_NGINX
WORKERS = 2
BUSY = 200
# nginx kills what has not ended 1.5 s after a fast stop, which the library does not promise.
KILLED = 9
CONFIGURATION = """
load_module FOLDER/module/ngx_trillet_host_module.so;
daemon off;
user root;
worker_processes WORKERS;
pid FOLDER/pid;
error_log FOLDER/log notice;
env HOST_OPTIONS;
env HOST_REQUEST;
events {}
http {
    access_log off;
    TEMPORARY_PATHS
    server {
        listen 127.0.0.1:PORT ssl;
        ssl_certificate CERTIFICATE;
        ssl_certificate_key KEY;
    }
}
"""


class Nginx:
    """An nginx in a temporary folder; each start of it calls under a tag of its own."""

    def __init__(self, folder: Path, service: Service) -> None:
        self.folder = folder
        self.service = service
        self.starts = 0
        words: dict[str, object] = {"PORT": free_port(), "WORKERS": WORKERS}
        words |= {"CERTIFICATE": service.certificate, "KEY": service.key}
        self.command = configured(folder, CONFIGURATION, words)

    def build(self) -> None:
        module_built_from(ROOT / "Tests/Hosts/nginx", self.folder)

    def start(self, url: str, engine: str) -> subprocess.Popen[bytes]:
        """Starts it, and waits until its workers are busy."""
        self.starts += 1
        options = {"env": False, "apiKey": "k", "baseUrl": url, "engine": engine}
        options["caFile"] = str(self.service.certificate)
        environment = os.environ | {
            "LD_LIBRARY_PATH": str(LIBRARY.parent),
            "HOST_OPTIONS": json.dumps(options),
            "HOST_REQUEST": json.dumps({"tag": self.tag, "delayMs": 1}),
        }
        process = subprocess.Popen(self.command, env=environment, stderr=subprocess.DEVNULL)
        self.wait_for_requests(BUSY)
        return process

    @property
    def tag(self) -> str:
        return f"start-{self.starts}"

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def requests(self) -> int:
        return self.service.requests(self.tag)

    def wait_for_requests(self, number: int) -> None:
        wait_until(lambda: self.requests() >= number, self.log)

    def signal(self, name: str) -> None:
        environment = os.environ | {"LD_LIBRARY_PATH": str(LIBRARY.parent)}
        command = [*self.command, "-s", name]
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)

    def signals_of_workers(self) -> list[int]:
        """The signals that workers were ended by."""
        return [int(number) for number in re.findall(r"exited on signal (\d+)", self.log())]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, service: Service) -> Nginx:
    made = Nginx(tmp_path_factory.mktemp("nginx"), service)
    made.build()
    return made


@pytest.fixture
def nginx(built: Nginx) -> Iterator[Nginx]:
    (built.folder / "log").write_text("")
    yield built
    if (built.folder / "pid").exists():
        built.signal("stop")


@pytest.mark.parametrize("engine", ["thread", "caller"])
@pytest.mark.parametrize("wire", ["tls", "plain"])
def test_no_worker_crashes_in_a_fast_stop(
    nginx: Nginx, service: Service, wire: str, engine: str
) -> None:
    for number in range(ROUNDS):
        with nginx.start(service.url if wire == "tls" else service.plain_url, engine) as process:
            time.sleep(number % 8 * 0.003)
            nginx.signal("stop")
            assert process.wait(60) == 0, nginx.log()
    signals = nginx.signals_of_workers()
    assert set(signals) <= {KILLED}, f"{signals}\n{nginx.log()}"
    assert len(signals) <= ROUNDS * WORKERS // 2, f"workers do not end\n{nginx.log()}"


@pytest.mark.parametrize("engine", ["thread", "caller"])
@pytest.mark.parametrize("wire", ["tls", "plain"])
def test_workers_end_well_when_it_is_reloaded_and_quits(
    nginx: Nginx, service: Service, wire: str, engine: str
) -> None:
    with nginx.start(service.url if wire == "tls" else service.plain_url, engine) as process:
        nginx.signal("reload")
        wait_until(lambda: nginx.log().count("exited with code 0") == WORKERS, nginx.log)
        nginx.wait_for_requests(nginx.requests() + BUSY)
        nginx.signal("quit")
        assert process.wait(60) == 0, nginx.log()
    assert nginx.log().count("exited with code 0") == 2 * WORKERS, nginx.log()
