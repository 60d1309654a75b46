"""What goes over the wire: method, path, query, headers and body of every method."""

from __future__ import annotations

import inspect
import json
import time
from collections import deque
from decimal import Decimal
from enum import IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from conftest import KEY, WORKSPACE
from operations import AGENT, CSV, FLOW, OPERATIONS, VOICE, Expected

if TYPE_CHECKING:
    from collections.abc import Callable

    from recording_server import RecordingServer, Request

    Connect = Callable[..., trillet.Trillet]


def by_name(expected: Expected) -> str:
    return expected.name


def check_body(request: Request, expected: Expected, body: dict[str, object] | None) -> None:
    if expected.form is not None:
        assert {part.name: part.content.decode("utf-8") for part in request.parts} == expected.form
    elif body is not None:
        assert request.headers["content-type"] == "application/json"
        assert request.json == body
        text = json.dumps(request.json, ensure_ascii=False, separators=(",", ":"))
        assert request.body == text.encode("utf-8")
        assert request.headers["content-length"] == str(len(request.body))
    else:
        assert request.body == b""
        assert "content-type" not in request.headers


@pytest.mark.parametrize("expected", OPERATIONS, ids=by_name)
def test_each_method_makes_its_request_on_the_overview_routes(
    client: trillet.Trillet, server: RecordingServer, expected: Expected
) -> None:
    expected.call(client)
    request = server.only_request
    assert f"{request.method} {request.path}" == expected.overview
    assert request.query == expected.query
    check_body(request, expected, expected.body)


@pytest.mark.parametrize("expected", OPERATIONS, ids=by_name)
def test_each_method_makes_its_request_on_the_published_routes(
    connect: Connect, server: RecordingServer, expected: Expected
) -> None:
    expected.call(connect(routes="published"))
    request = server.only_request
    assert f"{request.method} {request.path}" == expected.published
    assert request.query == expected.query
    check_body(request, expected, expected.published_body or expected.body)


@pytest.mark.parametrize("expected", OPERATIONS, ids=by_name)
def test_each_request_carries_the_key_the_workspace_and_nothing_unexpected(
    client: trillet.Trillet, server: RecordingServer, expected: Expected
) -> None:
    expected.call(client)
    headers = server.only_request.headers
    assert headers["host"] == f"127.0.0.1:{server.port}"
    assert headers["x-api-key"] == KEY
    assert headers["x-workspace-id"] == WORKSPACE
    takes_any = expected.name == "calls.recording"
    assert ("*/*" if takes_any else "application/json") in headers["accept"]
    assert headers["user-agent"].startswith("libtrillet/0.1.0")
    assert f"trillet-python/{trillet.__version__}" in headers["user-agent"]
    usual = {"host", "x-api-key", "x-workspace-id", "accept", "user-agent", "accept-encoding"}
    assert set(headers) - usual <= {"content-type", "content-length"}


def test_the_table_of_these_tests_names_every_operation_of_the_library() -> None:
    known = [operation["id"] for operation in trillet.operations()]
    assert sorted(expected.name for expected in OPERATIONS) == sorted(known)
    assert len(known) == 61


def test_every_operation_has_a_method_with_a_docstring(client: trillet.Trillet) -> None:
    for expected in OPERATIONS:
        resource, _, method = expected.name.partition(".")
        assert inspect.getdoc(getattr(getattr(client, resource), method)), expected.name


@pytest.mark.parametrize("expected", OPERATIONS, ids=by_name)
def test_the_catalogue_tells_where_each_operation_goes(expected: Expected) -> None:
    (entry,) = [entry for entry in trillet.operations() if entry["id"] == expected.name]
    method, _, path = expected.overview.partition(" ")
    assert entry["method"] == method
    assert entry["path"].count("/") == path.count("/")
    assert entry["published"]["method"] == expected.published.partition(" ")[0]
    assert entry["function"] == "trillet_" + expected.name.replace(".", "_")


def test_arguments_that_are_none_are_not_sent(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    client.agents.update(AGENT, name=None, smart_callback=False)
    assert server.only_request.json == {"smartCallback": False}


def test_extra_fields_go_into_the_body_and_may_be_null(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    client.flows.update(FLOW, extra_fields={"folderId": None, "somethingNew": [1, {"a": "b"}]})
    assert server.only_request.body == b'{"folderId":null,"somethingNew":[1,{"a":"b"}]}'


def test_unknown_fields_of_a_get_go_into_the_query(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    client.call("agents.list", {"search": "a b&c=ä"})
    assert server.only_request.query == [("search", "a b&c=ä")]


def test_numbers_keep_their_exact_text(client: trillet.Trillet, server: RecordingServer) -> None:
    client.call(
        "POST /echo",
        {
            "big": 123456789012345678901234567890,
            "exact": Decimal("0.10"),
            "huge": Decimal("1E+400"),
            "float": 0.1,
            "negative": -0.0,
        },
    )
    assert server.only_request.body == (
        b'{"big":123456789012345678901234567890,"exact":0.10,"huge":1E+400,'
        b'"float":0.1,"negative":-0.0}'
    )


def test_any_sequence_and_mapping_is_taken(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    request: Any = MappingProxyType({"list": (1, [2], deque([3]), range(4, 6)), "empty": [{}, []]})
    client.call("POST /echo", request)
    assert server.only_request.body == b'{"list":[1,[2],[3],[4,5]],"empty":[{},[]]}'


def test_a_dictionary_is_written_as_any_other_mapping_of_the_same(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    class Colour(IntEnum):
        RED = 7

    deep: Any = 1
    for level in range(40):
        deep = [deep] if level % 2 else {"k": deep}
    values: list[object] = [
        *(None, True, False, 0, -1, 2**70, 0.1, 1e300, -0.0, 5e-324, Colour.RED),
        *("", 'é"\\\n\x1f\x7f😀'),
        *([], {}, [[]], [{}], {"": ""}, {"a": [1, {"b": [None, True]}]}, (1, "x"), deep),
    ]
    request = {"values": values, "ключ": "\u2028", **{f"k{n}": v for n, v in enumerate(values)}}
    client.call("POST /x", request)
    client.call("POST /x", MappingProxyType(request))
    first, second = server.requests
    assert first.body == second.body
    assert first.json["values"][:9] == [None, True, False, 0, -1, 2**70, 0.1, 1e300, -0.0]


@pytest.mark.parametrize("key", [1, None, True, 1.5, b"k"])
def test_a_key_that_is_no_text_is_refused_wherever_it_is(
    key: object, client: trillet.Trillet, server: RecordingServer
) -> None:
    with pytest.raises(TypeError, match=r"`a\[0\]\.b` has the key .* keys are str"):
        client.call("POST /x", {"a": [{"b": {key: 2}}]})
    assert server.requests == []


def test_text_of_every_plane_and_control_characters_arrive_unharmed(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    text = "".join(map(chr, range(128))) + "äöü €  漢字 😀 \U0010ffff"
    client.agents.create(name=text, tts_model=VOICE, llm_model="gpt-4o-mini")
    assert server.only_request.json["name"] == text


def test_json_text_given_to_call_is_passed_unchanged(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    client.call("POST /echo", '{"x": [1.50,  "\\u00e4"], "y":1e5}')
    assert server.only_request.body.replace(b" ", b"") == b'{"x":[1.50,"\\u00e4"],"y":1e5}'


@pytest.mark.parametrize(
    ("identifier", "encoded"),
    [
        ("../x", "..%2Fx"),
        ("a/b", "a%2Fb"),
        ("a b", "a%20b"),
        ("ü", "%C3%BC"),
        ("100%", "100%25"),
        ("a?b#c", "a%3Fb%23c"),
        ("-._~", "-._~"),
    ],
)
def test_path_parameters_are_percent_encoded(
    client: trillet.Trillet, server: RecordingServer, identifier: str, encoded: str
) -> None:
    client.agents.get(identifier)
    assert server.only_request.target == f"/api/v1/agents/{encoded}"


def test_a_base_url_with_a_path_prefix_keeps_it(connect: Connect, server: RecordingServer) -> None:
    connect(base_url=f"{server.url}/gateway/").agents.get(AGENT)
    assert server.only_request.target == f"/gateway/api/v1/agents/{AGENT}"


def test_request_options_override_the_client(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    client.agents.update(
        AGENT,
        llm_model="gpt-4o-mini",
        options={
            "routes": "published",
            "headers": {"X-Trace": "t-1"},
            "idempotency_key": "once-1",
            "timeout_ms": 5000,
            "max_retries": 0,
        },
    )
    request = server.only_request
    assert request.line == f"PUT /v1/api/agents/{AGENT} HTTP/1.1"
    assert request.headers["x-trace"] == "t-1"
    assert request.headers["idempotency-key"] == "once-1"


def test_a_call_that_would_start_too_late_is_not_placed(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    passed = int(time.clock_gettime(time.CLOCK_BOOTTIME) * 1000)
    with pytest.raises(trillet.RequestTimeoutError) as raised:
        client.calls.send(AGENT, "+12025550164", options={"not_after_ms": passed})
    assert raised.value.sent == "no"
    assert server.requests == []


def test_client_headers_and_user_agent_are_added(connect: Connect, server: RecordingServer) -> None:
    connect(headers={"X-Team": "north"}, user_agent="dialer/2.1").agents.list()
    headers = server.only_request.headers
    assert headers["x-team"] == "north"
    assert headers["user-agent"].startswith("libtrillet/0.1.0")
    assert headers["user-agent"].endswith("dialer/2.1")


def test_without_a_workspace_no_header_is_sent(connect: Connect, server: RecordingServer) -> None:
    connect(workspace_id=None).agents.list()
    assert "x-workspace-id" not in server.only_request.headers


def test_unchecked_requests_are_sent_as_they_are(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    client.calls.send(AGENT, "extension 7", options={"validate": False})
    assert server.only_request.json == {"agentId": AGENT, "toNumber": "extension 7"}


def test_a_client_can_be_made_that_never_checks(connect: Connect, server: RecordingServer) -> None:
    connect(validate=False).call("agents.create", {"name": 5})
    assert server.only_request.json == {"name": 5}


def test_call_takes_an_operation_name_or_a_method_and_a_path(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    by_name = client.call("agents.get", {"agentId": AGENT})
    by_path = client.call("GET /v2/api/call-history", {"page": 1})
    assert [request.target for request in server.requests] == [
        f"/api/v1/agents/{AGENT}",
        "/v2/api/call-history?page=1",
    ]
    assert (by_name.data, by_name.status, by_name.meta["operation"]) == ({}, 200, "agents.get")
    assert by_path.meta["attempts"] == 1
    assert by_path.meta["elapsedMs"] >= 0


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_call_sends_every_method(
    client: trillet.Trillet, server: RecordingServer, method: str
) -> None:
    client.call(f"{method} /v1/api/things")
    assert server.only_request.line == f"{method} /v1/api/things HTTP/1.1"


def test_published_field_names_are_taken_on_published_routes(
    connect: Connect, server: RecordingServer
) -> None:
    request: dict[str, Any] = {"call_agent_id": AGENT, "to": "+12025550164"}
    connect(routes="published").call("calls.send", request)
    assert server.only_request.json == request


def test_the_extras_of_a_published_call_get_their_published_names(
    connect: Connect, server: RecordingServer
) -> None:
    connect(routes="published").calls.send(
        AGENT,
        "+12025550164",
        callback_url="https://example.com/hook",
        dynamic_variables={"firstName": "Ada"},
        metadata={"ticket": 7},
    )
    assert server.only_request.json == {
        "call_agent_id": AGENT,
        "to": "+12025550164",
        "callback_url": "https://example.com/hook",
        "dynamic_variables": {"firstName": "Ada"},
        "metadata": {"ticket": 7},
    }


def test_a_csv_given_as_text_is_named_and_typed(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    client.batch_calls.validate(csv=CSV)
    part = server.only_request.part("file")
    assert part.file_name == "contacts.csv"
    assert part.headers["content-type"] == "text/csv"
    assert part.content == CSV.encode()
