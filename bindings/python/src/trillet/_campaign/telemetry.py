"""Traces and metrics for OpenTelemetry, where the program has imported it.

No key is in them, and a phone number only where that was asked for.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .context import Context
    from .intents import Intent

SCOPE = "trillet.campaign"
PLACED = "placed"


class Told:
    """What is known of a call's request when it ends."""

    outcome = "interrupted"
    error: str | None = None
    call_id: str | None = None


@contextmanager
def slice_span(context: Context) -> Iterator[None]:
    """Around what one worker does in a slice."""
    api = _api()
    if api is None:
        yield
        return
    attributes = {**_of(context), "trillet.campaign.worker": context.worker}
    with api.tracer.start_as_current_span("trillet.campaign.slice", attributes=attributes):
        yield


@contextmanager
def call_span(context: Context, intent: Intent, has_phone: bool) -> Iterator[Told]:
    """Around the request that places a call; it counts the call, too."""
    told = Told()
    api = _api()
    if api is None:
        yield told
        return
    attributes = {**_of(context), "trillet.campaign.attempt": intent.n}
    if has_phone:
        attributes["trillet.call.to"] = intent.phone
    with api.tracer.start_as_current_span(
        "trillet.campaign.call",
        kind=api.trace.SpanKind.CLIENT,
        attributes=attributes,
        # A message of an error may have the number.
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield told
        finally:
            outcome = {"trillet.call.outcome": told.outcome}
            if told.error is not None:
                outcome["error.type"] = told.error
            span.set_attributes(outcome)
            if told.call_id is not None:
                span.set_attribute("trillet.call.id", told.call_id)
            if told.outcome != PLACED:
                span.set_status(api.trace.StatusCode.ERROR)
            api.calls.add(1, {**_of(context), **outcome})


def passed(context: Context, reason: str) -> None:
    """A contact was not called now."""
    api = _api()
    if api is not None:
        api.passed.add(1, {**_of(context), "trillet.campaign.reason": reason})


def ended(context: Context, disposition: str, duration: float | None) -> None:
    """It became known how a call has ended."""
    api = _api()
    if api is None:
        return
    attributes = {**_of(context), "trillet.call.disposition": disposition}
    api.ends.add(1, attributes)
    if duration is not None:
        api.durations.record(duration, attributes)


def _of(context: Context) -> dict[str, Any]:
    return {"trillet.campaign.id": context.campaign, "trillet.agent.id": context.agent}


class _Instruments:
    def __init__(self) -> None:
        from opentelemetry import metrics, trace

        self.trace = trace
        self.tracer = trace.get_tracer(SCOPE)
        meter = metrics.get_meter(SCOPE)
        self.calls = meter.create_counter(
            "trillet.campaign.calls", "{call}", "Requests that were to place a call."
        )
        self.passed = meter.create_counter(
            "trillet.campaign.contacts.passed", "{contact}", "Contacts not called when they could."
        )
        self.ends = meter.create_counter(
            "trillet.campaign.calls.ended", "{call}", "Calls of which the end is known."
        )
        self.durations = meter.create_histogram(
            "trillet.campaign.call.duration", "s", "How long people and agents have talked."
        )


@lru_cache(maxsize=1)
def _instruments() -> _Instruments:
    return _Instruments()


def _api() -> _Instruments | None:
    # Who has not imported it has nowhere to send anything.
    return _instruments() if "opentelemetry" in sys.modules else None
