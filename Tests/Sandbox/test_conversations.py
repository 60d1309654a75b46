"""What is said in a call, and how long it may take: the flow's settings at work."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from conftest import StartSandbox
from sandbox import Sandbox, agent_fields, flow_fields, ready_agent

SEND = "/api/v1/calls/call"
ANSWERED = "+15005550000"
VOICEMAIL = "+15005550003"
DROPPED = "+15005550810"


@pytest.fixture(scope="module")
def paused() -> Any:
    """A server whose time stands still, in the night of a Friday."""
    server = Sandbox("--requests-per-minute", "0", "--paused")
    server.steer(jumpTo="2100-01-01T03:00:00Z")
    yield server
    server.stop()


def call(server: Sandbox, flow: dict[str, object], number: str = ANSWERED) -> Any:
    """How a call with this flow has gone."""
    agent = ready_agent(server, flow)
    order = {
        "agentId": agent,
        "toNumber": number,
        "dynamicVariables": {"first_name": "Ada"},
    }
    answer = server.post(SEND, order)
    assert answer.status == 200, answer.body
    # Steps of whole days: it is the same time of day for every test.
    server.steer(advanceMs=86_400_000)
    return server.get(f"/sandbox/calls/{answer.json['callId']}").json


@pytest.mark.parametrize(
    ("flow", "opening"),
    [
        (
            {"welcomeMessage": "user_initiated"},
            "Customer: Hello?\nAgent: Hi Ada, this is Front Desk.\nAgent: Greet Ada",
        ),
        (
            {"welcomeMessage": "ai_dynamic", "customWelcomeMessage": "Not this."},
            "Agent: Hi Ada, this is Front Desk.\nCustomer: Hello.\nAgent: Greet Ada",
        ),
        (
            {"welcomeMessage": "ai_custom", "customWelcomeMessage": "Dear {first_name}!"},
            "Agent: Dear Ada!\nCustomer: Hello.\nAgent: Greet Ada",
        ),
        (
            {"welcomeMessage": "ai_custom", "customWelcomeMessage": ""},
            "Agent: Hi Ada, this is Front Desk.\nCustomer: Hello.\nAgent: Greet Ada",
        ),
        (
            {"welcomeMessage": "ai_custom"},
            "Agent: Hi Ada, this is Front Desk.\nCustomer: Hello.\nAgent: Greet Ada",
        ),
    ],
)
def test_the_welcome_message_decides_who_speaks_first(
    paused: Sandbox, flow: dict[str, object], opening: str
) -> None:
    assert call(paused, flow)["transcript"].startswith(opening)


def test_a_voicemail_gets_the_greeting_alone(paused: Sandbox) -> None:
    flow: dict[str, object] = {"welcomeMessage": "ai_custom", "customWelcomeMessage": "Call us."}
    assert call(paused, flow, VOICEMAIL)["transcript"] == (
        "Voicemail: Please leave a message after the tone.\nAgent: Call us."
    )


def test_a_dropped_call_breaks_off_after_the_greeting(paused: Sandbox) -> None:
    assert call(paused, {}, DROPPED)["transcript"] == "Agent: Hi Ada, this is Front Desk."


def hours(start: str, end: str, zone: str | None, **more: object) -> dict[str, object]:
    settings = {"enabled": True, "start": start, "end": end, **more}
    if zone is not None:
        settings["timezone"] = zone
    return {"settings": {"responseSettings": {"workingHours": settings}}}


@pytest.mark.parametrize(
    ("start", "end", "zone", "open_"),
    [
        ("09:00", "17:00", "UTC", False),
        ("03:00", "17:00", "UTC", True),
        ("00:00", "03:00", "UTC", False),
        ("00:00", "03:01", "UTC", True),
        # 03:00 in UTC is 12:00 in Tokyo, 22:00 the day before in New York, 08:30 in Kolkata.
        ("09:00", "17:00", "Asia/Tokyo", True),
        ("09:00", "17:00", "America/New_York", False),
        ("21:00", "23:00", "America/New_York", True),
        ("08:30", "08:31", "Asia/Kolkata", True),
        ("08:31", "20:00", "Asia/Kolkata", False),
        # Past midnight.
        ("22:00", "06:00", "UTC", True),
        ("22:00", "02:00", "UTC", False),
        ("12:00", "12:00", "UTC", True),
        ("09:00", "17:00", None, False),
        ("09:00", "17:00", "Middle/Earth", False),
    ],
)
def test_working_hours_decide_what_the_called_hears(
    paused: Sandbox, start: str, end: str, zone: str | None, open_: bool
) -> None:
    shown = call(paused, hours(start, end, zone, outOfHoursMessage="Sorry {first_name}, closed."))
    assert shown["outcome"] == "successful"
    if open_:
        assert (shown["duration"], "Greet Ada" in shown["transcript"]) == (35, True)
    else:
        assert shown["transcript"] == "Agent: Sorry Ada, closed."
        assert shown["duration"] == 13


@pytest.mark.parametrize("year", [2031, 2036, 2044, 2500])
def test_working_hours_follow_the_clock_changes_of_a_zone(
    start_sandbox: StartSandbox, year: int
) -> None:
    server = start_sandbox("--requests-per-minute", "0", "--paused")
    zones = [
        *("Europe/Berlin", "Europe/Dublin", "America/New_York", "America/St_Johns"),
        *("Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu", "Pacific/Chatham"),
        *("Etc/GMT+9", "America/Argentina/Buenos_Aires"),
    ]
    for month, day in [(1, 15), (3, 20), (4, 2), (7, 1), (10, 28), (11, 15)]:
        now = datetime(year, month, day, 12, 34, tzinfo=timezone.utc)
        server.steer(jumpTo=now.strftime("%Y-%m-%dT%H:%M:%SZ"))
        calls: dict[str, str] = {}
        for zone in zones:
            # The call is answered within these two minutes.
            local = now.astimezone(ZoneInfo(zone))
            start, end = local.strftime("%H:%M"), (local + timedelta(minutes=2)).strftime("%H:%M")
            agent = ready_agent(server, hours(start, end, zone))
            answer = server.post(SEND, {"agentId": agent, "toNumber": ANSWERED})
            calls[zone] = answer.json["callId"]
        server.steer(advanceMs=600_000)
        for zone, call_id in calls.items():
            transcript = server.get(f"/sandbox/calls/{call_id}").json["transcript"]
            assert "We are closed" not in transcript, (zone, now)
            assert "Greet" in transcript, (zone, now)


@pytest.mark.parametrize("zone", ["../zoneinfo/Asia/Tokyo", "/Asia/Tokyo", "Asia", "tzdata.zi", ""])
def test_what_is_no_zone_means_utc(paused: Sandbox, zone: str) -> None:
    assert "Greet Ada" in call(paused, hours("03:00", "04:00", zone))["transcript"]


def test_working_hours_that_are_not_enabled_are_ignored(paused: Sandbox) -> None:
    flow = hours("09:00", "17:00", "UTC", enabled=False, outOfHoursMessage="Closed.")
    assert "Greet Ada" in call(paused, flow)["transcript"]


def test_out_of_hours_the_greeting_is_replaced_wherever_it_is_said(paused: Sandbox) -> None:
    flow = hours("09:00", "17:00", "UTC", outOfHoursMessage="Closed.")
    assert call(paused, flow, VOICEMAIL)["transcript"].endswith("\nAgent: Closed.")
    waiting = {**flow, "welcomeMessage": "user_initiated"}
    assert call(paused, waiting)["transcript"] == "Customer: Hello?\nAgent: Closed."
    without = hours("09:00", "17:00", "UTC")
    assert call(paused, without)["transcript"].startswith("Agent: We are closed")


@pytest.mark.parametrize(("limit", "duration"), [(20, 20), (5, 5), (1, 1), (0, 1), (9_999, 35)])
def test_no_call_is_longer_than_the_flow_allows(paused: Sandbox, limit: int, duration: int) -> None:
    shown = call(paused, {"settings": {"callSetting": {"maxCallDuration": limit}}})
    assert shown["duration"] == duration
    moments = [step["at"] for step in shown["timeline"]]
    assert moments == sorted(moments)
    assert [step["state"] for step in shown["timeline"]] == [
        *("queued", "ringing", "talking", "ended")
    ]


def test_no_call_is_longer_than_the_flow_allows_in_a_batch(start_sandbox: StartSandbox) -> None:
    server = start_sandbox("--requests-per-minute", "0", "--paused")
    agent = ready_agent(server, {"settings": {"callSetting": {"maxCallDuration": 20}}})
    rows = "".join(f"+1202555{index:04}\n" for index in range(100))
    answer = server.upload("/v1/api/batch-calls", "phone_number\n" + rows, agentId=agent)
    server.steer(advanceMs=86_400_000)
    path = f"/v1/api/batch-calls/{answer.json['batchId']}/calls?limit=100"
    calls = server.get(path).json["calls"]
    assert max(call["endTime"] - call["startTime"] for call in calls) == 20_000


class TestChoosingTheFlow:
    """Which of an agent's flows a call goes by."""

    def agent(self, server: Sandbox, *flows: dict[str, object], linked: int | None = None) -> str:
        agent: str = server.post("/api/v1/agents", agent_fields()).json["_id"]
        made = [
            server.post("/api/v1/flows", flow_fields(agent=agent, prompt=f"Flow {index}.", **flow))
            for index, flow in enumerate(flows)
        ]
        if linked is not None:
            pathway = made[linked].json["_id"]
            server.send_json("PATCH", f"/api/v1/agents/{agent}", {"pathway": pathway})
        return agent

    def prompt(self, server: Sandbox, agent: str) -> str:
        call = server.post(SEND, {"agentId": agent, "toNumber": ANSWERED}).json["callId"]
        server.steer(advanceMs=86_400_000)
        transcript: str = server.get(f"/sandbox/calls/{call}").json["transcript"]
        return transcript.split("\n")[2]

    def test_an_inbound_flow_cannot_call_out(self, paused: Sandbox) -> None:
        for linked in (None, 0):
            agent = self.agent(paused, {"direction": "inbound"}, linked=linked)
            answer = paused.post(SEND, {"agentId": agent, "toNumber": ANSWERED})
            assert answer.status == 400
            assert answer.json["error"] == "Invalid configuration"
            assert answer.json["details"].endswith(" is for inbound calls only")
            batch = paused.upload(
                "/v1/api/batch-calls", f"phone_number\n{ANSWERED}\n", agentId=agent
            )
            assert batch.status == 400
            assert batch.json["error"] == "Invalid configuration"
            assert batch.json["message"].endswith(" is for inbound calls only")

    def test_a_flow_for_both_directions_can_call_out(self, paused: Sandbox) -> None:
        agent = self.agent(paused, {"direction": "bidirectional"})
        assert self.prompt(paused, agent) == "Agent: Flow 0."

    def test_the_newest_active_flow_that_may_call_out_is_taken(self, paused: Sandbox) -> None:
        agent = self.agent(paused, {}, {}, {"isActive": False}, {"direction": "inbound"})
        assert self.prompt(paused, agent) == "Agent: Flow 1."

    def test_a_linked_flow_comes_first_if_it_may_call_out(self, paused: Sandbox) -> None:
        assert self.prompt(paused, self.agent(paused, {}, {}, linked=0)) == "Agent: Flow 0."
        inactive = self.agent(paused, {"isActive": False}, {}, linked=0)
        assert self.prompt(paused, inactive) == "Agent: Flow 1."
        inbound = self.agent(paused, {"direction": "inbound"}, {}, linked=0)
        assert self.prompt(paused, inbound) == "Agent: Flow 1."
