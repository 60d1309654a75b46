"""What nobody sends by accident ends nothing, fills no memory, and no secret of it is shown."""

from __future__ import annotations

import http.client
import json
import socket
import sqlite3
import time
from pathlib import Path

import pytest

from conftest import StartSandbox
from sandbox import Answer, Sandbox, contacts, flow_fields, new_agent, ready_agent, until
from webhooks import deliveries, send, settled

NO_RATE = ("--requests-per-minute", "0")
BAD_ADDRESSES = (
    *("http://127.0.0.1:65536/", "http://127.0.0.1:99999999999999999999/", "http://127.0.0.1:0/"),
    *("http://127.0.0.1:-1/", "http://127.0.0.1:x/", "http://[::1/", "http://[::g]/"),
    *("http:///path", "http://", "http://a%00b/", "http://127.0.0.1/\r\nX: y"),
    *(f"http://{'a' * 5_000}/", "//127.0.0.1/", "ftp://127.0.0.1/", "\x00"),
)


def test_an_event_that_cannot_be_sent_is_marked_and_stops_no_start(
    start_sandbox: StartSandbox, tmp_path: Path
) -> None:
    options = (*NO_RATE, "--speed", "600", "--database", str(tmp_path / "sandbox.sqlite"))
    server = start_sandbox(*options)
    agent = ready_agent(server)
    for address in BAD_ADDRESSES:
        send(server, agent, address)
    entries = settled(server)
    assert len(entries) == 2 * len(BAD_ADDRESSES)
    for entry in entries:
        (attempt,) = entry["attempts"]
        assert (entry["status"], attempt["status"]) == ("failed", None)
        assert len(attempt["error"]) <= 300
    port = [entry for entry in entries if ":65536" in entry["url"]]
    assert "a port from 1 to 65535" in port[0]["attempts"][0]["error"]
    assert server.stop() == 0
    again = start_sandbox(*options)
    assert len(deliveries(again)) == len(entries)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("simulatedTime", text) for text in ("9223372036854775807", "-5", "soon")),
        *(("clockSpeed", text) for text in ("nan", "inf", "-1", "0", "1e300", "fast")),
        ("clockIsPaused", "perhaps"),
        ("singleCalls", "-7"),
    ],
)
def test_no_stored_setting_stops_a_start(
    start_sandbox: StartSandbox, tmp_path: Path, name: str, value: str
) -> None:
    path = tmp_path / "sandbox.sqlite"
    first = start_sandbox(*NO_RATE, "--database", str(path))
    agent = ready_agent(first)
    send(first, agent, "")
    first.stop()
    with sqlite3.connect(path) as database:
        database.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))
    server = start_sandbox(*NO_RATE, "--database", str(path))
    assert server.get("/sandbox/clock").json["now"] > 0
    send(server, agent, "")
    assert server.stop() == 0


def test_no_stored_row_ends_the_sandbox(start_sandbox: StartSandbox, tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite"
    options = (*NO_RATE, "--speed", "600", "--database", str(path))
    first = start_sandbox(*options)
    agent = ready_agent(first)
    first.steer(paused=True)
    send(first, agent, "http://127.0.0.1:1/")
    assert first.upload("/v1/api/batch-calls", contacts(3), agentId=agent).status == 200
    first.stop()
    with sqlite3.connect(path) as database:
        database.execute("UPDATE delivery SET attempts = 'none'")
        database.execute("UPDATE job SET row = -row, attempts = -4")
        database.execute("UPDATE workspace SET simulatedUntil = 9223372036854775807")
    server = start_sandbox(*options)
    server.steer(paused=False)
    until(lambda: deliveries(server), lambda entries: all(one["attempts"] for one in entries))
    assert server.get("/v1/api/agents").status == 200
    assert server.stop() == 0


def test_a_prompt_that_its_variables_make_endless_is_400(start_sandbox: StartSandbox) -> None:
    server = start_sandbox(*NO_RATE)
    agent = ready_agent(server, {"prompt": "{x}" * 20_000})
    order = {"agentId": agent, "toNumber": "+15005550000"}
    before = server.peak_memory()
    refused = server.post("/api/v1/calls/call", {**order, "dynamicVariables": {"x": "y" * 60_000}})
    assert (refused.status, refused.json["error"]) == (400, "Invalid configuration")
    assert "longer than 1 MiB with these variables" in refused.json["details"]
    csv = f"phone_number,x\n+12025550164,short\n+12025550165,{'y' * 60_000}\n"
    batch = server.upload("/v1/api/batch-calls", csv, agentId=agent)
    assert (batch.status, batch.json["message"][:6]) == (400, "Row 2:")
    assert server.peak_memory() - before < 64 * 1_048_576
    short = server.post("/api/v1/calls/call", {**order, "dynamicVariables": {"x": "y"}})
    assert short.status == 200


def test_a_prompt_of_nothing_but_braces_costs_no_time(start_sandbox: StartSandbox) -> None:
    server = start_sandbox(*NO_RATE)
    agent = ready_agent(server, {"prompt": "{" * 500_000 + " " * 1_000 + "}"})
    order = {"agentId": agent, "toNumber": "+15005550000", "dynamicVariables": {"x" * 60_000: "y"}}
    start = time.monotonic()
    assert server.post("/api/v1/calls/call", order).status == 200
    assert time.monotonic() - start < 10


def test_a_long_conversation_is_cut_where_an_hour_is_over(start_sandbox: StartSandbox) -> None:
    server = start_sandbox(*NO_RATE)
    agent = ready_agent(server, {"prompt": "word " * 100_000})
    call = server.post("/api/v1/calls/call", {"agentId": agent, "toNumber": "+15005550000"}).json
    server.steer(paused=True, advanceMs=3_600_000)
    answer = server.get(f"/v2/api/call-history/{call['callId']}")
    assert answer.status == 200
    assert 60_000 < len(answer.body) < 80_000


def raw(server: Sandbox, request: bytes) -> Answer:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(request)
        response = http.client.HTTPResponse(connection)
        response.begin()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, response.read())


@pytest.mark.parametrize("size", [b"zz", b"-1", b"FFFFFFFFFFFFFFFFFFFF", b""])
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (b"/v1/api/call", b"application/json"),
        (b"/v1/api/batch-calls", b"multipart/form-data; boundary=x"),
    ],
)
def test_a_bad_chunk_size_is_400(sandbox: Sandbox, path: bytes, kind: bytes, size: bytes) -> None:
    answer = raw(
        sandbox,
        b"POST " + path + b" HTTP/1.1\r\nHost: localhost\r\nx-api-key: sandbox-key\r\n"
        b"x-workspace-id: sandbox-workspace\r\nContent-Type: " + kind + b"\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n" + size + b"\r\n",
    )
    assert answer.status == 400
    assert answer.headers["connection"] == "close"


def test_the_ledger_is_bounded_by_bytes(start_sandbox: StartSandbox) -> None:
    server = start_sandbox(*NO_RATE)
    long = "x" * 14_000
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    count = 11_000
    for number in range(count):
        headers = {"x-request-id": f"r{number}"}
        connection.request("GET", f"/v1/api/agents?long={long}", headers=headers)
        connection.getresponse().read()
    connection.close()
    ledger = server.get("/sandbox/ledger?limit=1").json
    assert ledger["totals"]["agents.list"]["received"] == count
    assert 1_000 < ledger["dropped"] < 4_000
    assert ledger["entries"][-1]["requestId"] == f"r{count - 1}"


@pytest.mark.parametrize("name", ["Proxy-Authorization", "Authorization", "x-webhook-secret"])
def test_the_journal_shows_no_credentials(sandbox: Sandbox, name: str) -> None:
    sandbox.request("GET", "/v1/api/agents", headers={name: "Basic aHVudGVyMg=="})
    entry = sandbox.get("/sandbox/journal?limit=1").json["entries"][0]
    assert entry["requestHeaders"][name.lower()] == "***"
    assert "aHVudGVyMg" not in json.dumps(entry)


@pytest.mark.parametrize("replaced", [False, True])
def test_a_database_deleted_under_a_server_is_no_silent_loss(
    start_sandbox: StartSandbox, tmp_path: Path, replaced: bool
) -> None:
    path = tmp_path / "sandbox.sqlite"
    server = start_sandbox(*NO_RATE, "--database", str(path))
    new_agent(server)
    for file in list(tmp_path.iterdir()):
        file.unlink()
    if replaced:
        path.write_bytes(b"")
    refused = server.post("/v1/api/call-flows", flow_fields())
    assert refused.status == 503
    assert f"database {path} was deleted or replaced" in refused.json["details"]
    assert "retry-after" not in refused.headers
    assert "was deleted or replaced" in server.logged()


def test_a_journal_deleted_under_a_server_is_no_silent_loss(
    start_sandbox: StartSandbox, tmp_path: Path
) -> None:
    path = tmp_path / "sandbox.sqlite"
    server = start_sandbox(*NO_RATE, "--database", str(path))
    new_agent(server)
    (tmp_path / "sandbox.sqlite-wal").unlink()
    assert server.post("/v1/api/call-flows", flow_fields()).status == 503
    assert server.stop() != 0


def test_time_stands_still_at_its_last_moment(start_sandbox: StartSandbox, tmp_path: Path) -> None:
    options = (*NO_RATE, "--database", str(tmp_path / "sandbox.sqlite"))
    server = start_sandbox(*options)
    agent = ready_agent(server)
    server.steer(jumpTo="9999-12-31T23:59:59Z", speed=1_000_000)
    last = "9999-12-31T23:59:59.999Z"
    until(lambda: server.get("/sandbox/clock").json["time"], lambda time: time == last)
    send(server, agent, "http://127.0.0.1:1/")
    assert server.upload("/v1/api/batch-calls", contacts(3), agentId=agent).status == 200
    assert server.steer(advanceMs=0)["time"] == last
    assert server.stop() == 0
    again = start_sandbox(*options)
    assert again.get("/sandbox/clock").json["time"] == last
    assert again.get("/v2/api/call-history").status == 200
