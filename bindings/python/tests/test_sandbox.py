"""Every method against the sandbox, end to end, on both route styles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

import trillet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NUMBER = "+12025550164"
A_DAY = 86_400_000


# What the service calls the id of a call on each style of routes.
CALL_ID = {"overview": "callId", "published": "call_id"}


@pytest.fixture(params=list(CALL_ID))
def routes(request: pytest.FixtureRequest) -> str:
    style: str = request.param
    return style


@pytest.fixture
def service(sandbox: dict[str, Any], routes: Any) -> Iterator[trillet.Trillet]:
    with trillet.Trillet(
        sandbox["apiKey"], sandbox["workspaceId"], base_url=sandbox["url"], routes=routes
    ) as client:
        yield client


@pytest.fixture
def agent(service: trillet.Trillet) -> Iterator[str]:
    """An agent that can call: with a number and an active flow."""
    created: Any = service.agents.create(
        name="Front Desk",
        tts_model={"provider": "rime", "voiceId": "mistv2_Brook", "language": "en"},
        llm_model="gpt-4o-mini",
    )
    identifier: str = created["_id"]
    flow: Any = service.flows.create(
        name="Renewal",
        direction="outbound",
        prompt_type="simple",
        agent=identifier,
        prompt="Greet {first_name}.",
        is_active=True,
    )
    yield identifier
    service.flows.delete(flow["_id"])
    service.agents.delete(identifier)


def contacts(count: int) -> str:
    rows = [f"+120255501{number:02},Guest {number}" for number in range(count)]
    return "\n".join(["phone_number,first_name", *rows, ""])


def listed(answer: Any, key: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = answer if isinstance(answer, list) else answer[key]
    return items


def test_an_agent_lives_from_create_to_delete(service: trillet.Trillet) -> None:
    created: Any = service.agents.create(
        name="Zoë's desk",
        tts_model={"provider": "rime", "voiceId": "mistv2_Brook", "language": "en"},
        llm_model="gpt-4o-mini",
        settings={"speed": 0.5},
        variables={"branch": "north"},
    )
    identifier = created["_id"]
    assert created["name"] == "Zoë's desk"
    assert identifier in [item["_id"] for item in listed(service.agents.list(), "agents")]
    fetched: Any = service.agents.get(identifier)
    assert fetched["variables"] == {"branch": "north"}
    changed: Any = service.agents.update(identifier, name="Night desk", llm_model="gpt-4o-mini")
    assert (changed["_id"], changed["name"]) == (identifier, "Night desk")
    service.agents.delete(identifier)
    with pytest.raises(trillet.NotFoundError, match="Agent not found"):
        service.agents.get(identifier)


def test_a_flow_lives_from_create_to_delete(service: trillet.Trillet) -> None:
    created: Any = service.flows.create(
        name="Renewal", direction="outbound", prompt_type="simple", prompt="Hello"
    )
    identifier = created["_id"]
    assert identifier in [item["_id"] for item in listed(service.flows.list(), "flows")]
    fetched: Any = service.flows.get(identifier)
    assert fetched["prompt"] == "Hello"
    changed: Any = service.flows.update(identifier, prompt_type="simple", is_active=False)
    assert changed["isActive"] is False
    service.flows.delete(identifier)
    with pytest.raises(trillet.NotFoundError, match="Flow not found"):
        service.flows.get(identifier)


def test_a_call_is_placed(service: trillet.Trillet, agent: str, routes: str) -> None:
    call: Any = service.calls.send(agent, NUMBER)
    assert call["status"] == "success"
    assert re.fullmatch("[0-9A-Za-z]{12}", call[CALL_ID[routes]])


def test_a_call_by_an_unknown_agent_is_not_found(service: trillet.Trillet) -> None:
    with pytest.raises(trillet.NotFoundError) as caught:
        service.calls.send("0" * 24, NUMBER)
    error = caught.value
    assert (error.message, error.status, error.sent) == ("Agent not found", 404, "no")
    assert error.details
    assert error.request_id


def test_the_template_is_a_file_that_validates(service: trillet.Trillet) -> None:
    template = service.batch_calls.template()
    assert template["contentType"].startswith("text/csv")
    assert (template["fileName"] or "").endswith(".csv")
    report: Any = service.batch_calls.validate(csv=template["text"])
    assert report["valid"] is True
    assert report["totalRows"] == report["validRows"] > 0


def test_validation_names_the_rows_that_are_wrong(service: trillet.Trillet, tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text(f"phone_number,first_name\n{NUMBER},Ada\n555,Ben\n", encoding="utf-8")
    report: Any = service.batch_calls.validate(file=path)
    assert (report["valid"], report["validRows"], report["invalidRows"]) == (False, 1, 1)
    assert [(problem["row"], problem["value"]) for problem in report["errors"]] == [(2, "555")]


def test_a_preview_shows_as_many_rows_as_asked(service: trillet.Trillet) -> None:
    preview: Any = service.batch_calls.preview(csv=contacts(10), limit=3)
    assert preview["totalRows"] == 10
    assert [row["first_name"] for row in preview["rows"]] == ["Guest 0", "Guest 1", "Guest 2"]


def test_a_batch_runs_to_its_end(service: trillet.Trillet, agent: str, tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text(contacts(12), encoding="utf-8")
    started: Any = service.batch_calls.start(agent_id=agent, file=path)
    identifier = started["batchId"]
    assert started["totalCalls"] == 12
    progress: Any = finished(service, identifier)
    assert progress["status"] == "completed"
    assert progress["completed"] + progress["failed"] == progress["total"] == 12
    status: Any = service.batch_calls.get(identifier)
    assert (status["id"], status["isComplete"]) == (identifier, True)
    calls: Any = service.batch_calls.list_calls(identifier, page=2, limit=5, status="all")
    assert len(calls["calls"]) == 5
    assert calls["pagination"]["totalPages"] == 3
    job = calls["calls"][0]
    one: Any = service.batch_calls.get_call(identifier, job["jobId"])
    assert (one["jobId"], one["phone_number"]) == (job["jobId"], job["phone_number"])


def finished(service: trillet.Trillet, identifier: str) -> Any:
    """The progress of the batch after a day in which it has run to its end."""
    service.call("POST /sandbox/clock", {"advanceMs": A_DAY})
    progress: Any = service.batch_calls.progress(identifier)
    assert progress["isComplete"]
    return progress


def test_a_scheduled_batch_is_cancelled_before_it_dials(
    service: trillet.Trillet, agent: str
) -> None:
    started: Any = service.batch_calls.start(
        agent_id=agent,
        csv=contacts(4),
        scheduled_at="2099-01-01T00:00:00Z",
        smart_callback_config={
            "enabled": True,
            "maxAttempts": 1,
            "gaps": [{"days": 0, "hours": 1}],
        },
    )
    cancelled: Any = service.batch_calls.cancel(started["batchId"])
    assert cancelled["status"] == "cancelled"
    assert cancelled["details"] == {
        "completedCalls": 0,
        "failedCalls": 0,
        "cancelledCalls": 4,
        "totalCalls": 4,
    }


def test_unknown_batches_and_calls_are_not_found(service: trillet.Trillet) -> None:
    for call in (
        lambda: service.batch_calls.get("batch_0"),
        lambda: service.batch_calls.progress("batch_0"),
        lambda: service.batch_calls.list_calls("batch_0"),
        lambda: service.batch_calls.get_call("batch_0", "call_0"),
        lambda: service.batch_calls.cancel("batch_0"),
    ):
        with pytest.raises(trillet.NotFoundError):
            call()


def test_a_file_without_numbers_is_rejected(service: trillet.Trillet, agent: str) -> None:
    with pytest.raises(trillet.RejectedError) as caught:
        service.batch_calls.start(agent_id=agent, csv="name\nAda\n", options={"validate": False})
    assert caught.value.status == 400
    assert caught.value.message


def test_a_wrong_key_is_an_authentication_error(sandbox: dict[str, Any]) -> None:
    with (
        trillet.Trillet("wrong-key", sandbox["workspaceId"], base_url=sandbox["url"]) as client,
        pytest.raises(trillet.AuthenticationError) as caught,
    ):
        client.agents.list()
    assert caught.value.status == 401
    assert "wrong-key" not in str(caught.value)


def test_a_foreign_workspace_is_a_permission_error(sandbox: dict[str, Any]) -> None:
    with (
        trillet.Trillet(sandbox["apiKey"], "elsewhere", base_url=sandbox["url"]) as client,
        pytest.raises(trillet.PermissionDeniedError),
    ):
        client.agents.list()


def test_paths_without_a_method_here_are_reached_by_call(
    service: trillet.Trillet, agent: str
) -> None:
    sent: Any = service.calls.send(agent, NUMBER)
    history = service.call("GET /v2/api/call-history", {"agentId": agent}).data
    assert sent["status"] == "success"
    assert history
