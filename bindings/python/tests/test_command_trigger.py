"""The commands ``trillet trigger`` and ``trillet events``."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

import pytest

from homes import Home
from listening import SECRET, Listening, sent
from recording_server import json_answer
from test_magic_numbers import calling_agent
from trillet._command.events.forms import FORMS, SIGNATURES, TYPES, body_of, data_of
from trillet.testing import Sandbox
from trillet.webhooks import verify

if TYPE_CHECKING:
    from pathlib import Path

    from recording_server import RecordingServer

VARIABLES = {"TRILLET_WEBHOOK_SECRET": SECRET}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, **VARIABLES)


def shape(value: Any) -> Any:
    """The names of an object, and those within."""
    if not isinstance(value, dict):
        return None
    return {name: shape(each) for name, each in value.items() if name != "gathered_information"}


@pytest.mark.parametrize("form", FORMS)
def test_a_test_event_has_the_form_of_the_sandbox(form: str) -> None:
    with (
        Sandbox(seed=7, arguments=["--paused", "--webhook-form", form]) as sandbox,
        sandbox.client() as client,
    ):
        sandbox.control("POST", "/sandbox/webhooks", {"url": "http://127.0.0.1:9/"})
        agent = calling_agent(client)
        for number in ("+15005550000", "+15005550001"):
            client.calls.send(agent, number)
        sandbox.clock.advance(3_600)
        kept = sandbox.control("GET", "/sandbox/deliveries")["entries"]
    seen = {each["event"]: json.loads(each["body"]) for each in kept}
    assert set(seen) == {"call.started", "call.completed", "call.failed"}
    for kind, body in seen.items():
        made = json.loads(body_of(kind, data_of(kind, []), form))
        assert shape(made) == shape(body), kind


@pytest.mark.parametrize("signature", SIGNATURES)
def test_each_signature_is_taken_by_the_receiver_of_the_package(
    home: Home, server: RecordingServer, signature: str
) -> None:
    done = home.run(
        *("trigger", "call.failed", "--to", server.url, "--signature", signature),
        *("--output", "json"),
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    (request,) = server.requests
    is_secret = signature == "secret"
    header = "x-webhook-secret" if is_secret else "x-trillet-signature"
    scheme: Any = "secret" if is_secret else "hmac"
    event = verify(request.body, request.headers[header], SECRET, scheme=scheme)
    assert event.type == "call.failed"
    assert request.headers["x-trillet-delivery"] == told["delivery"]
    assert request.json == told["body"]


def test_every_event_and_form_is_read_by_the_package(home: Home, server: RecordingServer) -> None:
    with Listening(home) as listening:
        for kind in TYPES:
            for form in FORMS:
                assert sent(listening.url, kind, form=form)[0] == 200
                event = listening.line()
                assert event["type"] == kind
                assert (event["callId"] is None) is not kind.startswith("call.")
        listening.end(signal.SIGINT)


def test_what_is_set_is_in_the_event(home: Home, server: RecordingServer) -> None:
    changes = (
        "call.status=voicemail",
        "call.metadata.order=A7",
        "metadata.count=3",
        'metadata.text="3"',
        "callId=abc",
        "metadata.odd=NaN",
    )
    words = [word for change in changes for word in ("--set", change)]
    done = home.run("trigger", "call.completed", "--to", server.url, *words)
    assert done.returncode == 0, done.stderr
    data = server.requests[0].json["data"]
    assert (data["status"], data["callId"]) == ("voicemail", "abc")
    assert data["metadata"] == {"order": "A7", "count": 3, "text": "3", "odd": "NaN"}


def test_the_listener_of_this_machine_is_the_default(home: Home) -> None:
    # Whoever may listen there on the machine of the tests does not know this secret.
    done = home.run("trigger", "sms.sent", "--output", "json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["to"] == "http://127.0.0.1:4030/"


def test_a_receiver_that_does_not_take_it_is_status_1(home: Home, server: RecordingServer) -> None:
    server.script(json_answer({"error": "No"}, 500))
    done = home.run("trigger", "call.failed", "--to", server.url)
    assert done.returncode == 1
    assert "HTTP 500" in done.stdout
    nobody = home.run("trigger", "call.failed", "--to", "127.0.0.1:9", "--output", "json")
    assert nobody.returncode == 1
    assert json.loads(nobody.stdout)["status"] is None


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "call.completed"),
        (("call.complete",), "call.completed"),
        (("call.failed", "--set", "status"), "--set"),
        (("call.failed", "--set", "callId.x=1"), "callId"),
        (("call.failed", "--set", "=1"), "--set"),
        (("call.failed", "--to", "nothing://x"), "--to"),
        (("call.failed", "--form", "x"), "--form"),
    ],
    ids=repr,
)
def test_a_wrong_argument_is_status_2_and_named(
    home: Home, words: tuple[str, ...], told: str
) -> None:
    done = home.run("trigger", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_without_a_secret_nothing_is_sent(home: Home, server: RecordingServer) -> None:
    done = home.run("trigger", "call.failed", "--to", server.url, TRILLET_WEBHOOK_SECRET="")
    assert done.returncode == 2
    assert "TRILLET_WEBHOOK_SECRET" in done.stderr
    assert server.requests == []


def test_the_events_are_listed_with_what_is_a_guess(home: Home) -> None:
    listed = home.run("trigger", "--list").stdout
    assert all(kind in listed for kind in TYPES)
    told = json.loads(home.run("trigger", "--list", "--output", "json").stdout)["events"]
    assert [each["type"] for each in told if each["isAssumed"]] == [
        "agent.created",
        "agent.updated",
        "flow.created",
        "flow.updated",
    ]


def test_kept_events_are_found_by_type_call_and_id(home: Home) -> None:
    assert home.run("events", "list").stdout.startswith("There is none")
    with Listening(home) as listening:
        calls = []
        for number, kind in enumerate(("call.started", "call.completed", "call.failed")):
            sent(listening.url, kind, delivery=f"evt_{number}")
            calls.append(listening.line()["callId"])
        listening.end(signal.SIGINT)

    def ids(*words: str) -> list[int]:
        told = json.loads(home.run("events", "list", *words, "--output", "json").stdout)
        return [each["id"] for each in told["events"]]

    assert ids() == [1, 2, 3]
    assert ids("--limit", "2") == [2, 3]
    assert ids("--type", "call.failed") == [3]
    assert ids("--call", calls[1]) == [2]
    assert ids("--type", "call.failed", "--call", calls[1]) == []
    lines = home.run("events", "list").stdout.splitlines()
    assert [line.split("\t")[2] for line in lines] == [
        "call.started",
        "call.completed",
        "call.failed",
    ]
    shown = home.run("events", "show", "evt_1").stdout
    assert "type: call.completed" in shown
    assert f"body.data.callId: {calls[1]}" in shown
    assert json.loads(home.run("events", "show", "2", "--output", "json").stdout)["id"] == 2
    assert home.run("events", "list", "--limit", "0").returncode == 2


def test_an_event_is_sent_again_elsewhere(home: Home, server: RecordingServer) -> None:
    with Listening(home) as listening:
        _, body = sent(listening.url)
        listening.end(signal.SIGINT)
    nowhere = home.run("events", "resend", "1")
    assert nowhere.returncode == 2
    assert "--to" in nowhere.stderr
    assert home.run("events", "resend", "99", "--to", server.url).returncode == 4
    assert home.run("events", "resend", "9" * 40, "--to", server.url).returncode == 4
    server.script(json_answer({}, 500))
    assert home.run("events", "resend", "1", "--to", server.url).returncode == 1
    assert "HTTP 500" in home.run("events", "list").stdout
    assert home.run("events", "resend", "1").returncode == 0
    assert [request.body for request in server.requests] == [body, body]
