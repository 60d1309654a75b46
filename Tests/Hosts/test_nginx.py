"""An nginx whose module never closes its client, stopped while that is busy over TLS."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import LIBRARY, ROOT, ROUNDS, Service

SOURCES = Path("/usr/share/nginx/src")
PROGRAM = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = pytest.mark.skipif(
    not (SOURCES / "configure").exists() or PROGRAM is None,
    reason="needs nginx and nginx-dev, with which a module is compiled",
)
CONFIGURATION = """
load_module {module};
worker_processes 2;
pid {folder}/pid;
error_log {folder}/error.log notice;
env TRILLET_HOST_OPTIONS;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        location / {{ return 204; }}
    }}
}}
"""


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The module, compiled for this machine's nginx."""
    folder = tmp_path_factory.mktemp("nginx")
    sources = folder / "sources"
    shutil.copytree(SOURCES, sources)
    (folder / "libtrillet.so").symlink_to(LIBRARY)
    environment = os.environ | {
        "TRILLET_INCLUDE": str(ROOT / "include"),
        "TRILLET_LIBRARY": f"-L{folder} -Wl,-rpath,{LIBRARY.parent} -ltrillet",
    }
    added = ROOT / "Tests/Hosts/nginx_module"
    script = (
        'source ./conf_flags && ./configure "${NGX_CONF_FLAGS[@]}" '
        f"--with-cc-opt='-g -O1 -fPIC -Wall -Wextra' --add-dynamic-module={added} && "
        "make -s -f objs/Makefile modules"
    )
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=sources,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return sources / "objs/trillet_host.so"


class Nginx:
    """An nginx with the module, in a folder of its own."""

    def __init__(self, folder: Path, module: Path, service: Service) -> None:
        assert PROGRAM is not None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        self.folder = folder
        folder.chmod(0o755)
        text = CONFIGURATION.format(
            module=module,
            folder=folder,
            port=port,
            certificate=service.certificate,
            key=service.key,
        )
        (folder / "nginx.conf").write_text(text)
        options = {"baseUrl": service.url, "apiKey": "sandbox-key", "env": False}
        options["caFile"] = str(service.certificate)
        self._command = [PROGRAM, "-p", str(folder), "-c", str(folder / "nginx.conf")]
        self._environment = os.environ | {"TRILLET_HOST_OPTIONS": json.dumps(options)}

    def start(self) -> None:
        subprocess.run(self._command, env=self._environment, check=True, timeout=30)
        self.wait_until(lambda: (self.folder / "pid").exists(), "it did not start")
        time.sleep(0.5)

    def signal(self, name: str) -> None:
        subprocess.run(
            [*self._command, "-s", name],
            env=self._environment,
            check=True,
            timeout=30,
            stderr=subprocess.DEVNULL,
        )

    def end(self, name: str) -> None:
        self.signal(name)
        self.wait_until(lambda: not (self.folder / "pid").exists(), f"{name} did not end it")

    def wait_until(self, holds: object, problem: str) -> None:
        assert callable(holds)
        deadline = time.monotonic() + 30
        while not holds():
            assert time.monotonic() < deadline, f"{problem}: {self.log}"
            time.sleep(0.02)

    @property
    def log(self) -> str:
        path = self.folder / "error.log"
        return path.read_text() if path.exists() else ""


@pytest.fixture
def nginx(module: Path, service: Service) -> Iterator[Nginx]:
    with tempfile.TemporaryDirectory(prefix="trillet-nginx-") as folder:
        made = Nginx(Path(folder), module, service)
        yield made
        if (made.folder / "pid").exists():
            made.end("stop")


def check(nginx: Nginx) -> None:
    ended = [line for line in nginx.log.splitlines() if "exited on signal" in line]
    assert ended == [], ended
    assert "no client" not in nginx.log
    assert "exited with code 0" in nginx.log


def test_workers_that_are_stopped_while_the_client_is_busy_end_of_themselves(nginx: Nginx) -> None:
    for _ in range(ROUNDS):
        nginx.start()
        nginx.end("stop")
    check(nginx)


def test_workers_that_quit_or_are_replaced_end_of_themselves(nginx: Nginx) -> None:
    nginx.start()
    nginx.signal("reload")
    time.sleep(0.5)
    nginx.end("quit")
    check(nginx)
