"""What webhooks and the call history say of the calls of campaigns."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from campaign_places import (
    ADA,
    BEN,
    EVE,
    agent,
    agent_of,
    begun,
    client,
    place,
    postgres,
    sandbox,
    service,
)
from conftest import ROOT
from test_webhook_frameworks import over_asgi
from test_webhooks_of_the_sandbox import served, settle, spoil
from trillet._campaign.opening import database_of
from trillet._command.command import main
from trillet.testing import Sandbox
from trillet.webhooks import Event, Receiver, verify

if TYPE_CHECKING:
    import trillet
    from trillet.campaign import Campaign

__all__ = ["agent", "client", "place", "postgres", "sandbox", "service"]

SECRET = "whsec_sandbox"


def tokens(place: str) -> list[str]:
    with database_of(place).read() as transaction:
        return [row[0] for row in transaction.rows("SELECT token FROM attempt ORDER BY intent_at")]


def event_of(kind: str, call_id: str | None = None, **data: object) -> Event:
    body = json.dumps({"event": kind, "data": {"callId": call_id, **data}}).encode()
    return verify(body, hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest(), SECRET)


def test_a_webhook_binds_what_may_have_rung_and_ends_it(
    place: str, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    campaign = begun(place, agent, ADA, settle_seconds=3600)
    sandbox.faults.add("calls.send", "reset", count=1)
    assert campaign.run_slice(client, max_seconds=5).unknown == 1
    metadata = {"trilletToken": tokens(place)[0]}
    assert campaign.receive(event_of("call.started", "c1", metadata=metadata))
    assert campaign.counts() == {"in_call": 1}
    end = event_of("call.completed", "c1", metadata=metadata, duration=12)
    assert campaign.receive(end)
    assert campaign.receive(end)
    assert campaign.counts() == {"done": 1}
    # Too late, and of another call.
    assert campaign.receive(event_of("call.started", "c1", metadata=metadata))
    assert not campaign.receive(event_of("call.completed", "c2", metadata={"trilletToken": "x"}))
    assert not campaign.receive(event_of("sms.sent"))
    (attempt,) = campaign.attempts()
    assert (attempt.state, attempt.call_id, attempt.duration) == ("ended", "c1", 12)
    assert campaign.counts() == {"done": 1}


@pytest.mark.parametrize(
    ("data", "disposition"),
    [
        ({"error": "busy"}, "busy"),
        ({"error": "no answer"}, "no_answer"),
        ({"error": "Line cut"}, "failed"),
        ({}, "failed"),
        ({"answered_by_voicemail": True}, "voicemail"),
    ],
)
def test_the_webhook_says_how_a_call_has_failed(
    place: str, client: trillet.Trillet, agent: str, data: dict[str, Any], disposition: str
) -> None:
    campaign = begun(place, agent, ADA)
    assert campaign.run_slice(client, max_seconds=5).placed == 1
    (attempt,) = campaign.attempts()
    campaign.receive(event_of("call.failed", attempt.call_id, **data))
    (attempt,) = campaign.attempts()
    assert attempt.disposition == disposition


def test_the_price_of_a_call_stays_reserved_until_it_is_known(
    place: str, client: trillet.Trillet, agent: str
) -> None:
    campaign = begun(place, agent, ADA, BEN, most_cost=1.0, call_cost=1.0)
    assert campaign.run_slice(client, max_seconds=5).placed == 1
    campaign.start()
    (attempt,) = campaign.attempts()
    campaign.receive(event_of("call.completed", attempt.call_id))
    assert campaign.run_slice(client, max_seconds=1).placed == 0
    campaign.receive(event_of("call.completed", attempt.call_id, cost=0.0))
    campaign.start()
    assert campaign.run_slice(client, max_seconds=5).placed == 1


def test_who_was_to_be_called_again_and_has_rung_is_held(
    place: str, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    campaign = begun(place, agent, ADA)
    sandbox.faults.add("calls.send", "reset", count=1)
    campaign.run_slice(client, max_seconds=5)
    assert campaign.resolve(ADA, "redial")
    assert campaign.receive(
        event_of("call.completed", "c9", metadata={"trilletToken": tokens(place)[0]})
    )
    assert campaign.counts() == {"held": 1}
    assert [each.attempts for each in campaign.contacts()] == [1]
    assert campaign.run_slice(client, max_seconds=1).placed == 0


def test_lost_doubled_and_late_webhooks_and_the_history_lead_to_one_end(place: str) -> None:
    phones = [f"+1202555{number:04}" for number in range(40)]
    arguments = ("--webhook-form", "native", "--concurrency", "100")
    # Slowly: no call may end before all are placed, however long that takes.
    with Sandbox(seed=5, speed=1, arguments=arguments) as sandbox, sandbox.client() as client:
        spoil(sandbox)
        campaigns: list[Campaign] = []
        receiver = Receiver(lambda event: campaigns[0].receive(event), SECRET)
        with served(receiver.wsgi) as url:
            mine = agent_of(client)
            rules: dict[str, Any] = {"callback_url": url, "retries": {}}
            campaigns += [begun(place, mine, *phones[:20], **rules)]
            # The receiver's campaign is another one, of the same account.
            campaigns += [begun(place, mine, *phones[20:], name="summer", **rules)]
            for each in campaigns:
                assert each.run_slice(client, max_seconds=30).placed == 20
            settle(sandbox)
            assert receiver.close()
        received = sum(each.counts()["done"] for each in campaigns)
        assert 0 < received < 40
        end = time.monotonic() + 60
        while sum(each.counts()["done"] for each in campaigns) < 40:
            assert time.monotonic() < end, [each.counts() for each in campaigns]
            campaigns[0].reconcile(client, max_seconds=5)
        records = list(client.calls.history(limit=100))
    assert len(records) == 40
    assert [each.state for each in campaigns] == ["done", "done"]


def test_the_command_asks_the_history_for_all_campaigns_of_the_account(
    place: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Slowly: summer may not be over before it is paused.
    with Sandbox(speed=1) as sandbox, sandbox.client() as client:
        for name, value in (
            ("TRILLET_API_KEY", "sandbox-key"),
            ("TRILLET_WORKSPACE_ID", "sandbox-workspace"),
            ("TRILLET_BASE_URL", sandbox.url),
        ):
            monkeypatch.setenv(name, value)
        # Of two agents, because the history is read for each.
        spring = begun(place, agent_of(client), ADA, BEN, retries={})
        summer = begun(place, agent_of(client), EVE, name="summer", retries={})
        assert spring.run_slice(client, max_seconds=10).placed == 2
        assert summer.run_slice(client, max_seconds=10).placed == 1
        summer.pause()
        sandbox.clock.advance(7200)
        words = ["campaign", "reconcile", place, "--name", "spring", "--output", "json"]
        end = time.monotonic() + 60
        while spring.counts()["done"] + summer.counts()["done"] < 3:
            assert time.monotonic() < end
            assert main(words) == 0
        assert "ended" in json.loads(capsys.readouterr().out.splitlines()[-1])
    assert spring.counts() == {"done": 2}
    assert summer.counts() == {"done": 1}


def test_the_example_takes_signed_webhooks_into_a_campaign(
    place: str, client: trillet.Trillet, agent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = begun(place, agent, ADA)
    assert campaign.run_slice(client, max_seconds=5).placed == 1
    (attempt,) = campaign.attempts()
    monkeypatch.setenv("TRILLET_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("CAMPAIGN_DATABASE", place)
    monkeypatch.syspath_prepend(str(ROOT / "examples"))
    monkeypatch.delitem(__import__("sys").modules, "campaign_webhooks_fastapi", raising=False)
    example = import_module("campaign_webhooks_fastapi")
    post = over_asgi(example.app)
    body = json.dumps({"event": "call.completed", "data": {"callId": attempt.call_id}}).encode()
    assert post("/webhooks/", body, "0" * 64)[0] == 401
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert post("/webhooks/", body, signature)[0] == 200
    assert example.receiver.close()
    assert campaign.counts() == {"done": 1}
