"""Bad input of every kind, at every door: a typed error that says where, and nothing sent."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from operations import AGENT, CSV, FLOW, OPERATIONS, VOICE

if TYPE_CHECKING:
    from recording_server import RecordingServer

GOOD: dict[str, dict[str, Any]] = {
    "agents.create": {"name": "a", "ttsModel": VOICE, "llmModel": "gpt-4o-mini"},
    "agents.get": {"agentId": AGENT},
    "agents.update": {"agentId": AGENT},
    "agents.delete": {"agentId": AGENT},
    "flows.create": {"name": "f", "direction": "outbound", "promptType": "simple"},
    "flows.get": {"flowId": FLOW},
    "flows.update": {"flowId": FLOW},
    "flows.delete": {"flowId": FLOW},
    "calls.send": {"agentId": AGENT, "toNumber": "+12025550164"},
    "batch_calls.start": {"csv": CSV, "agentId": AGENT},
    "batch_calls.get": {"batchId": "b"},
    "batch_calls.progress": {"batchId": "b"},
    "batch_calls.list_calls": {"batchId": "b"},
    "batch_calls.get_call": {"batchId": "b", "jobId": "j"},
    "batch_calls.cancel": {"batchId": "b"},
}
REQUIRED = [
    (operation, name) for operation, request in GOOD.items() for name in request if name != "csv"
]
WRONG_TYPES = [
    ("agents.create", "name", 5),
    ("agents.create", "ttsModel", "rime"),
    ("agents.create", "llmModel", True),
    ("agents.create", "smartCallback", "yes"),
    ("agents.create", "settings", []),
    ("agents.create", "phoneNumberIds", "5d1c"),
    ("agents.create", "variables", 1),
    ("flows.create", "isActive", 1),
    ("flows.create", "settings", "none"),
    ("flows.create", "webhooks", {}),
    ("flows.create", "prompt", ["x"]),
    ("calls.send", "agentId", 12),
    ("calls.send", "toNumber", 12025550164),
    ("batch_calls.start", "agentId", {}),
    ("batch_calls.list_calls", "page", "two"),
    ("batch_calls.list_calls", "limit", True),
    ("agents.get", "agentId", 7),
]


@pytest.fixture
def refused(client: trillet.Trillet, server: RecordingServer) -> Any:
    """Makes a call that must be refused before anything is sent, and gives the error."""

    def call(*arguments: Any, **named: Any) -> trillet.InvalidArgumentError:
        with pytest.raises(trillet.InvalidArgumentError) as caught:
            client.call(*arguments, **named)
        assert server.requests == []
        error = caught.value
        assert (error.status, error.sent, error.attempts) == (0, "no", 0)
        assert isinstance(error, ValueError)
        assert error.message
        return error

    return call


@pytest.mark.parametrize(("operation", "missing"), REQUIRED)
def test_a_missing_required_field_is_named(refused: Any, operation: str, missing: str) -> None:
    request = {name: value for name, value in GOOD[operation].items() if name != missing}
    error = refused(operation, request)
    assert error.field == missing
    assert error.operation == operation
    assert missing in str(error)


@pytest.mark.parametrize(("operation", "missing"), REQUIRED)
def test_null_for_a_required_field_is_refused(refused: Any, operation: str, missing: str) -> None:
    assert refused(operation, {**GOOD[operation], missing: None}).field == missing


@pytest.mark.parametrize(("operation", "name", "value"), WRONG_TYPES)
def test_a_field_of_the_wrong_type_is_named(
    refused: Any, operation: str, name: str, value: object
) -> None:
    assert refused(operation, {**GOOD[operation], name: value}).field == name


@pytest.mark.parametrize("member", ["provider", "voiceId"])
def test_the_voice_of_a_new_agent_needs_its_members(refused: Any, member: str) -> None:
    voice = {name: value for name, value in VOICE.items() if name != member}
    error = refused("agents.create", {**GOOD["agents.create"], "ttsModel": voice})
    assert error.field is not None
    assert member in error.field


@pytest.mark.parametrize(
    "number",
    [
        "",
        "12025550164",
        "+0123456789",
        "+123456",
        "+1234567890123456",
        "+1 202 555 0164",
        "+1202555016x",
        "+12025550164\n",
        " +12025550164",
        "+١٢٣٤٥٦٧٨",
        "tel:+12025550164",
        "++12025550164",
    ],
)
def test_a_number_that_is_not_e164_is_refused(refused: Any, number: str) -> None:
    error = refused("calls.send", {"agentId": AGENT, "toNumber": number})
    assert error.field == "toNumber"


@pytest.mark.parametrize("number", ["+1234567", "+123456789012345", "+441632960961"])
def test_numbers_of_seven_to_fifteen_digits_are_called(
    client: trillet.Trillet, server: RecordingServer, number: str
) -> None:
    client.calls.send(AGENT, number)
    assert server.only_request.json["toNumber"] == number


@pytest.mark.parametrize("identifier", ["", ".", ".."])
@pytest.mark.parametrize(
    ("operation", "name"),
    [pair for pair in REQUIRED if pair[1] in ("flowId", "batchId", "jobId")]
    + [("agents.get", "agentId"), ("agents.update", "agentId"), ("agents.delete", "agentId")],
)
def test_a_path_parameter_that_would_change_the_path_is_refused(
    refused: Any, operation: str, name: str, identifier: str
) -> None:
    assert refused(operation, {**GOOD[operation], name: identifier}).field == name


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("{", 1),
        ('{"a":1}}', 7),
        ('{"a":01}', 6),
        ("{'a':1}", 1),
        ('{"a":NaN}', 5),
        ('{"a":"\t"}', 6),
        (b'{"a":"\xff"}', 6),
        (b'{"a":"\xed\xa0\x80"}', None),
        (b'{"a":"\xc0\xaf"}', None),
        ('{"a":"\\ud800"}', None),
        ('{"a":"\\udc00\\ud800"}', None),
        ("\ufeff{}", 0),
        ("[" * 100_000, None),
        ('{"a":' * 100_000, None),
    ],
)
def test_ill_formed_request_text_is_refused_with_its_offset(
    refused: Any, text: str | bytes, offset: int | None
) -> None:
    error = refused("POST /echo", text)
    assert error.offset is not None
    if offset is not None:
        assert error.offset == offset


@pytest.mark.parametrize("text", ["[]", '"x"', "7", "null", "true"])
def test_a_request_that_is_no_object_is_refused(refused: Any, text: str) -> None:
    refused("agents.list", text)


@pytest.mark.parametrize("text", ["", "{}", " {} ", None])
def test_an_empty_request_is_an_empty_object(
    client: trillet.Trillet, server: RecordingServer, text: str | None
) -> None:
    client.call("agents.list", text)
    assert server.only_request.target == "/api/v1/agents"


def test_a_known_field_given_twice_is_refused(refused: Any) -> None:
    assert refused("agents.get", '{"agentId":"a","agentId":"b"}').field == "agentId"


def test_a_nul_in_request_text_is_refused_instead_of_cutting_it(refused: Any) -> None:
    assert refused("POST /echo", b'{"a":1}\x00{').offset == 7


@pytest.mark.parametrize(
    "operation",
    [
        "",
        "agents",
        "agents.fly",
        "AGENTS.GET",
        "agents.get ",
        "get /x",
        "FOO /x",
        "POST x",
        "POST",
        "POST ",
        "POST /a b",
        "POST  /a",
        "POST /x\r\nHost: evil",
        "POST http://example.com/x",
        "POST /x\x00y",
        "GET /x\x7f",
        "GET /\ud800",
    ],
)
def test_an_operation_that_does_not_exist_is_refused(refused: Any, operation: str) -> None:
    refused(operation, {})


@pytest.mark.parametrize("operation", [None, 5, ["GET /x"]])
def test_an_operation_that_is_no_text_is_a_type_error(
    client: trillet.Trillet, operation: Any
) -> None:
    with pytest.raises(TypeError, match="operation is of type"):
        client.call(operation)


@pytest.mark.parametrize("value", [b"bytes", bytearray(b"x"), {1, 2}, object(), 1j, iter([])])
def test_a_value_that_json_cannot_carry_is_a_type_error_that_says_where(
    client: trillet.Trillet, server: RecordingServer, value: object
) -> None:
    with pytest.raises(TypeError, match=r"agents\.create: `variables\.list\[1\]` is"):
        client.call("agents.create", {"variables": {"list": [1, value]}})
    assert server.requests == []


def test_bytes_are_refused_with_the_advice_to_decode_them(client: trillet.Trillet) -> None:
    with pytest.raises(TypeError, match="decode it first"):
        client.agents.get(b"5d1c")  # type: ignore[arg-type]


def test_a_key_that_is_no_text_is_a_type_error(client: trillet.Trillet) -> None:
    with pytest.raises(TypeError, match="`settings` has the key 1 of type int"):
        client.call("agents.update", {"agentId": AGENT, "settings": {1: "x"}})


@pytest.mark.parametrize(
    "number",
    [float("nan"), float("inf"), float("-inf"), Decimal("NaN"), Decimal("-Infinity")],
)
def test_a_number_that_json_has_not_is_refused(refused: Any, number: object) -> None:
    error = refused("POST /echo", {"settings": {"speed": number}})
    assert error.field == "settings.speed"


@pytest.mark.parametrize(
    "request_fields",
    [{"name": "\ud800"}, {"variables": {"x": ["\udfff"]}}, {"\ud800": 1}],
)
def test_a_lone_surrogate_in_a_value_or_key_is_refused(refused: Any, request_fields: Any) -> None:
    error = refused("POST /echo", request_fields)
    assert "surrogate" in error.message
    str(error).encode("utf-8")


def test_a_value_that_contains_itself_is_refused(refused: Any) -> None:
    loop: dict[str, Any] = {}
    loop["self"] = loop
    assert refused("POST /echo", {"top": loop}).field == "top"


def test_a_value_that_is_nested_too_deeply_is_refused(refused: Any) -> None:
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    assert "512" in refused("POST /echo", {"deep": deep}).message


def test_a_megabyte_of_text_is_taken(client: trillet.Trillet, server: RecordingServer) -> None:
    text = "ä" * 1_000_000
    client.call("POST /echo", {"text": text})
    assert server.only_request.json == {"text": text}


def test_a_field_given_both_ways_is_refused(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    with pytest.raises(trillet.InvalidArgumentError) as caught:
        client.agents.update(AGENT, name="x", extra_fields={"name": "y"})
    assert caught.value.field == "name"
    assert caught.value.operation == "agents.update"
    assert server.requests == []


@pytest.mark.parametrize(
    "options",
    [
        {"timeout_ms": "soon"},
        {"timeout_ms": True},
        {"timeout_ms": -1},
        {"timeout_ms": 1.5},
        {"max_retries": "2"},
        {"headers": ["X: 1"]},
        {"headers": {"X": 1}},
        {"headers": {"X": "1\r\nX-Evil: 2"}},
        {"headers": {"X\r\nX-Evil": "2"}},
        {"headers": {"X Y": "2"}},
        {"headers": {"": "2"}},
        {"idempotency_key": 7},
        {"idempotency_key": "a\r\nb"},
        {"routes": "both"},
        {"routes": 1},
        {"validate": "no"},
        {"timeout": 5},
        {"timeoutMs": 5},
    ],
)
def test_a_wrong_request_option_is_refused(
    client: trillet.Trillet, server: RecordingServer, options: Any
) -> None:
    with pytest.raises((trillet.InvalidArgumentError, trillet.ConfigurationError)) as caught:
        client.agents.list(options=options)
    assert caught.value.field is not None
    assert caught.value.sent == "no"
    assert server.requests == []


@pytest.mark.parametrize("expected", OPERATIONS, ids=lambda expected: expected.name)
def test_every_operation_refuses_ill_formed_text_and_wrong_shapes(
    refused: Any, expected: Any
) -> None:
    for text in ("{", "[]", '{"a":"\\ud800"}', b"\xff", '{"a":1,}'):
        assert refused(expected.name, text).operation == expected.name


@pytest.mark.parametrize("timeout", ["soon", None, 1.5, True])
def test_close_wants_whole_milliseconds(client: trillet.Trillet, timeout: Any) -> None:
    with pytest.raises(TypeError, match="timeout_ms"):
        client.close(timeout)
