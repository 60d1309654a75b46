"""What a campaign tells OpenTelemetry, by the exporters of its SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from campaign_places import ADA, BEN, agent, begun, client, place, postgres, sandbox, service

if TYPE_CHECKING:
    import trillet
    from trillet.testing import Sandbox

pytest.importorskip("opentelemetry.sdk")

from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

__all__ = ["agent", "client", "place", "postgres", "sandbox", "service"]


@pytest.fixture(scope="module")
def exporters() -> tuple[InMemorySpanExporter, InMemoryMetricReader]:
    spans, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    trace.set_tracer_provider(tracers)
    metrics.set_meter_provider(MeterProvider([reader]))
    return spans, reader


def points(reader: InMemoryMetricReader) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    data: Any = reader.get_metrics_data()
    for resource in data.resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                found.setdefault(metric.name, []).extend(metric.data.data_points)
    return found


def test_slices_and_calls_are_spans_and_calls_are_counted(
    exporters: tuple[InMemorySpanExporter, InMemoryMetricReader],
    place: str,
    sandbox: Sandbox,
    client: trillet.Trillet,
    agent: str,
) -> None:
    spans, reader = exporters
    spans.clear()
    campaign = begun(place, agent, ADA, BEN)
    sandbox.faults.add("calls.send", "status", status=400, count=1)
    summary = campaign.run_slice(client, max_seconds=10)
    assert (summary.placed, summary.refused) == (1, 1)
    finished = spans.get_finished_spans()
    calls = [each for each in finished if each.name == "trillet.campaign.call"]
    (around,) = [each for each in finished if each.name == "trillet.campaign.slice"]
    outcomes = [dict(each.attributes or {})["trillet.call.outcome"] for each in calls]
    assert outcomes == ["refused", "placed"]
    assert {each.parent.span_id for each in calls if each.parent} == {around.context.span_id}
    assert dict(calls[0].attributes or {})["error.type"] == "rejected"
    assert not calls[0].status.is_ok
    told = points(reader)
    mine = [
        each
        for each in told["trillet.campaign.calls"]
        if each.attributes["trillet.agent.id"] == agent
    ]
    assert sum(each.value for each in mine) == 2
    everything = str([each.to_json() for each in finished]) + str(told)
    assert ADA not in everything
    assert BEN not in everything
    assert "sandbox-key" not in everything


def test_numbers_are_in_spans_where_that_is_asked_for(
    exporters: tuple[InMemorySpanExporter, InMemoryMetricReader],
    place: str,
    client: trillet.Trillet,
    agent: str,
) -> None:
    spans, _ = exporters
    spans.clear()
    begun(place, agent, ADA).run_slice(client, max_seconds=10, trace_numbers=True)
    numbers = [
        (each.attributes or {}).get("trillet.call.to") for each in spans.get_finished_spans()
    ]
    assert ADA in numbers
