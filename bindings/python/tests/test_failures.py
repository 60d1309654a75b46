"""When no good answer comes: refused, reset, silent, untrusted; and nothing is sent twice."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from typing import TYPE_CHECKING

import pytest

import trillet
from conftest import KEY
from libcurl import KEEPS_CONNECTIONS
from operations import AGENT
from recording_server import (
    RecordingServer,
    close_without_answer,
    json_answer,
    reset,
    silence,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NUMBER = "+12025550164"


def send(client: trillet.Trillet) -> trillet.TrilletError:
    with pytest.raises(trillet.TrilletError) as caught:
        client.calls.send(AGENT, NUMBER)
    return caught.value


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def test_a_refused_connection_was_certainly_not_sent() -> None:
    with trillet.Trillet(KEY, base_url=f"http://127.0.0.1:{free_port()}") as client:
        error = send(client)
    assert type(error) is trillet.ConnectionFailedError
    assert isinstance(error, ConnectionError)
    assert (error.status, error.sent, error.retryable) == (0, "no", True)
    assert "127.0.0.1" in str(error)


@pytest.mark.parametrize("fault", [reset, close_without_answer])
def test_a_connection_lost_after_the_request_may_have_been_served(
    client: trillet.Trillet, server: RecordingServer, fault: Callable[[], object]
) -> None:
    server.script(fault())  # type: ignore[arg-type]
    error = send(client)
    assert type(error) is trillet.ConnectionFailedError
    assert error.sent == "maybe"
    assert len(server.requests) == 1


def test_a_post_on_a_kept_connection_that_is_dropped_is_sent_once(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(json_answer({"callId": "first"}), close_without_answer())
    client.calls.send(AGENT, NUMBER)
    error = send(client)
    assert type(error) is trillet.ConnectionFailedError
    assert (error.sent, error.attempts) == ("maybe", 1)
    assert [request.connection for request in server.requests] == (
        [1, 1] if KEEPS_CONNECTIONS else [1, 2]
    )


def test_a_connection_that_was_dropped_is_replaced_for_the_next_call(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(close_without_answer())
    send(client)
    client.calls.send(AGENT, NUMBER)
    assert [request.connection for request in server.requests] == [1, 2]


def test_silence_ends_in_a_timeout_that_may_have_been_served(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(silence())
    with pytest.raises(trillet.RequestTimeoutError) as caught:
        client.calls.send(AGENT, NUMBER, options={"timeout_ms": 150})
    error = caught.value
    assert isinstance(error, TimeoutError)
    assert (error.status, error.sent) == (0, "maybe")
    assert "150" in str(error)
    assert error.meta["elapsedMs"] >= 150


def test_the_timeout_of_the_client_holds_for_every_call(server: RecordingServer) -> None:
    server.script(silence())
    with trillet.Trillet(KEY, base_url=server.url, timeout_ms=150) as client:
        assert type(send(client)) is trillet.RequestTimeoutError


def test_a_client_works_on_after_a_timeout(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(silence())
    with pytest.raises(trillet.RequestTimeoutError):
        client.agents.list(options={"timeout_ms": 100})
    assert client.call("agents.get", {"agentId": AGENT}).data == {}


def test_a_host_without_an_address_is_a_connection_error() -> None:
    options = {"base_url": "https://nosuchhost.invalid", "connect_timeout_ms": 3000, "proxy": ""}
    with trillet.Trillet(KEY, **options) as client:  # type: ignore[arg-type]
        error = send(client)
    assert type(error) in (trillet.ConnectionFailedError, trillet.RequestTimeoutError)
    assert error.sent == "no"
    assert "nosuchhost.invalid" in str(error)


def test_tls_to_a_plain_server_is_a_tls_error(server: RecordingServer) -> None:
    with trillet.Trillet(KEY, base_url=f"https://127.0.0.1:{server.port}") as client:
        error = send(client)
    assert type(error) is trillet.TLSError
    assert error.sent == "no"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody trusts, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command is missing; it makes the test's certificate")
    directory = tmp_path_factory.mktemp("certificate")
    paths = (directory / "certificate.pem", directory / "key.pem")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-out", str(paths[0])]
    subprocess.run([*command, "-keyout", str(paths[1])], check=True, capture_output=True)
    return paths


@pytest.fixture
def tls_url(server: RecordingServer, certificate: tuple[Path, Path]) -> str:
    server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.tls.load_cert_chain(*certificate)
    return f"https://127.0.0.1:{server.port}"


def test_a_certificate_nobody_vouches_for_is_a_tls_error(
    server: RecordingServer, tls_url: str
) -> None:
    with trillet.Trillet(KEY, base_url=tls_url) as client:
        error = send(client)
    assert type(error) is trillet.TLSError
    assert (error.status, error.sent) == (0, "no")
    assert server.requests == []


def test_a_certificate_is_trusted_when_its_authority_is_given(
    server: RecordingServer, tls_url: str, certificate: tuple[Path, Path]
) -> None:
    with trillet.Trillet(KEY, base_url=tls_url, ca_file=certificate[0]) as client:
        client.calls.send(AGENT, NUMBER)
    assert server.only_request.json == {"agentId": AGENT, "toNumber": NUMBER}


def test_a_proxy_is_used_when_given(server: RecordingServer) -> None:
    base = f"http://127.0.0.1:{free_port()}"
    with trillet.Trillet(KEY, base_url=base, proxy=server.url) as client:
        client.agents.get(AGENT)
    assert server.only_request.target == f"{base}/api/v1/agents/{AGENT}"


def test_the_proxy_of_the_environment_is_turned_off_by_an_empty_one(
    server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    with trillet.Trillet(KEY, base_url=server.url, proxy="") as client:
        client.agents.get(AGENT)
    assert server.only_request.target == f"/api/v1/agents/{AGENT}"
