"""``--dry-run``: what it prints is what the command sends, and nothing of it is sent."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from commanding import examples_that_send, point_to, told, with_files, words_of
from conftest import KEY
from recording_server import Part, json_answer

if TYPE_CHECKING:
    from pathlib import Path

    from recording_server import RecordingServer, Request

CURL = shutil.which("curl")
# Of the connection, and of who sends.
OTHERS = ("host", "user-agent", "content-length", "accept-encoding", "connection", "expect")
# They look several times.
SEVERAL = ("batch wait", "batch results", "calls wait", "calls find")
VERBS = [
    each
    for each in examples_that_send()
    if not each.startswith(tuple(f"trillet {words}" for words in SEVERAL))
]
DAY = "2031-03-04"

pytestmark = pytest.mark.skipif(CURL is None, reason="curl is not installed")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: RecordingServer) -> Path:
    """Where the examples' files are; the service is the recording server."""
    with_files(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    point_to(monkeypatch, server.url)
    return tmp_path


def run_curl(command: str, given: str = "") -> None:
    """Runs what was printed, as somebody would who pasted it."""
    done = subprocess.run(
        ["bash", "-c", command],
        check=False,
        capture_output=True,
        text=True,
        input=given,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr


def asked(request: Request) -> tuple[Any, ...]:
    """What a request asks for, without its connection."""
    kind = request.headers.get("content-type", "")
    is_multipart = kind.startswith("multipart/")
    headers = {name: value for name, value in request.headers.items() if name not in OTHERS}
    if is_multipart:
        headers["content-type"] = "multipart"
    body: Any = sorted(map(part, request.parts)) if is_multipart else request.body
    return request.method, request.target, headers, body


def part(one: Part) -> tuple[Any, ...]:
    return one.name, one.file_name or "", one.headers.get("content-type", ""), one.content


def words_at_a_day(example: str) -> list[str]:
    """The words of an example, at a time that stands still."""
    words = words_of(example)
    return [DAY if before == "--since" else word for before, word in zip(["", *words], words)]


@pytest.mark.parametrize("example", VERBS)
def test_the_printed_command_asks_for_what_the_library_asks(
    example: str, folder: Path, server: RecordingServer
) -> None:
    server.respond = lambda _: json_answer({"_id": "1", "batchId": "b", "callId": "c"})
    words = [each for each in words_at_a_day(example) if each != "--wait"]
    dry = told(*words, "--dry-run")
    assert (dry.status, dry.errors, server.requests) == (0, "", [])
    run_curl(dry.output.replace("(secret: put it here)", "x"))
    (by_curl,) = server.requests
    options = told(*words[:2], "-h").output
    # The examples' files are there: a template would not take the place of the contacts.
    told(*words, *(each for each in ("--yes", "--overwrite") if each in options))
    by_library = server.requests[1]
    expected = asked(by_library)
    if "number.json" in words:
        # The one thing that a dry run does not show.
        expected = (*expected[:3], expected[3].replace(b'{"sid":"mark-9911"}', b'"x"'))
    assert asked(by_curl) == expected


ODD = "a'b\"c $HOME `id` \\ ; & | é 漢\nd"


@pytest.mark.parametrize(
    "words",
    [
        ["agents", "get", "a/b c?#%..[]{}"],
        ["agents", "get", "é漢"],
        ["calls", "list", "--search", ODD],
        ["agents", "update", "a", "--name", ODD, "--settings.new", ODD],
        ["calls", "send", "--agent", "a", "--to-number", "+12025550164", "--metadata", '{"a":[1]}'],
        ["voices", "clone", "reading.wav", "--name", "@reading.wav;type=x", "--yes"],
        ["voices", "clone", 'o"d\\d;,.wav', "--yes"],
        ["flows", "delete-knowledge", "f", "kb/a b.pdf", "--yes"],
        ["request", "GET /v2/new/route", '{"a":"b c"}'],
        ["request", "POST /v2/new/route", '{"a":"\\u0000"}'],
    ],
    ids=lambda words: " ".join(words)[:30].encode("ascii", "replace").decode(),
)
def test_what_a_shell_could_misread_arrives_whole(
    words: list[str], folder: Path, server: RecordingServer
) -> None:
    server.respond = lambda _: json_answer({"_id": "1"})
    (folder / 'o"d\\d;,.wav').write_text("RIFF")
    dry = told(*words, "--dry-run")
    assert (dry.status, dry.errors) == (0, ""), dry
    run_curl(dry.output)
    told(*words)
    assert asked(server.requests[0]) == asked(server.requests[1])


def test_a_file_from_standard_input_is_one_for_curl_too(
    folder: Path, server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    contacts = (folder / "contacts.csv").read_text()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(contacts.encode())))
    dry = told("batch", "validate", "-", "--dry-run")
    assert dry.status == 0, dry
    run_curl(dry.output, given=contacts)
    (sent,) = server.requests
    assert sent.part("file").content.decode() == contacts


def test_a_path_in_the_base_url_comes_first(
    folder: Path, server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_to(monkeypatch, f"{server.url}/proxied/")
    run_curl(told("agents", "list", "--dry-run").output)
    assert server.requests[0].path == "/proxied/api/v1/agents"


def test_a_merge_shows_both_requests(folder: Path, server: RecordingServer) -> None:
    dry = told("agents", "update", "a/1", "--name", "Night Desk", "--merge", "--dry-run")
    assert dry.status == 0
    assert re.findall(r"^(curl (?:-X \w+ )?)", dry.output, re.M) == ["curl ", "curl -X PATCH "]
    assert "# The document that came" in dry.output
    run_curl(dry.output)
    assert [each.method for each in server.requests] == ["GET", "PATCH"]
    assert server.requests[1].json == {"name": "Night Desk"}


def test_no_key_is_shown_and_none_is_needed(
    folder: Path, server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    dry = told("agents", "list", "--dry-run")
    assert KEY not in dry.output + dry.errors
    assert '"x-api-key: $TRILLET_API_KEY"' in dry.output
    monkeypatch.delenv("TRILLET_API_KEY")
    assert told("agents", "list", "--dry-run").output == dry.output


def test_no_secret_of_a_body_is_shown(folder: Path) -> None:
    dry = told("numbers", "register", "--data", "number.json", "--dry-run")
    assert dry.status == 0
    assert "mark-9911" not in dry.output + dry.errors


def test_what_the_library_refuses_is_refused_without_a_command_for_curl(folder: Path) -> None:
    done = told("calls", "send", "--agent", "a", "--to-number", "123", "--dry-run")
    assert (done.status, done.output) == (2, "")
    assert "'--to-number' must be a phone number" in done.errors


def test_an_address_that_is_refused_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_to(monkeypatch, "http://example.com")
    done = told("agents", "list", "--dry-run")
    assert (done.status, done.output) == (2, "")
    assert "http" in done.errors


@pytest.mark.parametrize(
    "words",
    [
        ["batch", "wait", "b"],
        ["batch", "results", "b"],
        ["batch", "start", "contacts.csv", "--agent", "a"],
        ["batch", "cancel", "b"],
        ["calls", "wait", "c"],
        ["calls", "find", "a", "+12025550164", "--since", DAY],
        ["call", "a", "+12025550164", "--wait"],
    ],
    ids=" ".join,
)
def test_commands_written_by_hand_show_their_first_request(
    words: list[str], folder: Path, server: RecordingServer
) -> None:
    dry = told(*words, "--dry-run")
    assert (dry.status, dry.errors, server.requests) == (0, "", [])
    assert dry.output.count("curl ") == 1
    run_curl(dry.output)
    assert len(server.requests) == 1


def test_a_converted_file_is_named_as_what_the_check_writes(
    folder: Path, server: RecordingServer
) -> None:
    (folder / "semicolons.csv").write_text("phone_number;first_name\n+12025550164;Ada\n")
    words = ["batch", "start", "semicolons.csv", "--agent", "a", "--convert"]
    dry = told(*words, "--dry-run")
    assert dry.status == 0
    assert "--accepted ready.csv" in dry.errors
    told("check", "semicolons.csv", "--convert", "--accepted", "ready.csv")
    run_curl(dry.output)
    server.respond = lambda _: json_answer({"batchId": "b"})
    told(*words)
    assert asked(server.requests[0]) == asked(server.requests[1])
