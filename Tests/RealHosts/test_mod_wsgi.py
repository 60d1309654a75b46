"""Apache with mod_wsgi, whose daemon processes load the program themselves."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from calls_service import SECONDS, CallsService, wait_until
from copies import environment_in, readable_folder
from ports import free_port
from web import answers_to

APACHE = Path("/usr/sbin/apache2")
MODULES = Path("/usr/lib/apache2/modules")
pytestmark = pytest.mark.skipif(
    not APACHE.exists() or not (MODULES / "mod_wsgi.so").exists(),
    reason="needs mod_wsgi: apt install libapache2-mod-wsgi-py3",
)


def configuration(folder: Path, port: int) -> str:
    modules = ["mpm_event", "authz_core", "wsgi"]
    loaded = [f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in modules]
    return "\n".join(
        [
            *loaded,
            f"ServerRoot {folder}\nServerName loopback\nListen 127.0.0.1:{port}",
            f"PidFile {folder}/pid\nErrorLog {folder}/log\nDefaultRuntimeDir {folder}",
            f"WSGISocketPrefix {folder}/wsgi\nMutex pthread",
            f"User nobody\nGroup nogroup\nInclude {folder}/example/apache.conf\n",
        ]
    )


@contextmanager
def apache(calls: CallsService, folder: Path) -> Iterator[int]:
    """Its port."""
    port = free_port()
    (folder / "log").touch()
    (folder / "apache2.conf").write_text(configuration(folder, port))
    environment = environment_in(folder, calls.environment)
    environment["CALLS_FOLDER"] = str(folder / "example")
    command = [str(APACHE), "-f", str(folder / "apache2.conf"), "-DFOREGROUND"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
    try:
        log = folder / "log"
        wait_until(lambda: "resuming normal operations" in log.read_text(), log.read_text)
        yield port
        process.terminate()
        assert process.wait(SECONDS) == 0, log.read_text()
    finally:
        process.kill()
        process.communicate()


def test_daemon_processes_place_each_call_once(calls: CallsService) -> None:
    with readable_folder("wsgi") as folder:
        with apache(calls, folder) as port:
            answers = answers_to(port, 8)
        log = (folder / "log").read_text()
    assert [answer.partition("-")[0] for answer in answers] == ["call"] * 8, log
    assert sorted(calls.rung) == [f"+1202555{number:04}" for number in range(8)]
    assert "Traceback" not in log
