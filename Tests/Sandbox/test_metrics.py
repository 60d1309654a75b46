"""Metrics in the text format of Prometheus, read by its own parser."""

from __future__ import annotations

from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from conftest import StartSandbox
from sandbox import Sandbox, ready_agent, start_batch

Labels = dict[str, str]


def scrape(sandbox: Sandbox) -> dict[str, Any]:
    answer = sandbox.request("GET", "/metrics", headers={"x-api-key": None})
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return {one.name: one for one in text_string_to_metric_families(answer.body.decode())}


def value(families: dict[str, Any], family: str, suffix: str = "", **labels: str) -> float:
    values = [
        sample.value
        for sample in families[family].samples
        if sample.name == family + suffix and sample.labels.items() >= labels.items()
    ]
    assert len(values) == 1, (family, labels, values)
    return float(values[0])


def test_every_family_has_a_type_and_a_help(sandbox: Sandbox) -> None:
    sandbox.get("/api/v1/agents")
    families = scrape(sandbox)
    for name, family in families.items():
        assert family.documentation, name
        assert family.type in ("counter", "gauge", "histogram"), name
    assert families["trillet_sandbox_requests"].type == "counter"
    assert families["trillet_sandbox_request_duration_seconds"].type == "histogram"


def test_requests_are_counted_by_operation_and_status(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox("--requests-per-minute", "0")
    for _ in range(3):
        sandbox.get("/api/v1/agents/unknown")
    sandbox.get("/v1/api/agents/unknown")
    sandbox.get("/api/v1/agents")
    sandbox.get("/api/v1/nothing-like-it")
    families = scrape(sandbox)
    requests = "trillet_sandbox_requests"

    def count(operation: str, status: int) -> float:
        return value(families, requests, "_total", operation=operation, status=str(status))

    assert count("agents.get", 404) == 4
    assert count("agents.list", 200) == 1
    assert count("unknown", 404) == 1
    # A client's words are never labels: their number has no bound.
    labels = {one.labels["operation"] for one in families[requests].samples}
    assert labels <= {"agents.get", "agents.list", "unknown", "sandbox"}


def test_the_histogram_is_cumulative_and_agrees_with_its_count(
    start_sandbox: StartSandbox,
) -> None:
    sandbox = start_sandbox("--requests-per-minute", "0")
    for _ in range(20):
        sandbox.get("/api/v1/agents")
    sandbox.post("/sandbox/faults", {"operation": "flows.list", "fault": "delay", "ms": 120})
    sandbox.get("/api/v1/flows")
    families = scrape(sandbox)
    name = "trillet_sandbox_request_duration_seconds"
    for operation, count in (("agents.list", 20), ("flows.list", 1)):
        buckets = [
            sample.value
            for sample in families[name].samples
            if sample.name == name + "_bucket" and sample.labels["operation"] == operation
        ]
        assert buckets == sorted(buckets)
        assert buckets[-1] == count
        assert value(families, name, "_count", operation=operation) == count
    assert value(families, name, "_sum", operation="flows.list") >= 0.12
    assert value(families, name, "_bucket", operation="flows.list", le="0.1") == 0


def test_calls_batches_queues_and_documents_are_counted(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox("--requests-per-minute", "0", "--concurrency", "4")
    sandbox.post("/sandbox/clock", {"paused": True})
    agent = ready_agent(sandbox)
    start_batch(sandbox, agent, 10)
    sandbox.post("/sandbox/clock", {"advanceMs": 500})
    families = scrape(sandbox)
    assert value(families, "trillet_sandbox_calls", state="queued") == 4
    assert value(families, "trillet_sandbox_jobs", status="active") == 4
    assert value(families, "trillet_sandbox_jobs", status="waiting") == 6
    assert value(families, "trillet_sandbox_batches", status="processing") == 1
    assert value(families, "trillet_sandbox_documents", kind="agent") == 1

    sandbox.post("/sandbox/clock", {"advanceMs": 3_600_000})
    families = scrape(sandbox)
    assert value(families, "trillet_sandbox_calls", state="ended") == 10
    assert value(families, "trillet_sandbox_jobs", status="waiting") == 0


def test_the_clock_is_shown(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox("--requests-per-minute", "0", "--speed", "60")
    now = sandbox.post("/sandbox/clock", {"paused": True}).json["now"]
    families = scrape(sandbox)
    assert value(families, "trillet_sandbox_clock_time_seconds") == now / 1_000
    assert value(families, "trillet_sandbox_clock_speed") == 60
    assert value(families, "trillet_sandbox_clock_paused") == 1


def test_memory_and_version_are_shown(sandbox: Sandbox) -> None:
    families = scrape(sandbox)
    assert 1_000_000 < value(families, "process_resident_memory_bytes") < 1_000_000_000
    assert value(families, "trillet_sandbox_build_info", version="0.1.0") == 1
    assert sandbox.request("POST", "/metrics").headers["allow"] == "GET, HEAD"
