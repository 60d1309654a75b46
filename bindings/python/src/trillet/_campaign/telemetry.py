"""Traces and metrics through OpenTelemetry's API, where it is installed; else nothing happens.

No key and no phone number is in any of them.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .._model.errors import TrilletError

try:
    from opentelemetry import metrics, trace
except ImportError:
    _tracer: Any = None
    _meter: Any = None
else:
    _tracer = trace.get_tracer("trillet.campaign")
    _meter = metrics.get_meter("trillet.campaign")

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .context import Context
    from .summary import Summary

NAME = "trillet.campaign.name"
RESULTS = ("placed", "unknown", "refused", "unsent")

if _meter is not None:
    _calls = _meter.create_counter(
        "trillet.campaign.calls", "{call}", "Requests for calls, by their result"
    )
    _passed = _meter.create_counter(
        "trillet.campaign.passed", "{contact}", "Contacts that were not called, by reason"
    )
    _endings = _meter.create_histogram(
        "trillet.campaign.call.duration", "s", "Calls that have ended, by disposition"
    )
    _slices = _meter.create_histogram(
        "trillet.campaign.slice.duration", "s", "Slices, by the reason of their end"
    )


@contextmanager
def slice_of(context: Context, summary: Summary) -> Iterator[None]:
    """A slice, with what its summary says at its end."""
    if _tracer is None:
        yield
        return
    name, started = {NAME: context.name}, time.monotonic()
    with _tracer.start_as_current_span(
        "trillet.campaign.slice", attributes=name, record_exception=False
    ) as span:
        try:
            yield
        finally:
            span.set_attribute("trillet.campaign.slice.reason", summary.reason)
            _slices.record(
                time.monotonic() - started, {**name, "trillet.campaign.reason": summary.reason}
            )
            for result in RESULTS:
                count = getattr(summary, result)
                span.set_attribute(f"trillet.campaign.slice.{result}", count)
                if count:
                    _calls.add(count, {**name, "trillet.campaign.result": result})
            for reason, count in summary.passed.items():
                _passed.add(count, {**name, "trillet.campaign.reason": reason})


@contextmanager
def call_of(context: Context, attempt: int) -> Iterator[None]:
    """The request for a call."""
    if _tracer is None:
        yield
        return
    with _tracer.start_as_current_span(
        "trillet.campaign.call",
        kind=trace.SpanKind.CLIENT,
        attributes={
            NAME: context.name,
            "trillet.campaign.attempt": attempt,
            "trillet.agent.id": context.agent,
        },
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield
        except BaseException as error:
            # What it says may name the number.
            kind = error.type if isinstance(error, TrilletError) else type(error).__name__
            span.set_attribute("error.type", kind)
            if isinstance(error, TrilletError):
                span.set_attribute("trillet.sent", error.sent or "no")
            span.set_status(trace.StatusCode.ERROR)
            raise


def ended(context: Context, disposition: str, seconds: float | None) -> None:
    """A call of which it became known how it ended."""
    if _meter is not None:
        attributes = {NAME: context.name, "trillet.campaign.disposition": disposition}
        _endings.record(seconds or 0, attributes)
