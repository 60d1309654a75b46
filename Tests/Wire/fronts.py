"""nginx and nghttpx, each over any wire: alone, or in front of a plain server.

Only the standard library is used here, for the soak runs it with the system's Python.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

from certificates import Certificate
from ports import free_port

_START = 20.0
_ANSWER = '{"callId":"call-1","status":"queued"}'
_PROTOCOLS = {"tls12": "TLSv1.2", "tls13": "TLSv1.3", "h2": "TLSv1.2 TLSv1.3"}
_NGINX = """
worker_processes 1;
daemon off;
pid nginx.pid;
error_log error.log warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 100000;
    keepalive_timeout {keepalive}s;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    client_max_body_size {largest_body};
    {upstream}
    server {{
        listen 127.0.0.1:{control};
        location / {{ stub_status; }}
    }}
    server {{
        listen 127.0.0.1:{inner};
        default_type application/json;
        location / {{ return 200 '{answer}'; }}
    }}
    server {{
        listen 127.0.0.1:{port}{listen} backlog=4096;
        {tls}
        default_type application/json;
        location / {{ {location} }}
    }}
}}
"""
_UPSTREAM = "upstream service {{ server 127.0.0.1:{port}; keepalive 64; }}"
_PASS = (
    'proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection "";'
    " proxy_next_upstream off; proxy_request_buffering off;"
)
# nginx answers from the head alone; as a proxy it reads the whole request first.
_READ_FIRST = "proxy_pass http://127.0.0.1:{port};"


class Nginx(NamedTuple):
    """A running server."""

    port: int
    url: str
    control: int
    serves_itself: bool

    def requests(self) -> int:
        """How many it has served, and one more each time that it is asked."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.control}/", timeout=10) as answer:
            counts = answer.read().decode().splitlines()[2].split()
        return int(counts[2])

    def served(self, since: int) -> int:
        """How many it has served since `requests` said that number."""
        return (self.requests() - since - 1) // (2 if self.serves_itself else 1)


def program_at(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    assert found, f"{name} is not installed; Tools/install-packages test installs it"
    return found


@contextmanager
def nginx(
    wire: str,
    certificate: Certificate,
    folder: Path,
    upstream: int | None = None,
    keepalive: int = 75,
    largest_body: str = "64m",
    reads_first: bool = False,
) -> Iterator[Nginx]:
    """nginx with an answer of its own, given from the head alone or once it has read the request,
    or in front of the plain server on a port; it closes a connection that nobody used for so many
    seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    port, control, inner = free_port(), free_port(), free_port()
    secure = wire != "plain"
    tls = ""
    if secure:
        tls = (
            f"ssl_protocols {_PROTOCOLS[wire]}; ssl_certificate {certificate.chain};"
            f" ssl_certificate_key {certificate.key};"
        )
    listen = {"plain": "", "h2": " ssl http2"}.get(wire, " ssl")
    location = f"return 200 '{_ANSWER}';"
    if upstream or reads_first:
        location = _PASS if upstream else _READ_FIRST.format(port=inner)
    text = _NGINX.format(
        inner=inner,
        keepalive=keepalive,
        largest_body=largest_body,
        answer=_ANSWER,
        control=control,
        port=port,
        listen=listen,
        tls=tls,
        upstream=_UPSTREAM.format(port=upstream) if upstream else "",
        location=location,
    )
    configuration = folder / "nginx.conf"
    configuration.write_text(text)
    command = [program_at("nginx"), "-p", str(folder), "-c", str(configuration)]
    if _nginx_knows_where_errors_go():
        command += ["-e", str(folder / "error.log")]
    with _running(command, port, folder):
        scheme = "https" if secure else "http"
        yield Nginx(port, f"{scheme}://127.0.0.1:{port}", control, reads_first)


@cache
def _nginx_knows_where_errors_go() -> bool:
    """Since 1.19.5; before, it opens a log of its own too, which root may do."""
    told = subprocess.run([program_at("nginx"), "-h"], capture_output=True, text=True, check=False)
    return "-e filename" in told.stderr + told.stdout


def _name_of_protocol_option() -> str:
    """Later versions of nghttpx have another name for it."""
    usage = subprocess.run([program_at("nghttpx"), "--help"], capture_output=True, text=True)
    return "--alpn-list" if "--alpn-list" in usage.stdout else "--npn-list"


@contextmanager
def nghttpx(wire: str, certificate: Certificate, folder: Path, upstream: int) -> Iterator[str]:
    """nghttpx in front of the plain server on a port; its URL."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    frontend = f"--frontend=127.0.0.1,{port}"
    command = [program_at("nghttpx"), "--conf=/dev/null", "--workers=1", "--log-level=FATAL"]
    command += [f"--backend=127.0.0.1,{upstream}", "--accesslog-file=/dev/null"]
    if wire == "plain":
        command += [f"{frontend};no-tls"]
    else:
        version = "TLSv1.2" if wire == "tls12" else "TLSv1.3"
        protocol = "h2" if wire == "h2" else "http/1.1"
        command += [
            frontend,
            f"{_name_of_protocol_option()}={protocol}",
            f"--tls-min-proto-version={version}",
        ]
        command += [f"--tls-max-proto-version={version}"]
        command += [str(certificate.key), str(certificate.chain)]
    with _running(command, port, folder):
        yield f"{'http' if wire == 'plain' else 'https'}://127.0.0.1:{port}"


@contextmanager
def _running(command: list[str], port: int, folder: Path) -> Iterator[None]:
    log = folder / "messages.txt"
    with (
        log.open("wb") as messages,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=messages, stderr=messages
        ) as process,
    ):
        try:
            _wait_for(port, process, command[0], log)
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for(port: int, process: subprocess.Popen[bytes], name: str, log: Path) -> None:
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline:
        assert process.poll() is None, f"{name} did not start: {log.read_text()}"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise AssertionError(f"{name} did not listen within {_START:g} s")
