"""What an error tells a caller who cannot know whether the service did it."""

from __future__ import annotations

from pathlib import Path

import pytest

from doors import Client, Door
from operations import AGENT
from recording_server import RecordingServer, answer

NUMBERS = "GET /v1/api/twilio/user-phone-numbers"
REGISTER = {
    "phoneNumber": "+12025550190",
    "provider": "twilio",
    "credentials": {"accountSid": "example-account", "authToken": "example-token"},
}


@pytest.mark.parametrize(
    ("operation", "fields", "place"),
    [
        ("numbers.release", {"phoneNumberId": AGENT}, NUMBERS),
        ("numbers.register", REGISTER, NUMBERS),
        ("voices.clone", {"name": "Ada"}, "voices of the web app"),
    ],
    ids=["releasing a number", "registering a number", "cloning a voice"],
)
def test_who_cannot_know_whether_it_was_done_is_told_where_to_look_for_it(
    server: RecordingServer,
    door: Door,
    tmp_path: Path,
    operation: str,
    fields: dict[str, object],
    place: str,
) -> None:
    recording = tmp_path / "ada.mp3"
    recording.write_bytes(b"ID3")
    request = fields | ({"file": str(recording)} if operation == "voices.clone" else {})
    server.otherwise = answer(500, "")
    with Client(server.url) as client:
        error = door.start(client, operation, request).ended().answer["error"]
    assert error["sent"] == "maybe"
    assert place in error["lookFor"]
    assert len(server.requests) == 1
