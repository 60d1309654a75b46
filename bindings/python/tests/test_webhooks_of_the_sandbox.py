"""Webhooks of the sandbox that get lost, doubled and shuffled on their way to a receiver."""

from __future__ import annotations

import random
import threading
import time
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import trillet
from conftest import running_sandbox
from test_magic_numbers import calling_agent
from trillet.webhooks import Event, Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBERS = ("+15005550000", "+15005550001", "+15005550002", "+15005550006")


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


class BadRoad:
    """A WSGI application that loses, doubles and holds back what goes to the one behind it."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._dice = random.Random(3)
        self._held: list[tuple[dict[str, Any], bytes]] = []
        self.lost = 0
        self.doubled = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        fate = self._dice.choice(["lose", "double", "hold", "pass"])
        if fate == "lose":
            self.lost += 1
        elif fate == "hold":
            self._held.append((environ, body))
        else:
            self._pass(environ, body)
        # A receiver that fails after its work gets the same webhook again.
        self.doubled += fate == "double"
        start_response("500 Failed" if fate == "double" else "200 OK", [("Content-Length", "0")])
        return [b""]

    def let_go(self) -> int:
        """Passes on, latest first, what was held back; how many that were."""
        held, self._held = self._held, []
        for environ, body in reversed(held):
            self._pass(environ, body)
        return len(held)

    def _pass(self, environ: dict[str, Any], body: bytes) -> None:
        again = {**environ, "wsgi.input": BytesIO(body)}
        list(self._application(again, lambda *_line: None))


@contextmanager
def served(application: Any) -> Iterator[str]:
    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/webhooks"
        server.shutdown()
        thread.join(10)


def test_calls_end_in_the_states_of_the_history_whatever_became_of_their_webhooks() -> None:
    states: dict[str | None, str | None] = {}

    def handle(event: Event) -> None:
        states[event.call_id] = event.type

    with running_sandbox(speed=600, seed=7, requests_per_minute=0) as ready:
        client = trillet.Trillet(ready["apiKey"], ready["workspaceId"], base_url=ready["url"])
        with client:

            def history(call_id: str) -> Any:
                return client.call(f"GET /v2/api/call-history/{call_id}").data

            now = [0.0]
            receiver = Receiver(
                handle, "whsec_sandbox", history=history, patience=60, clock=lambda: now[0]
            )
            road = BadRoad(receiver.wsgi)
            with served(road) as url:
                agent = calling_agent(client)
                calls = []
                for place in range(24):
                    number = NUMBERS[place % len(NUMBERS)]
                    sent: Any = client.calls.send(agent, number, callback_url=url)
                    calls.append(sent["callId"])
                    receiver.expect(calls[-1])
                end = time.monotonic() + 30
                totals: Any = {"pending": 1}
                while totals["pending"] and time.monotonic() < end:
                    time.sleep(0.05)
                    answer: Any = client.call("GET /sandbox/deliveries").data
                    totals = answer["totals"]
            assert road.let_go()
            assert road.lost
            assert road.doubled
            assert receiver.close()
            now[0] = 61
            assert receiver.reconcile()
            outcomes = {call: history(call)["status"] for call in calls}
    types = {
        call: "call.completed" if outcome == "completed" else "call.failed"
        for call, outcome in outcomes.items()
    }
    assert states == types
    assert set(types.values()) == {"call.completed", "call.failed"}
    assert receiver.counts.duplicates
    assert receiver.counts.late
