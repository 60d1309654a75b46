"""The results of a batch with what the history knows of its calls, as data frames and in HTML."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Callable

import pytest

import trillet
from recording_server import json_answer

if TYPE_CHECKING:
    from pathlib import Path

    from recording_server import RecordingServer, Reply, Request
    from trillet.testing import Sandbox

    ConnectAsync = Callable[..., trillet.AsyncTrillet]

BEGAN = 1932109360
HOSTILE = "<script>alert('1')</script>"


def call(number: int, last: int = 164, began: float | None = BEGAN) -> dict[str, Any]:
    phone = f"+12025550{last}"
    made: dict[str, Any] = {"jobId": f"{number:04}", "status": "completed", "phone_number": phone}
    return made if began is None else {**made, "startTime": began * 1000}


def record(number: int, last: int = 164, began: float = BEGAN, **more: Any) -> dict[str, Any]:
    return {
        "_id": f"r{number}",
        "callId": f"c{number}",
        "timestamp": began,
        "toPhoneNumber": f"+12025550{last}",
        "status": "completed",
        "summary": "Confirmed.",
        "cost": 0.12,
        "recordingUrl": f"https://example.com/r{number}",
        "transcript": [{"role": "assistant", "content": "Hi."}, {"role": "user", "content": "Yes"}],
        **more,
    }


def serve(
    server: RecordingServer, calls: list[dict[str, Any]], history: list[dict[str, Any]]
) -> None:
    pagination = {"page": 1, "limit": 100, "total": len(calls), "totalPages": 1, "hasNext": False}
    progress = {"status": "completed", "isComplete": True, "total": len(calls), "waiting": 0}
    counts = {"active": 0, "failed": 0, "completed": len(calls), "recent_calls": []}

    def respond(request: Request) -> Reply:
        if request.path.endswith("/status"):
            return json_answer({**progress, **counts})
        if "call-history" in request.path:
            page, limit = int(dict(request.query).get("page", 1)), 100
            return json_answer(history[(page - 1) * limit : page * limit])
        return json_answer({"calls": calls, "pagination": pagination})

    server.respond = respond


def details(client: trillet.Trillet) -> list[Any]:
    results = client.batch_calls.results("batch_1", details=True)
    return [each.get("details") for each in results]


def test_each_call_has_what_the_history_knows_of_it(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    serve(server, [call(1), call(2, 165)], [record(2, 165), record(1)])
    first, second = details(client)
    assert first == {
        "callHistoryId": "r1",
        "callId": "c1",
        "outcome": "completed",
        "summary": "Confirmed.",
        "transcript": "assistant: Hi.\nuser: Yes",
        "cost": 0.12,
        "recordingUrl": "https://example.com/r1",
    }
    assert second["callId"] == "c2"
    asked = [dict(each.query) for each in server.requests if "call-history" in each.path]
    assert asked == [{"batchId": "batch_1", "limit": "100"}]


def test_without_details_the_history_is_not_asked(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    serve(server, [call(1)], [record(1)])
    (only,) = client.batch_calls.results("batch_1")
    assert "details" not in only
    assert not any("call-history" in each.path for each in server.requests)


def test_a_number_called_twice_has_two_records(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    calls = [call(1, began=BEGAN), call(2, began=BEGAN + 60)]
    serve(server, calls, [record(2, began=BEGAN + 62), record(1, began=BEGAN + 2)])
    assert [each["callId"] for each in details(client)] == ["c1", "c2"]


@pytest.mark.parametrize(
    "other",
    [
        record(1, 165),
        record(1, began=BEGAN + 121),
        record(1, began=BEGAN - 121),
        record(1, timestamp=None),
        {},
    ],
)
def test_a_record_that_does_not_fit_is_not_taken(
    client: trillet.Trillet, server: RecordingServer, other: dict[str, Any]
) -> None:
    serve(server, [call(1)], [other])
    assert details(client) == [None]


def test_a_call_that_was_never_dialled_has_no_details(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    serve(server, [call(1, began=None)], [record(1)])
    assert details(client) == [None]


def test_what_a_record_does_not_say_is_none(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    bare = {"_id": "r1", "call_id": "c1", "timestamp": BEGAN, "toPhoneNumber": "+12025550164"}
    serve(server, [call(1)], [{**bare, "cost": {"customer_charge": 0.5}, "transcript": [7]}])
    (only,) = details(client)
    assert (only["callId"], only["cost"], only["outcome"]) == ("c1", 0.5, None)
    assert only["transcript"] == ""


def test_details_come_in_an_event_loop_too(
    connect_async: ConnectAsync, server: RecordingServer
) -> None:
    serve(server, [call(1)], [record(1)])

    async def main() -> list[Any]:
        async with connect_async() as client:
            results = client.batch_calls.results("batch_1", details=True)
            return [each.get("details") async for each in results]

    (only,) = asyncio.run(main())
    assert only["callId"] == "c1"


def test_details_are_not_for_a_file(client: trillet.Trillet, tmp_path: Path) -> None:
    results: Any = client.batch_calls.results
    with pytest.raises(TypeError, match="leave out the file"):
        results("batch_1", tmp_path / "results.csv", details=True)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_data_frame_has_columns_of_the_details(
    client: trillet.Trillet, server: RecordingServer, library: str
) -> None:
    pytest.importorskip(library)
    own = {"outcome": "of the contact", "plan": "Basic"}
    serve(server, [{**call(1), "metadata": own}, call(2, 165)], [record(1)])
    results = client.batch_calls.results("batch_1", details=True)
    frame = results.to_dataframe(library)
    first = {name: frame[name].to_list()[0] for name in frame.columns}
    assert first["call_id"] == "c1"
    assert first["outcome"] == "completed"
    assert first["transcript"] == "assistant: Hi.\nuser: Yes"
    assert first["recording"] == "https://example.com/r1"
    assert first["contact_outcome"] == "of the contact"
    # pandas has NaN there.
    assert frame["call_id"].to_list()[1] in (None, pytest.approx(float("nan"), nan_ok=True))


def test_what_strangers_said_is_escaped_in_a_notebook(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.otherwise = json_answer([{"_id": "r1", HOSTILE: [HOSTILE], "summary": HOSTILE}])
    for operation in ("calls.history", "GET /b"):
        shown = client.call(operation)._repr_html_()
        assert "<script" not in shown
        assert "&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt;" in shown


@pytest.mark.parametrize("value", [None, [], {}, "<i>", [1, "<i>"], {"<i>": {"<i>": "<i>"}}])
def test_every_answer_can_be_shown(
    client: trillet.Trillet, server: RecordingServer, value: Any
) -> None:
    server.otherwise = json_answer(value)
    shown = client.call("calls.history")._repr_html_()
    assert shown.startswith("<table>")
    assert "<i>" not in shown


def test_a_long_answer_is_cut_and_says_so(client: trillet.Trillet, server: RecordingServer) -> None:
    server.otherwise = json_answer([{"_id": "x" * 5000}] * 150)
    shown = client.call("calls.history")._repr_html_()
    assert shown.count("<tr>") == 101
    assert "the first 100 of 150" in shown
    assert len(shown) < 250_000


def test_a_report_of_contacts_is_a_table_of_its_problems() -> None:
    report = trillet.check_csv(csv=f'phone_number\n"{HOSTILE}"\n')
    shown = report._repr_html_()
    assert "<th>problem</th>" in shown
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown


def test_results_can_be_shown_before_and_after(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    serve(server, [call(1)], [])
    results = client.batch_calls.results("batch_1")
    assert "in progress" in results._repr_html_()
    list(results)
    assert "<td>isComplete</td><td>true</td>" in results._repr_html_()


def test_the_sandbox_knows_what_became_of_each_call(trillet_sandbox: Sandbox) -> None:
    with trillet_sandbox.client() as client:
        agent: Any = client.agents.create(
            name="Desk",
            tts_model={"provider": "rime", "voiceId": "mistv2_Brook", "language": "en"},
            llm_model="gpt-4o-mini",
        )
        client.flows.create(
            name="Renewal", direction="outbound", prompt_type="simple", agent=agent["_id"]
        )
        rows = "".join(f"+120255501{number:02}\n" for number in range(20))
        batch = client.batch_calls.start(agent_id=agent["_id"], csv=f"phone_number\n{rows}")
        trillet_sandbox.clock.advance(3600)
        found = list(client.batch_calls.results(batch["batchId"], details=True))
    known = [each["details"] for each in found if each.get("details")]
    assert len(found) == 20
    assert len(known) == len([each for each in found if each.get("startTime")])
    assert len({each["callId"] for each in known if each}) == len(known) > 0
