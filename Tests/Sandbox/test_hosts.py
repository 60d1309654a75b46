"""Under which names the sandbox may be asked for: nobody's page reaches it by a rebound name."""

from __future__ import annotations

import socket
import subprocess

import pytest

from conftest import StartSandbox
from sandbox import KEY, Sandbox
from sandbox_program import binary

AGENTS = "/api/v1/agents"

EVERYWHERE = (
    *("/", "/api/v1/agents", "/v1/api/batch-calls", "/metrics", "/healthz", "/openapi.json"),
    *("/sandbox/overview", "/sandbox/ledger", "/sandbox/clock", "/nowhere"),
)


def status(sandbox: Sandbox, host: str, path: str = AGENTS) -> int:
    return sandbox.request("GET", path, headers={"Host": host}).status


@pytest.mark.parametrize("path", EVERYWHERE)
def test_a_foreign_name_is_refused_on_every_route(sandbox: Sandbox, path: str) -> None:
    answer = sandbox.request("GET", path, headers={"Host": "evil.example:4010"})
    assert answer.status == 403
    error = answer.json["error"]
    assert error["code"] == "host_not_allowed"
    assert '"evil.example:4010"' in error["message"]
    assert "--allow-host evil.example" in error["message"]
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:4010", "localhost.", "127.0.0.1", "127.0.0.1:80", "[::1]:4010"],
)
def test_this_machines_names_and_addresses_are_served(sandbox: Sandbox, host: str) -> None:
    assert status(sandbox, host) == 200


def test_an_address_is_served_wherever_it_was_forwarded_from(sandbox: Sandbox) -> None:
    assert status(sandbox, "192.0.2.7:8080") == 200
    assert status(sandbox, "[2001:db8::7]") == 200


@pytest.mark.parametrize(
    "host",
    [
        *("localhost.evil.example", "127.0.0.1.evil.example", "[evil.example]", "[::1]evil"),
        *("[::1", "localhost:evil", "evil:127.0.0.1", "sandbox", ":4010", "localhost:80:80"),
    ],
)
def test_what_only_looks_like_this_machine_is_refused(sandbox: Sandbox, host: str) -> None:
    assert status(sandbox, host) == 403


def test_a_name_that_was_allowed_is_served_with_any_port_and_case(
    start_sandbox: StartSandbox,
) -> None:
    sandbox = start_sandbox("--allow-host", "sandbox", "--allow-host", "Phones.Example.")
    for host in ("sandbox", "sandbox:4010", "SANDBOX", "sandbox.", "phones.example:80"):
        assert status(sandbox, host) == 200, host
    assert status(sandbox, "other:4010") == 403
    assert status(sandbox, "evil.sandbox") == 403


def test_the_page_of_an_allowed_name_may_use_the_controls(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox("--allow-host", "sandbox")
    own = {"Host": "sandbox:4010", "Origin": "http://sandbox:4010"}
    assert sandbox.request("GET", "/sandbox/clock", headers=own).status == 200
    other = {"Host": "sandbox:4010", "Origin": "http://evil.example"}
    assert sandbox.request("GET", "/sandbox/clock", headers=other).status == 403


def test_the_name_that_it_listens_on_is_served(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox("--host", "localhost")
    assert status(sandbox, "localhost:1") == 200


def test_a_request_without_a_host_is_refused(sandbox: Sandbox) -> None:
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=20) as connection:
        connection.sendall(
            f"GET {AGENTS} HTTP/1.0\r\nx-api-key: {KEY}\r\nConnection: close\r\n\r\n".encode()
        )
        answer = connection.makefile("rb").read()
    assert answer.split(b" ", 2)[1] == b"403"
    assert b"no Host header" in answer


def test_a_foreign_name_uses_up_neither_a_fault_nor_a_place_in_the_rate(
    start_sandbox: StartSandbox,
) -> None:
    sandbox = start_sandbox("--requests-per-minute", "1")
    rule = {"operation": "agents.list", "fault": "status", "status": 503}
    assert sandbox.post("/sandbox/faults", rule).status == 200
    for _ in range(3):
        assert status(sandbox, "evil.example") == 403
    assert sandbox.get(AGENTS).status == 503
    assert sandbox.get(AGENTS).status == 200
    assert [entry["path"] for entry in sandbox.get("/sandbox/ledger").json["entries"]] == [
        AGENTS,
        AGENTS,
    ]


@pytest.mark.parametrize("name", ["", "sandbox:4010", "http://sandbox", "*", ".example", "a b"])
def test_what_is_no_name_ends_the_start_with_a_reason(name: str) -> None:
    done = subprocess.run(
        [str(binary()), "--port", "0", "--allow-host", name],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode != 0
    assert "--allow-host must be a name without scheme and port" in done.stderr
