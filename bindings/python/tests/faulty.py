"""What the tests of faults share: a sandbox with an agent, and calls that meet a fault."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING, Any

import trillet

if TYPE_CHECKING:
    from collections.abc import Callable

    from trillet.testing import Sandbox

NUMBER = "+12025550164"
LONGEST_WAIT = 20.0

_numbers = itertools.count(1)


def ready_agent(client: trillet.Trillet) -> str:
    """The id of a new agent that can call."""
    created: Any = client.agents.create(
        name="Front Desk",
        tts_model={"provider": "rime", "voiceId": "mistv2_Brook"},
        llm_model="gpt-4o-mini",
    )
    identifier: str = created["_id"]
    client.flows.create(
        name="Renewal",
        direction="outbound",
        prompt_type="simple",
        agent=identifier,
        prompt="Greet {first_name}.",
        is_active=True,
    )
    return identifier


def until(look: Callable[[], bool]) -> None:
    """Looks again and again until it holds."""
    deadline = time.monotonic() + LONGEST_WAIT
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.01)


class Caller:
    """Sends calls that meet faults, and finds them again in the ledger."""

    def __init__(self, sandbox: Sandbox, client: trillet.Trillet) -> None:
        self.sandbox = sandbox
        self.client = client
        self.agent = ready_agent(client)

    def send(
        self, fault: str | None = None, *, request_id: str | None = None, timeout_ms: int = 10_000
    ) -> tuple[trillet.TrilletError | None, str]:
        """Sends one call; returns what went wrong, if anything, and the request's identifier."""
        request_id = request_id or f"call-{next(_numbers)}"
        headers = {"x-request-id": request_id}
        if fault is not None:
            headers["x-sandbox-fault"] = fault
        try:
            self.client.calls.send(
                self.agent, NUMBER, options={"headers": headers, "timeout_ms": timeout_ms}
            )
        except trillet.TrilletError as error:
            return error, request_id
        return None, request_id

    def entry(self, request_id: str) -> dict[str, Any]:
        """The ledger's only entry of a request."""
        (entry,) = self.sandbox.ledger(request_id=request_id).entries
        return entry
