"""The JSON conformance files, as requests and as answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import trillet
from recording_server import RecordingServer, answer

if TYPE_CHECKING:
    from pathlib import Path


def outcome_as_request(client: trillet.Trillet, content: bytes) -> str:
    try:
        client.call("POST /echo", b'{"x": ' + content + b"}")
    except trillet.InvalidArgumentError:
        return "refused"
    return "accepted"


def outcome_as_answer(client: trillet.Trillet, server: RecordingServer, content: bytes) -> str:
    server.script(answer(200, content, {"Content-Type": "application/json"}))
    try:
        client.call("GET /file")
    except trillet.ResponseError:
        return "refused"
    return "accepted"


def files(suite: Path, kind: str) -> list[Path]:
    found = sorted(suite.glob(f"{kind}_*.json"))
    assert found
    return found


def test_well_formed_files_are_accepted_in_requests(
    client: trillet.Trillet, server: RecordingServer, json_suite: Path
) -> None:
    wrong = [
        path.name
        for path in files(json_suite, "y")
        if outcome_as_request(client, path.read_bytes()) != "accepted"
    ]
    assert wrong == []
    sent = [request.json["x"] for request in server.requests]
    assert sent == [json.loads(path.read_bytes()) for path in files(json_suite, "y")]


def test_ill_formed_files_are_refused_in_requests(
    client: trillet.Trillet, server: RecordingServer, json_suite: Path
) -> None:
    wrong = [
        path.name
        for path in files(json_suite, "n")
        if outcome_as_request(client, path.read_bytes()) != "refused"
    ]
    assert wrong == []
    assert server.requests == []


def test_well_formed_files_are_accepted_as_answers(
    client: trillet.Trillet, server: RecordingServer, json_suite: Path
) -> None:
    for path in files(json_suite, "y"):
        content = path.read_bytes()
        server.script(answer(200, content, {"Content-Type": "application/json"}))
        assert client.call("GET /file").data == json.loads(content), path.name


def test_ill_formed_files_are_refused_as_answers(
    client: trillet.Trillet, server: RecordingServer, json_suite: Path
) -> None:
    wrong = [
        path.name
        for path in files(json_suite, "n")
        # An empty answer is no text at all, and means no data.
        if path.name != "n_structure_no_data.json"
        and outcome_as_answer(client, server, path.read_bytes()) != "refused"
    ]
    assert wrong == []


def test_files_that_may_go_either_way_get_a_definite_outcome(
    client: trillet.Trillet, server: RecordingServer, json_suite: Path
) -> None:
    for path in files(json_suite, "i"):
        content = path.read_bytes()
        outcomes = {outcome_as_request(client, content), outcome_as_answer(client, server, content)}
        assert outcomes <= {"accepted", "refused"}
