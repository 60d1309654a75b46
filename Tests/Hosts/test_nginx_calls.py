"""The nginx module of the examples: a timer for each request, and an answer from the event loop."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from conftest import LIBRARY, ROOT, Service
from nginx_program import WITH_NGINX, configured, module_built_from, wait_until
from ports import free_port

pytestmark = WITH_NGINX
SECONDS = 60
CONFIGURATION = """
load_module MODULE/ngx_http_trillet_module.so;
daemon off;
master_process MASTER;
user root;
worker_processes 1;
pid FOLDER/pid;
error_log FOLDER/log notice;
env TRILLET_API_KEY;
env TRILLET_WORKSPACE_ID;
env TRILLET_BASE_URL;
events {}
http {
    access_log off;
    TEMPORARY_PATHS
    server {
        listen 127.0.0.1:PORT;
        location = /echo { trillet "POST /echo" 30s; }
        location = /short { trillet "POST /echo" 300ms; }
    }
}
"""


class Nginx:
    """A running one with the module, and a tag of its own at the service."""

    process: subprocess.Popen[bytes]

    def __init__(self, folder: Path, module: Path, service: Service, master: bool) -> None:
        self.folder = folder
        self.service = service
        self.port = free_port()
        self.tag = uuid.uuid4().hex
        words = {"MODULE": module, "PORT": self.port, "MASTER": "on" if master else "off"}
        self.command = configured(folder, CONFIGURATION, words)
        (folder / "log").touch()
        self.environment = os.environ | {
            "LD_LIBRARY_PATH": str(LIBRARY.parent),
            "TRILLET_API_KEY": "sandbox-key",
            "TRILLET_WORKSPACE_ID": "sandbox-workspace",
            "TRILLET_BASE_URL": service.plain_url,
        }

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def ask(self, path: str, **fields: object) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        connection.request("POST", path, json.dumps({"tag": self.tag} | fields))
        answer = connection.getresponse()
        body = json.loads(answer.read())
        connection.close()
        return answer.status, body

    def go_away(self) -> None:
        """Asks for a call that is held, and closes when it is on the wire."""
        before = self.service.requests(self.tag)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        connection.request("POST", "/echo", json.dumps({"tag": self.tag, "hold": True}))
        wait_until(lambda: self.service.requests(self.tag) > before, self.log)
        connection.close()

    def wait_for_unheard(self, count: int) -> None:
        wait_until(lambda: self.log().count("nobody hears answer") >= count, self.log)

    def release(self) -> None:
        with urlopen(f"{self.service.plain_url}/release?tag={self.tag}", timeout=SECONDS):
            pass

    def worker(self) -> int:
        """The process that serves."""
        master = (self.folder / "pid").read_text().strip()
        return int(Path(f"/proc/{master}/task/{master}/children").read_text().split()[-1])

    def signal(self, name: str) -> None:
        command = [*self.command, "-s", name]
        subprocess.run(command, env=self.environment, check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nginx-calls")
    module_built_from(ROOT / "examples/hosts/nginx", folder)
    return folder / "module"


@contextmanager
def running(made: Nginx, before: list[str]) -> Iterator[None]:
    made.process = subprocess.Popen([*before, *made.command], env=made.environment)
    try:
        wait_until(made.listens, made.log)
        yield
    finally:
        made.process.kill()
        made.process.wait()


@pytest.fixture
def nginx(tmp_path: Path, module: Path, service: Service) -> Iterator[Nginx]:
    made = Nginx(tmp_path, module, service, master=True)
    with running(made, []):
        yield made
        if made.process.poll() is None:
            made.process.send_signal(signal.SIGQUIT)
        assert made.process.wait(SECONDS) == 0, made.log()
    assert "open socket" not in made.log()
    assert "exited on signal" not in made.log()


def test_one_worker_waits_for_many_calls_at_the_same_time(nginx: Nginx) -> None:
    began = time.monotonic()
    with ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(nginx.ask, "/echo", id=each, delayMs=1000) for each in range(20)]
        answers = [each.result(SECONDS) for each in asked]
    assert time.monotonic() - began < 15
    assert [status for status, _ in answers] == [200] * 20
    assert [body["data"]["id"] for _, body in answers] == list(range(20))


def test_a_request_has_a_deadline_of_its_own_and_says_whether_it_was_sent(nginx: Nginx) -> None:
    with ThreadPoolExecutor(2) as pool:
        late = pool.submit(nginx.ask, "/short", hold=True)
        in_time = pool.submit(nginx.ask, "/echo", hold=True)
        status, body = late.result(SECONDS)
        assert (status, body["error"]["type"], body["error"]["sent"]) == (504, "cancelled", "maybe")
        assert not in_time.done()
        nginx.release()
        assert in_time.result(SECONDS)[0] == 200
    assert "nobody hears" not in nginx.log()


def test_a_client_that_goes_away_cancels_its_wait(nginx: Nginx) -> None:
    nginx.go_away()
    nginx.wait_for_unheard(1)
    line = next(line for line in nginx.log().splitlines() if "nobody hears" in line)
    error = json.loads(line[line.index("{") :])["error"]
    assert (error["type"], error["sent"]) == ("cancelled", "maybe")
    assert nginx.ask("/echo", id=2)[1]["data"]["id"] == 2


def test_what_is_no_call_is_refused(nginx: Nginx) -> None:
    status, body = nginx.ask("/echo", id="x" * 100)
    assert (status, body["ok"]) == (200, True)
    connection = http.client.HTTPConnection("127.0.0.1", nginx.port, timeout=SECONDS)
    connection.request("GET", "/echo")
    first = connection.getresponse()
    assert (first.status, bool(first.read())) == (405, True)
    connection.request("POST", "/echo", "not json")
    second = connection.getresponse()
    assert (second.status, json.loads(second.read())["error"]["sent"]) == (502, "no")
    connection.request("POST", "/echo", json.dumps({"id": "x" * 100_000}))
    assert connection.getresponse().status == 413


def test_clients_that_go_away_leave_no_descriptor(nginx: Nginx) -> None:
    worker = nginx.worker()

    def descriptors() -> int:
        return len(os.listdir(f"/proc/{worker}/fd"))

    nginx.go_away()
    nginx.wait_for_unheard(1)
    before = descriptors()
    for count in range(2, 32):
        nginx.go_away()
        nginx.wait_for_unheard(count)
    wait_until(lambda: descriptors() <= before + 1, lambda: f"{descriptors()}, before {before}")
    assert nginx.worker() == worker


def test_a_reload_lets_the_old_worker_answer_before_it_ends(nginx: Nginx) -> None:
    old = nginx.worker()
    with ThreadPoolExecutor(3) as pool:
        heard = [pool.submit(nginx.ask, "/echo", hold=True) for _ in range(2)]
        late = pool.submit(nginx.ask, "/short", delayMs=20_000)
        wait_until(lambda: nginx.service.requests(nginx.tag) == 3, nginx.log)
        nginx.signal("reload")
        assert late.result(SECONDS)[0] == 504
        wait_until(lambda: nginx.worker() != old, nginx.log)
        assert Path(f"/proc/{old}").exists()
        nginx.release()
        assert [each.result(SECONDS)[0] for each in heard] == [200, 200]
    wait_until(lambda: f"worker process {old} exited with code 0" in nginx.log(), nginx.log)
    assert nginx.ask("/echo", id=7)[1]["data"]["id"] == 7


def test_a_fast_stop_says_which_calls_nobody_has_heard_of(nginx: Nginx) -> None:
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(nginx.ask, "/echo", hold=True)
        wait_until(lambda: nginx.service.requests(nginx.tag) == 1, nginx.log)
        nginx.signal("stop")
        assert isinstance(asked.exception(SECONDS), OSError | http.client.HTTPException)
    nginx.wait_for_unheard(1)
    assert '"sent":"maybe"' in nginx.log()
    assert nginx.process.wait(SECONDS) == 0
    assert "exited with code 0" in nginx.log()


def test_nothing_leaks_whoever_ends_a_wait(tmp_path: Path, module: Path, service: Service) -> None:
    if (valgrind := shutil.which("valgrind")) is None:
        pytest.skip("needs valgrind: apt install valgrind")
    made = Nginx(tmp_path, module, service, master=False)
    found = tmp_path / "valgrind"
    # nginx unloads the module, and then the library, before valgrind looks.
    before = [valgrind, "--leak-check=full", "--keep-debuginfo=yes", f"--log-file={found}"]
    with running(made, before):
        for count in range(1, 4):
            assert made.ask("/echo", id=count)[0] == 200
            assert made.ask("/short", delayMs=20_000)[0] == 504
            made.go_away()
            made.wait_for_unheard(count)
        made.process.send_signal(signal.SIGQUIT)
        assert made.process.wait(SECONDS) == 0, made.log()
    report = found.read_text()
    assert "ERROR SUMMARY" in report
    assert "Invalid" not in report
    # nginx loses some bytes of its own. A frame without a name would be one of the library's.
    blocks = report.partition("HEAP SUMMARY")[2]
    assert "trillet" not in blocks, blocks
    assert not re.search(r"0x[0-9A-F]+: \?\?\?$", blocks, re.MULTILINE), blocks
