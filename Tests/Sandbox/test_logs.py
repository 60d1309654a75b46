"""Log lines for programs."""

from __future__ import annotations

import json

from sandbox import Sandbox


def test_each_log_line_is_one_json_object() -> None:
    sandbox = Sandbox("--log-format", "json", "--log-level", "info")
    hostile = 'agent"\\u0000'
    sandbox.request("GET", "/api/v1/agents/unknown", headers={"x-request-id": "mine-1"})
    sandbox.request("GET", f"/api/v1/agents/{hostile.encode().hex()}%22%0A")
    lines = [json.loads(line) for line in sandbox.logged().splitlines()]
    told = next(line for line in lines if line.get("request") == "mine-1")
    assert told["level"] == "info"
    assert told["message"] == "GET /api/v1/agents/unknown 404"
    assert (told["status"], told["operation"]) == (404, "agents.get")
    assert isinstance(told["milliseconds"], (int, float))
    assert told["time"].endswith("Z")
    assert "sandbox-key" not in json.dumps(lines)


def test_text_is_what_is_logged_unasked() -> None:
    sandbox = Sandbox("--log-level", "info")
    sandbox.get("/api/v1/agents")
    line = next(one for one in sandbox.logged().splitlines() if "/api/v1/agents" in one)
    assert "GET /api/v1/agents 200" in line
    assert not line.startswith("{")
