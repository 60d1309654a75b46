"""The command ``trillet listen``: what it takes, keeps and forwards, and how it ends."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sqlite3
import stat
import time
import urllib.request
from typing import TYPE_CHECKING

import pytest

from homes import Home, account
from listening import SECRET, Listening, posted, sent
from recording_server import answer, json_answer, silence
from test_magic_numbers import calling_agent
from trillet._command.events.forms import body_of, data_of, signature_of
from trillet.testing import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from recording_server import RecordingServer


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture(scope="module")
def service() -> Iterator[Sandbox]:
    with Sandbox(speed=600, seed=7) as running:
        yield running


def of(service: Sandbox) -> dict[str, str]:
    return account(
        {
            "apiKey": service.api_key,
            "workspaceId": service.workspace_id,
            "url": service.url,
        }
    )


def registered(service: Sandbox) -> list[str]:
    return [each["url"] for each in service.control("GET", "/sandbox/webhooks")["webhooks"]]


def test_an_event_is_forwarded_byte_for_byte_with_what_proves_it(
    home: Home, server: RecordingServer
) -> None:
    with Listening(home, "--forward-to", f"{server.url}/hook?x=1") as listening:
        status, body = sent(listening.url, delivery="evt_77")
        event, forwarded = listening.line(), listening.line()["forwarded"]
        assert listening.end(signal.SIGINT) == 0
    assert status == 200
    assert (event["id"], event["type"], event["delivery"]) == (1, "call.completed", "evt_77")
    assert event["body"] == json.loads(body)
    assert (forwarded["id"], forwarded["status"]) == (1, 200)
    (request,) = server.requests
    assert (request.method, request.target) == ("POST", "/hook?x=1")
    assert request.body == body
    assert request.headers["x-trillet-delivery"] == "evt_77"
    assert request.headers["content-type"] == "application/json"
    assert len(request.headers["x-trillet-signature"]) == 64
    assert "1 received, 1 taken by" in listening.said
    assert "x=1" not in listening.said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_calls_of_a_sandbox_come_while_it_listens_and_no_longer(
    home: Home, service: Sandbox, number: int
) -> None:
    with Listening(home, "--register", **of(service)) as listening:
        assert registered(service) == [listening.url]
        with service.client() as client:
            call = client.calls.send(calling_agent(client), "+15005550000")["callId"]
        types = []
        while "call.completed" not in types:
            event = listening.line()
            assert event["callId"] == call
            types.append(event["type"])
        assert listening.end(number) == 0
    assert types == ["call.started", "call.completed"]
    assert registered(service) == []


def test_a_listener_that_was_killed_is_registered_once_when_it_is_back(
    home: Home, service: Sandbox
) -> None:
    with Listening(home, "--register", **of(service)) as first:
        first.end(signal.SIGKILL)
    assert registered(service) == [first.url]
    port = first.url.rstrip("/").rpartition(":")[2]
    with Listening(home, "--register", "--port", port, **of(service)) as second:
        assert registered(service) == [second.url] == [first.url]
        second.end(signal.SIGTERM)
    assert registered(service) == []


def test_a_service_that_is_no_sandbox_is_named(home: Home, server: RecordingServer) -> None:
    server.respond = lambda _: json_answer({"error": "Not found"}, 404)
    done = home.run("listen", "--register", "--port", 0, TRILLET_BASE_URL=server.url)
    assert done.returncode == 2
    assert "dashboard" in done.stderr
    nobody = home.run("listen", "--register", "--port", 0, TRILLET_BASE_URL="http://127.0.0.1:9")
    assert nobody.returncode == 6


def test_what_is_not_proven_is_neither_kept_nor_forwarded(
    home: Home, server: RecordingServer
) -> None:
    with Listening(home, "--forward-to", server.url) as listening:
        body = b'{"event":"call.completed","data":{}}'
        assert sent(listening.url, secret="another")[0] == 401
        assert posted(listening.url, body, {}) == 401
        assert posted(listening.url, body, {"X-Trillet-Signature": "z"}) == 401
        assert posted(listening.url, body, {"Content-Type": "text/plain"}) == 415
        # It may be answered before all of it was sent, and the connection is over then.
        with contextlib.suppress(urllib.error.URLError):
            assert posted(listening.url, b"x" * 1_048_577, {}) == 413
        with pytest.raises(urllib.error.HTTPError, match="405"):
            urllib.request.urlopen(listening.url, timeout=30)
        assert listening.end(signal.SIGINT) == 0
    assert "signature_mismatch" in listening.said
    assert "signature_missing" in listening.said
    assert "6 refused" in listening.said
    assert server.requests == []
    assert json.loads(home.run("events", "list", "--output", "json").stdout) == {"events": []}


def test_only_the_wanted_events_are_taken(home: Home) -> None:
    with Listening(home, "--events", "call.failed, sms.sent") as listening:
        for kind in ("call.completed", "call.failed", "call.started", "sms.sent"):
            assert sent(listening.url, kind)[0] == 200
        assert [listening.line()["type"] for _ in range(2)] == ["call.failed", "sms.sent"]
        assert listening.end(signal.SIGINT) == 0
    assert "2 received" in listening.said


def test_a_receiver_that_is_down_gets_the_event_later_by_hand(
    home: Home, server: RecordingServer
) -> None:
    server.script(json_answer({"error": "No"}, 500))
    with Listening(home, "--forward-to", server.url) as listening:
        _, body = sent(listening.url)
        listening.line()
        assert listening.line()["forwarded"]["status"] == 500
        listening.end(signal.SIGINT)
    assert "trillet events resend 1" in listening.said
    # Nobody repeats it but its user.
    assert len(server.requests) == 1
    again = home.run("events", "resend", "1")
    assert again.returncode == 0, again.stderr
    first, second = server.requests
    assert second.body == first.body == body
    assert second.headers["x-trillet-signature"] == first.headers["x-trillet-signature"]


def test_a_receiver_that_hangs_keeps_no_sender_waiting_and_the_order_stays(
    home: Home, server: RecordingServer
) -> None:
    server.script(silence())
    with Listening(home, "--forward-to", server.url, "--print", "json") as listening:
        start = time.monotonic()
        sent(listening.url, delivery="evt_1")
        sent(listening.url, delivery="evt_2")
        assert time.monotonic() - start < 20
        assert [listening.line()["delivery"] for _ in range(2)] == ["evt_1", "evt_2"]


def test_as_many_events_are_kept_as_were_asked_for(home: Home) -> None:
    with Listening(home, "--keep", 3) as listening:
        for number in range(5):
            sent(listening.url, delivery=f"evt_{number}")
        listening.end(signal.SIGINT)
    told = json.loads(home.run("events", "list", "--output", "json").stdout)["events"]
    assert [(each["id"], each["delivery"]) for each in told] == [
        (3, "evt_2"),
        (4, "evt_3"),
        (5, "evt_4"),
    ]
    assert home.run("events", "show", "1").returncode == 4


@pytest.mark.parametrize("scheme", ["hmac", "secret"])
def test_no_secret_is_in_what_is_printed_or_kept(
    home: Home, server: RecordingServer, scheme: str, service: Sandbox
) -> None:
    key = "marked-key-of-the-account"
    with Listening(
        home, "--scheme", scheme, "--forward-to", server.url, TRILLET_API_KEY=key
    ) as listening:
        line = (
            open(f"/proc/{listening.process.pid}/cmdline", "rb").read()  # noqa: SIM115
        )
        signature = "secret" if scheme == "secret" else "hex"
        status, body = sent(listening.url, signature=signature)
        assert status == 200
        printed = json.dumps([listening.line(), listening.line()])
        listening.end(signal.SIGTERM)
    if scheme == "secret":
        assert server.requests[0].headers["x-webhook-secret"] == SECRET
    variables = {"TRILLET_WEBHOOK_SECRET": SECRET, "TRILLET_API_KEY": key}
    shown = [
        home.run("events", "list", **variables),
        home.run("events", "show", "1", **variables),
        home.run("events", "resend", "1", **variables),
        home.run("events", "resend", "1", "--output", "json", **variables),
        home.run("trigger", "call.failed", "--to", server.url, **variables),
    ]
    assert [each.returncode for each in shown] == [0] * len(shown), shown
    texts = [printed, listening.said, *(each.stdout + each.stderr for each in shown)]
    kept = b"".join(path.read_bytes() for path in home.events.parent.iterdir())
    for secret in (SECRET, key):
        assert all(secret not in text for text in texts)
        assert secret.encode() not in kept + line
    assert body in kept
    assert server.requests[1].body == body


def test_a_secret_beside_the_proof_is_not_kept(home: Home) -> None:
    body = body_of("call.completed", data_of("call.completed", []), "event")
    proof = dict([signature_of(body, SECRET, "hex")])
    with Listening(home) as listening:
        assert posted(listening.url, body, {**proof, "X-Trillet-Secret": "marked-7c"}) == 200
        listening.end(signal.SIGTERM)
    kept = b"".join(path.read_bytes() for path in home.events.parent.iterdir())
    assert body in kept
    assert b"marked-7c" not in kept


def test_the_file_of_events_is_for_its_owner_alone(home: Home) -> None:
    before = os.umask(0)
    try:
        with Listening(home) as listening:
            sent(listening.url)
            modes = [stat.S_IMODE(path.stat().st_mode) for path in home.events.parent.iterdir()]
    finally:
        os.umask(before)
    assert set(modes) == {0o600}
    assert stat.S_IMODE(home.events.parent.stat().st_mode) == 0o700


def test_people_read_lines(home: Home, server: RecordingServer) -> None:
    with Listening(home, "--print", "json"):
        pass
    server.script(answer(204))
    process = home.start(
        *("listen", "--port", 0, "--forward-to", server.url), TRILLET_WEBHOOK_SECRET=SECRET
    )
    with process:
        assert process.stderr is not None
        assert process.stdout is not None
        url = process.stderr.readline().split()[2].rstrip(",")
        sent(url)
        assert "--> call.completed  " in process.stdout.readline()
        assert "<-- HTTP 204 after " in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def test_who_closes_its_output_ends_it(home: Home) -> None:
    with home.start("listen", "--port", 0, TRILLET_WEBHOOK_SECRET=SECRET) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        url = process.stderr.readline().split()[2].rstrip(".")
        process.stdout.close()
        assert sent(url)[0] == 200
        assert process.wait(30) == 0
    assert len(json.loads(home.run("events", "list", "--output", "json").stdout)["events"]) == 1


def test_a_port_that_is_taken_is_named(home: Home) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = home.run("listen", "--port", port, TRILLET_WEBHOOK_SECRET=SECRET)
    assert done.returncode == 2
    assert f"Port {port} cannot be used" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--keep", "0"), "--keep"),
        (("--forward-to", "ftp://x"), "--forward-to"),
        (("--forward-to", "http://u:secret@x/"), "--forward-to"),
        (("--forward-to", "http://x y/"), "--forward-to"),
        (("--port", "70000"), "70000"),
        (("--secret-file", "/nowhere"), "/nowhere"),
        (("--secret-file", "/dev/null"), "/dev/null"),
    ],
    ids=repr,
)
def test_a_wrong_option_is_status_2_and_named(
    home: Home, words: tuple[str, ...], told: str
) -> None:
    done = home.run("listen", *words, TRILLET_WEBHOOK_SECRET=SECRET)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "secret@" not in done.stderr


def test_without_a_secret_nothing_is_received(home: Home) -> None:
    done = home.run("listen", "--port", 0)
    assert done.returncode == 2
    assert "TRILLET_WEBHOOK_SECRET" in done.stderr


def test_the_secret_may_be_in_a_file(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("of-the-file\n")
    with Listening(home, "--secret-file", file) as listening:
        assert sent(listening.url, secret="of-the-file")[0] == 200
        assert sent(listening.url)[0] == 401


def test_the_secret_may_come_through_a_pipe(home: Home, service: Sandbox) -> None:
    words = ("--register", "--secret-file", "/dev/stdin")
    listening = Listening(home, *words, **of(service))
    assert listening.process.stdin is not None
    # It is there once, as from `--secret-file <(pass show webhooks)`.
    listening.process.stdin.write("of-the-pipe\n")
    listening.process.stdin.close()
    with listening:
        assert registered(service) == [listening.url]
        assert sent(listening.url, secret="of-the-pipe")[0] == 200


def test_events_of_a_later_format_are_left_alone(home: Home) -> None:
    with Listening(home):
        pass
    connection = sqlite3.connect(home.events)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    done = home.run("events", "list")
    assert done.returncode == 2
    assert "format 99" in done.stderr
