"""What OpenTelemetry hears of a campaign."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from campaign_places import ADA, BEN, agent, begun, client, place, postgres, sandbox, service

if TYPE_CHECKING:
    from collections.abc import Iterator

    import trillet
    from trillet.testing import Sandbox

pytest.importorskip("opentelemetry.sdk")

__all__ = ["agent", "client", "place", "postgres", "sandbox", "service"]
ONE_KIND = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def exporters() -> Iterator[tuple[Any, Any]]:
    from opentelemetry import metrics, trace
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    spans, reader = InMemorySpanExporter(), InMemoryMetricReader()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    trace.set_tracer_provider(provider)
    metrics.set_meter_provider(MeterProvider([reader]))
    yield spans, reader
    provider.shutdown()


def points(reader: Any, name: str) -> dict[tuple[str, ...], Any]:
    found = {}
    for resource in reader.get_metrics_data().resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                if metric.name == name:
                    for point in metric.data.data_points:
                        key = tuple(str(value) for value in point.attributes.values())
                        found[key] = point
    return found


@ONE_KIND
def test_slices_and_calls_are_traced_and_counted(
    place: str, agent: str, client: trillet.Trillet, sandbox: Sandbox, exporters: tuple[Any, Any]
) -> None:
    spans, reader = exporters
    campaign = begun(place, agent, ADA, BEN)
    sandbox.faults.add("calls.send", "status", status=400, count=1)
    campaign.run_slice(client, max_seconds=10, max_calls=2)
    finished = {each.name: each for each in spans.get_finished_spans()}
    slice_, call = finished["trillet.campaign.slice"], finished["trillet.campaign.call"]
    assert call.parent.span_id == slice_.context.span_id
    assert slice_.attributes["trillet.campaign.name"] == "spring"
    assert slice_.attributes["trillet.campaign.slice.placed"] == 1
    failed = [each for each in spans.get_finished_spans() if "error.type" in each.attributes]
    assert [each.attributes["error.type"] for each in failed] == ["rejected"]
    calls = points(reader, "trillet.campaign.calls")
    assert {key: point.value for key, point in calls.items()} == {
        ("spring", "placed"): 1,
        ("spring", "refused"): 1,
    }
    told = repr([each.to_json() for each in spans.get_finished_spans()]) + repr(calls)
    assert ADA not in told
    assert BEN not in told
    assert "sandbox-key" not in told


@ONE_KIND
def test_how_calls_end_is_measured(
    place: str, agent: str, client: trillet.Trillet, exporters: tuple[Any, Any]
) -> None:
    from trillet._campaign.endings import Ending, ended

    campaign = begun(place, agent, ADA, name="autumn")
    campaign.run_slice(client, max_seconds=10, max_calls=1)
    (attempt,) = campaign.attempts()
    assert ended(campaign._context, [(1, attempt.n, Ending("no_answer", 12.0))]) == 1
    point = points(exporters[1], "trillet.campaign.call.duration")[("autumn", "no_answer")]
    assert (point.count, point.sum) == (1, 12.0)


def test_without_opentelemetry_a_campaign_runs_as_ever() -> None:
    program = "import sys; sys.modules['opentelemetry'] = None; import trillet.campaign"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
