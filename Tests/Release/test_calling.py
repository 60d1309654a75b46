"""Calls through a release library: connections, and what it trusts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import native
from certificates import make_certificate
from dial_table import NUMBER
from doors import Client
from operations import AGENT
from recording_server import RecordingServer, json_answer

POSTS = 20
SEND = {"agentId": AGENT, "toNumber": NUMBER}

# In namespaces of its own the process sees empty folders where certificates lie.
HIDE = " && ".join(
    f"{{ [ ! -d {folder} ] || mount -t tmpfs none {folder}; }}"
    for folder in ("/etc/ssl", "/etc/pki")
)
NEW_CLIENT = """
import ctypes, sys
library = ctypes.CDLL(sys.argv[1])
library.trillet_client_new.restype = ctypes.c_void_p
error = ctypes.c_char_p()
options = b'{"apiKey":"sandbox-key","baseUrl":"%s"}' % sys.argv[2].encode()
client = library.trillet_client_new(options, ctypes.byref(error))
print("made" if client else error.value.decode())
"""


def info() -> dict[str, object]:
    return native.answer("trillet_library_info")


def new_client_without_certificates(library: Path, url: str, **environment: str) -> str:
    inside = ["unshare", "--mount", "sh", "-c", f'{HIDE} && exec "$@"', "sh"]
    if os.getuid() != 0:
        inside.insert(1, "--map-root-user")
    if subprocess.run([*inside, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine allows no namespace in which certificates are hidden")
    return subprocess.run(
        [*inside, sys.executable, "-c", NEW_CLIENT, str(library), url],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout.strip()


def test_twenty_posts_go_over_one_connection() -> None:
    with RecordingServer() as server:
        server.respond = lambda request: json_answer({})
        with Client(server.url) as client:
            for _ in range(POSTS):
                assert client.call("calls.send", SEND)["ok"]
        assert len(server.requests) == POSTS
        assert {request.connection for request in server.requests} == {
            server.requests[0].connection
        }


def test_it_says_what_it_runs_with(is_bundled: bool) -> None:
    facts = info()
    assert facts["bundled"] is is_bundled
    assert facts["http2"] is True
    assert str(facts["tls"]).startswith("OpenSSL/")


def test_it_has_the_versions_that_are_pinned(only_bundled: None) -> None:
    pinned = Path(__file__).resolve().parents[2] / "packaging/bundled/sources.txt"
    rows = [line.split() for line in pinned.read_text("ascii").splitlines() if line[:1] != "#"]
    versions = {name: version.partition("-")[0] for name, version in rows}
    facts = info()
    assert facts["libcurl"] == versions["curl"]
    assert facts["tls"] == f"OpenSSL/{versions['openssl']}"


def test_it_finds_the_certificates_of_the_system(only_bundled: None) -> None:
    if not os.access("/etc/ssl/certs/ca-certificates.crt", os.R_OK):
        pytest.skip("ca-certificates is not installed")
    assert info()["caFile"] == "/etc/ssl/certs/ca-certificates.crt"


def test_without_certificates_an_https_client_says_where_it_looked(
    only_bundled: None, library: Path
) -> None:
    shown = new_client_without_certificates(library, "https://127.0.0.1:9")
    error = json.loads(shown)["error"]
    assert (error["type"], error["field"]) == ("configuration", "caFile")
    for place in (
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/cert.pem",
        "SSL_CERT_FILE",
        "CURL_CA_BUNDLE",
    ):
        assert place in error["message"]


def test_without_certificates_a_service_on_this_machine_needs_none(
    only_bundled: None, library: Path
) -> None:
    assert new_client_without_certificates(library, "http://127.0.0.1:9") == "made"


def test_without_certificates_of_the_system_those_of_the_environment_do(
    only_bundled: None, library: Path, tmp_path: Path
) -> None:
    file = str(make_certificate(tmp_path).authority)
    shown = new_client_without_certificates(library, "https://127.0.0.1:9", SSL_CERT_FILE=file)
    assert shown == "made"
