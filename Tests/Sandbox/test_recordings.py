"""Recordings of calls, and calls of browsers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox import KEY, UNKNOWN_ID, Sandbox, new_agent, ready_agent

HISTORY = "/v2/api/call-history"
RECORDINGS = "/v2/api/recordings"
FRAME = 104


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    """A server whose time stands still."""
    server = Sandbox("--requests-per-minute", "0", "--paused")
    yield server
    server.stop()


def ended_call(server: Sandbox, agent: str, number: str = "+15005550000") -> str:
    """The id of the record of a call that has ended."""
    assert server.post("/api/v1/calls/call", {"agentId": agent, "toNumber": number}).status == 200
    server.steer(advanceMs=100_000)
    record: str = server.get(f"{HISTORY}?limit=1&agentId={agent}").json[0]["_id"]
    return record


def part(server: Sandbox, record: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = server.request("GET", f"{RECORDINGS}/{record}", headers=sent)
    return answer.status, answer.body, dict(answer.headers)


def test_a_recording_is_a_tone_as_long_as_the_talk(server: Sandbox) -> None:
    record = ended_call(server, ready_agent(server))
    status, body, headers = part(server, record)
    assert (status, headers["content-type"]) == (200, "audio/mp3")
    assert int(headers["content-length"]) == len(body)
    assert headers["accept-ranges"] == "bytes"
    # Whole frames of 1,152 samples, each with its own header.
    frames, rest = divmod(len(body), FRAME)
    assert (rest, round(frames * 1152 / 44_100)) == (0, 30)
    assert all(body[start : start + 2] == b"\xff\xfb" for start in range(0, len(body), FRAME))
    (url,) = [call["recordingUrl"] for call in server.get(f"{HISTORY}?limit=1").json]
    assert url == f"{server.ready['url']}{RECORDINGS}/{record}"


def test_a_recording_is_served_in_parts(server: Sandbox) -> None:
    record = ended_call(server, ready_agent(server))
    _, whole, headers = part(server, record)
    size, tag = len(whole), headers["etag"]
    for asked, start, end in (
        ("bytes=0-99", 0, 100),
        ("bytes=1000-", 1000, size),
        ("bytes=-10", size - 10, size),
        (f"bytes=5-{size + 100}", 5, size),
        (f"bytes={size - 1}-", size - 1, size),
    ):
        status, body, got = part(server, record, range=asked, if_range=tag)
        assert (status, body) == (206, whole[start:end])
        assert got["content-range"] == f"bytes {start}-{end - 1}/{size}"
        assert (got["etag"], int(got["content-length"])) == (tag, end - start)
    for asked in (f"bytes={size}-", "bytes=-0"):
        status, _, got = part(server, record, range=asked)
        assert (status, got["content-range"]) == (416, f"bytes */{size}")
    for ignored in ("bytes=9-2", "bytes=0-1,5-6", "lines=0-1", "bytes=a-b", "bytes=-"):
        status, body, got = part(server, record, range=ignored)
        assert (status, body, "content-range" in got) == (200, whole, False)
    assert part(server, record, range="bytes=5-", if_range='"another"')[:2] == (200, whole)
    assert part(server, record, if_none_match=tag)[:2] == (304, b"")


def test_two_calls_have_recordings_of_different_tags(server: Sandbox) -> None:
    agent = ready_agent(server)
    tags = {part(server, ended_call(server, agent))[2]["etag"] for _ in range(2)}
    assert len(tags) == 2


def test_what_was_not_recorded_is_404(server: Sandbox) -> None:
    agent = ready_agent(server)
    busy = ended_call(server, agent, "+15005550001")
    server.post("/api/v1/calls/call", {"agentId": agent, "toNumber": "+15005550000"})
    running = server.get(f"{HISTORY}?limit=1").json[0]["_id"]
    assert part(server, running)[0] == 404
    private = ready_agent(server, {"settings": {"security": {"hipaaCompliance": True}}})
    for record in (busy, ended_call(server, private), UNKNOWN_ID):
        assert part(server, record)[0] == 404


def test_a_recording_can_be_started_while_the_call_is_under_way(server: Sandbox) -> None:
    agent = ready_agent(server, {"settings": {"security": {"hipaaCompliance": True}}})
    order = {"agentId": agent, "toNumber": "+15005550000"}
    room = server.post("/api/v1/calls/call", order).json["roomName"]
    entry = server.get(f"{HISTORY}/{room}").json
    start = f"{RECORDINGS}/start-recording"
    body = {"pathwayId": entry["callFlowId"], "roomName": room}
    assert server.post(start, {"pathwayId": UNKNOWN_ID, "roomName": room}).status == 404
    assert server.post(start, {"roomName": room}).json["details"] == "pathwayId is required"
    answer = server.post(start, body)
    assert (answer.status, answer.json["message"]) == (200, "Recording started")
    assert answer.json["result"]["egressId"].startswith("EG_")
    server.steer(advanceMs=60_000)
    assert server.post(start, body).status == 404
    assert part(server, entry["_id"])[0] == 200


def test_a_web_call_lasts_until_the_browser_ends_it(server: Sandbox) -> None:
    agent = ready_agent(server)
    answer = server.post("/v1/api/calls/web/connect", {"agentId": agent})
    assert answer.status == 200, answer.body
    call = answer.json
    assert set(call) == {"status", "callId", "roomName", "token", "agent"}
    assert call["agent"]["id"] == agent
    server.steer(advanceMs=12_000)
    (entry,) = server.get(f"{HISTORY}?callType=web&agentId={agent}").json
    assert (entry["callId"], entry["status"]) == (call["callId"], "in-progress")
    end = {"roomName": call["roomName"]}
    assert server.post("/v1/api/calls/web/disconnect", end).json["status"] == "success"
    assert server.post("/v1/api/calls/web/disconnect", end).status == 404
    (entry,) = server.get(f"{HISTORY}?callType=web&agentId={agent}").json
    assert (entry["status"], entry["duration"]) == ("completed", 12)


@pytest.mark.parametrize("path", ["/v1/api/web-call", "/v1/api/web-call/public"])
def test_the_older_address_of_web_calls_takes_either_name(server: Sandbox, path: str) -> None:
    agent = ready_agent(server)
    for name in ("agentId", "call_agent_id"):
        assert server.post(path, {name: agent}).json["status"] == "success"
    assert server.post(path, {}).json["details"] == "agentId is required"


def test_a_web_call_needs_an_agent_with_a_flow(server: Sandbox) -> None:
    path = "/v1/api/calls/web/connect"
    assert server.post(path, {"agentId": UNKNOWN_ID}).status == 404
    answer = server.post(path, {"agentId": new_agent(server)["_id"]})
    assert answer.json["details"] == "Agent has no active flow configured"


def test_the_token_of_a_web_call_is_in_no_journal(server: Sandbox) -> None:
    path = "/v1/api/calls/web/connect"
    token = server.post(path, {"agentId": ready_agent(server)}).json["token"]
    journal = server.get("/sandbox/journal?limit=1000").body.decode()
    assert token not in journal
    assert KEY not in journal
