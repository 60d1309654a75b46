"""Webhooks that the sandbox loses, doubles and shuffles on their way to a receiver."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from test_magic_numbers import calling_agent
from trillet.testing import Sandbox
from trillet.webhooks import Event, Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trillet import Trillet

NUMBERS = ("+15005550000", "+15005550001", "+15005550002", "+15005550006", "+12025550164")
CALLS = 300


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def served(application: Any) -> Iterator[str]:
    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/webhooks"
        server.shutdown()
        thread.join(10)


def spoil(sandbox: Sandbox) -> None:
    """Has webhooks get lost, come several times, and come in the wrong order."""
    sandbox.faults.add("webhooks", "lose", count=None, probability=0.3)
    sandbox.faults.add("webhooks", "duplicate", count=None, probability=0.3, times=2)
    sandbox.faults.add("webhooks", "hold", count=None, probability=0.3, ms=180_000)


def settle(sandbox: Sandbox) -> dict[str, int]:
    """Lets time pass until no webhook is on its way any more; how the webhooks ended."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        sandbox.clock.advance(60)
        totals: dict[str, int] = sandbox.control("GET", "/sandbox/deliveries")["totals"]
        if not totals["pending"]:
            return totals
        time.sleep(0.1)
    raise AssertionError("webhooks are still on their way")


def history(client: Trillet, calls: list[str]) -> dict[str, str]:
    """The events with which the calls must have ended."""
    found: dict[str, str] = {}
    for start in range(0, len(calls), 100):
        for record in client.calls.history(limit=100, call_ids=calls[start : start + 100]):
            ending = "completed" if record["status"] == "completed" else "failed"
            found[record["callId"]] = f"call.{ending}"
    return found


@pytest.mark.parametrize(
    ("way", "form"), [("sync", "event"), ("asyncio", "native"), ("sync", "snake")]
)
def test_calls_end_in_the_states_of_the_history_whatever_became_of_their_webhooks(
    way: str, form: str
) -> None:
    states: dict[str | None, str | None] = {}

    def handle(event: Event) -> None:
        states[event.call_id] = event.type

    now = [0.0]
    receiver = Receiver(handle, "whsec_sandbox", patience=60, clock=lambda: now[0])
    arguments = ("--webhook-form", form, "--concurrency", str(CALLS))
    with (
        Sandbox(seed=7, arguments=arguments) as sandbox,
        served(receiver.wsgi) as url,
        sandbox.client() as client,
    ):
        spoil(sandbox)
        agent = calling_agent(client)
        calls: list[str] = []
        for place in range(CALLS):
            number = NUMBERS[place % len(NUMBERS)]
            calls.append(client.calls.send(agent, number, callback_url=url)["callId"])
            receiver.expect(calls[-1])
        totals = settle(sandbox)
        assert totals["lost"] > CALLS / 3
        assert receiver.close()
        now[0] = 61
        if way == "sync":
            assert receiver.reconcile(client)
        else:

            async def reconcile() -> int:
                async with sandbox.async_client() as asking:
                    return await receiver.reconcile_async(asking)

            assert asyncio.run(reconcile())
        assert states == history(client, calls)
    assert len(states) == CALLS
    assert set(states.values()) == {"call.completed", "call.failed"}
    assert receiver.counts.duplicates
    assert receiver.counts.late
    assert receiver.counts.reconciled
