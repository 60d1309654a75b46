"""The command ``trillet``, as a shell runs it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from conftest import KEY, ROOT, WORKSPACE
from followed import FollowedBatch, look
from recording_server import close_without_answer, json_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from recording_server import RecordingServer

    Run = Callable[..., subprocess.CompletedProcess[str]]

GOOD = ROOT / "examples" / "contacts.csv"
DAMAGED = ROOT / "examples" / "contacts-with-errors.csv"


def environment(url: str) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "TRILLET_API_KEY": KEY,
        "TRILLET_WORKSPACE_ID": WORKSPACE,
        "TRILLET_BASE_URL": url,
    }


def run(url: str, *arguments: object, **others: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "trillet", *map(str, arguments)]
    given: dict[str, Any] = {"env": environment(url), "text": True, "timeout": 60, **others}
    return subprocess.run(command, capture_output=True, check=False, **given)


@pytest.fixture
def here(server: RecordingServer) -> Run:
    return lambda *arguments, **others: run(server.url, *arguments, **others)


@pytest.fixture
def there(sandbox: dict[str, Any]) -> Run:
    return lambda *arguments, **others: run(sandbox["url"], *arguments, **others)


@pytest.fixture
def agent(sandbox: dict[str, Any]) -> Iterator[str]:
    with trillet.Trillet(KEY, WORKSPACE, base_url=sandbox["url"]) as client:
        created = client.agents.create(
            name="Front Desk",
            tts_model={"provider": "rime", "voiceId": "mistv2_Brook", "language": "en"},
            llm_model="gpt-4o-mini",
        )
        flow = client.flows.create(
            name="Renewal",
            direction="outbound",
            prompt_type="simple",
            agent=created["_id"],
            prompt="Greet {first_name}.",
        )
        yield created["_id"]
        client.flows.delete(flow["_id"])
        client.agents.delete(created["_id"])


def test_a_good_file_passes_the_check_without_key_and_network() -> None:
    done = run("http://127.0.0.1:9", "check", GOOD, env={"PYTHONPATH": os.pathsep.join(sys.path)})
    assert (done.returncode, done.stderr) == (0, "")
    assert "rows can be called" in done.stdout


def test_a_damaged_file_is_status_1_with_its_problems(here: Run, tmp_path: Path) -> None:
    done = here("check", DAMAGED, "--rejected", tmp_path / "bad.csv")
    assert done.returncode == 1
    assert "does not begin with +" in done.stdout
    assert (tmp_path / "bad.csv").exists()
    told = json.loads(here("check", DAMAGED, "--output", "json").stdout)
    assert (told["valid"], told["rows"]["rejected"]) == (False, 8)


def test_a_file_comes_through_a_pipe(here: Run) -> None:
    done = here("check", "-", input=GOOD.read_text())
    assert (done.returncode, done.stdout.splitlines()[0]) == (
        0,
        "<stdin>: 100 of 100 rows can be called",
    )


def test_an_answer_without_the_id_is_shown_whole(here: Run, server: RecordingServer) -> None:
    server.respond = lambda _: json_answer({"status": "queued"})
    done = here("call", "a", "+12025550164")
    assert (done.returncode, done.stdout) == (0, '{"status": "queued"}\n')


def test_an_id_of_a_call_with_a_line_break_is_one_line(here: Run, server: RecordingServer) -> None:
    server.respond = lambda _: json_answer({"callId": "a\nb"})
    done = here("call", "a", "+12025550164")
    assert (done.returncode, done.stdout) == (0, "a\\nb\n")


@pytest.mark.parametrize(
    "answer",
    [
        {"success": True},
        {"batchId": None},
        {"batchId": ""},
        {"batchId": True},
        {"batchId": "b\n"},
        {"batchId": "b\nc"},
        {"batchId": "b\x1b[2J"},
        {"batchId": "b\u2028c"},
        [],
        None,
    ],
)
def test_a_batch_without_an_id_is_no_success(
    here: Run, server: RecordingServer, answer: object
) -> None:
    server.respond = lambda _: json_answer(answer)
    for shape in ("table", "json"):
        done = here("batch", "start", GOOD, "--agent", "a", "--output", shape)
        assert (done.returncode, done.stdout) == (7, ""), done
        assert "batchId" in done.stderr
        assert "Before starting it again" in done.stderr or '"sent": "maybe"' in done.stderr


def test_a_file_that_is_not_there_is_a_wrong_argument(here: Run) -> None:
    done = here("check", "nowhere.csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("trillet: ")


def test_a_batch_starts_from_a_pipe_and_from_files_of_other_programs(
    there: Run, agent: str, tmp_path: Path
) -> None:
    piped = there("batch", "start", "-", "--agent", agent, input=GOOD.read_text())
    assert (piped.returncode, piped.stderr) == (0, "100 calls\n"), piped
    export = tmp_path / "export.txt"
    export.write_bytes("Mobil;first_name\n0171 1234567;Zoë\n".encode("cp1252"))
    options = ("--convert", "--phone-column", "Mobil", "--country", "DE", "--assume-country")
    started = there("batch", "start", export, "--agent", agent, *options)
    told = "1 calls, 1 of them taken for numbers of DE\n"
    assert (started.returncode, started.stderr) == (0, told), started
    long = tmp_path / "long.csv"
    long.write_text("phone_number,first_name\n+1202555016,Ada\n")
    assert there("batch", "start", long, "--agent", agent).returncode == 1
    assert there("batch", "start", long, "--agent", agent, "--no-lengths").returncode == 0


def test_a_workbook_and_a_name_that_is_no_text_are_started_as_csv(
    there: Run, agent: str, tmp_path: Path
) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (["phone_number", "first_name"], ["+12025550164", "Ada"]):
        book.active.append(row)
    path = tmp_path / "contacts.xlsx"
    book.save(path)
    latin = os.fsdecode(os.fsencode(tmp_path) + b"/contacts-\xe9.csv")
    shutil.copy(GOOD, latin)
    with path.open("rb") as file:
        started = [
            there("batch", "start", path, "--agent", agent),
            there("batch", "start", "-", "--agent", agent, stdin=file),
            there("batch", "start", latin, "--agent", agent),
        ]
    assert [each.returncode for each in started] == [0, 0, 0], started
    assert [each.stderr for each in started] == ["1 calls\n", "1 calls\n", "100 calls\n"]


def test_what_the_check_warns_of_is_told_when_a_batch_starts(
    there: Run, agent: str, tmp_path: Path
) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text('phone_number,first_name\n+12025550164,"Ada\n+12025550165,Ben"\n')
    started = there("batch", "start", path, "--agent", agent)
    assert (started.returncode, len(started.stdout.split())) == (0, 1), started
    assert "begins like a contact" in started.stderr


def test_a_batch_goes_from_the_file_to_its_results(there: Run, agent: str, tmp_path: Path) -> None:
    started = there("batch", "start", GOOD, "--agent", agent)
    assert (started.returncode, started.stderr) == (0, "100 calls\n"), started
    batch = started.stdout.strip()
    waited = there("batch", "wait", batch, "--output", "json", "--min-interval", 0.1)
    assert waited.returncode == 0
    assert json.loads(waited.stdout)["state"] == "completed"
    assert f"{batch} completed: " in waited.stderr
    path = tmp_path / "results.csv"
    written = there("batch", "results", batch, "--file", path)
    assert written.returncode == 0
    assert written.stdout == f"{path}: 100 of 100 calls\n"
    assert len(path.read_text().splitlines()) == 101
    lines = there("batch", "results", batch).stdout.splitlines()
    assert len(lines) == 100
    assert all(line.split("\t")[1] in ("completed", "failed") for line in lines)
    again = there("batch", "results", batch, "--output", "json", "--status", "failed")
    assert all(json.loads(line)["status"] == "failed" for line in again.stdout.splitlines())
    assert there("batch", "cancel", batch).returncode == 4


def test_a_damaged_file_starts_nothing(here: Run, server: RecordingServer) -> None:
    done = here("batch", "start", DAMAGED, "--agent", "a")
    assert (done.returncode, done.stdout) == (1, "")
    assert "does not begin with +" in done.stderr
    assert server.requests == []


def test_a_call_prints_its_id(there: Run, agent: str) -> None:
    done = there("call", agent, "+12025550164")
    assert done.returncode == 0
    assert len(done.stdout.split()) == 1
    assert json.loads(there("call", agent, "+12025550164", "--output", "json").stdout)["callId"]


def test_any_operation_is_reached(there: Run) -> None:
    listed = there("request", "agents.list", '{"limit":1}', "--output", "json")
    assert json.loads(listed.stdout)["pagination"]["limit"] == 1
    piped = there("request", "GET /v2/api/call-history", "-", input='{"page":1}')
    assert piped.returncode == 0
    json.loads(piped.stdout)
    behind = there("request", "agents.list", "--output", "json", '{"limit":1}')
    assert behind.stdout == listed.stdout


@pytest.mark.parametrize(
    "fields", [("agentId=a",), ("agentId=a", "name=b"), ("[1]",), ("{}", "{}")], ids=repr
)
def test_fields_that_are_no_object_are_answered_with_an_example(
    here: Run, server: RecordingServer, fields: tuple[str, ...]
) -> None:
    done = here("request", "agents.update", *fields)
    assert done.returncode == 2
    assert """trillet request agents.get '{"agentId":"…"}'""" in done.stderr
    assert server.requests == []


def test_an_option_that_is_not_there_is_named(here: Run) -> None:
    done = here("request", "agents.list", "{}", "--limit", "1")
    assert done.returncode == 2
    assert "unrecognized arguments: --limit 1" in done.stderr


@pytest.mark.parametrize(
    ("status", "code"), [(401, 3), (403, 3), (404, 4), (409, 4), (400, 4), (429, 5), (500, 7)]
)
def test_the_exit_status_tells_the_kind_of_error(
    here: Run, server: RecordingServer, status: int, code: int
) -> None:
    server.respond = lambda _: json_answer({"error": "No"}, status, {"Retry-After": "100"})
    assert here("call", "a", "+12025550164").returncode == code


def test_a_call_that_may_ring_has_a_status_of_its_own(here: Run, server: RecordingServer) -> None:
    server.script(close_without_answer())
    done = here("call", "a", "+12025550164", "--output", "json")
    assert done.returncode == 7
    assert json.loads(done.stderr)["error"]["sent"] == "maybe"


def test_a_question_that_failed_has_done_nothing(here: Run, server: RecordingServer) -> None:
    server.respond = lambda _: json_answer({"error": "No"}, 500)
    assert here("request", "DELETE /x").returncode == 7
    assert here("request", "flows.delete", '{"flowId":"f"}').returncode == 7
    assert here("request", "agents.list").returncode == 6
    assert here("request", "GET /x").returncode == 6


def test_nobody_there_is_status_6(tmp_path: Path) -> None:
    assert run("http://127.0.0.1:9", "call", "a", "+12025550164").returncode == 6


def test_a_missing_key_is_status_3_and_says_what_to_do(server: RecordingServer) -> None:
    without = environment(server.url)
    del without["TRILLET_API_KEY"]
    done = run(server.url, "call", "a", "+12025550164", env=without)
    assert done.returncode == 3
    assert "TRILLET_API_KEY" in done.stderr


def test_a_missing_workspace_is_named_by_its_variable(server: RecordingServer) -> None:
    without = environment(server.url)
    del without["TRILLET_WORKSPACE_ID"]
    server.respond = lambda _: json_answer({"error": "The x-workspace-id header is missing"}, 400)
    done = run(server.url, "call", "a", "+12025550164", env=without)
    assert done.returncode == 4
    assert "TRILLET_WORKSPACE_ID is not set" in done.stderr


def test_there_is_no_argument_for_the_key(here: Run) -> None:
    assert here("--api-key", "k", "call", "a", "+12025550164").returncode == 2
    assert "TRILLET_API_KEY" in here("--help").stdout


def test_results_of_a_batch_that_is_running_are_not_complete(
    here: Run, server: RecordingServer
) -> None:
    FollowedBatch(server, look(1, 3), calls=3)
    done = here("batch", "results", "b")
    assert done.returncode == 1
    assert done.stdout.startswith("0000\tcompleted\t")


def test_a_deadline_is_status_6(here: Run, server: RecordingServer) -> None:
    FollowedBatch(server, look(1, 3))
    assert here("batch", "wait", "b", "--deadline", 0.2).returncode == 6


def test_what_steers_a_terminal_is_not_printed(here: Run, server: RecordingServer) -> None:
    server.respond = lambda _: json_answer({"callId": "a\x1b[2Jb"})
    assert here("call", "a", "+12025550164").stdout == "a\\x1b[2Jb\n"


def test_a_start_that_is_refused_names_no_file_that_is_gone_already(here: Run) -> None:
    refused = here(
        "batch", "start", "-", "--agent", "a", "--convert", input="phone_number;n\n5;A\n"
    )
    assert refused.returncode == 1
    assert "0 of 1 rows can be called" in refused.stderr
    assert "wrote" not in refused.stderr


def test_an_interrupted_wait_is_status_130(server: RecordingServer) -> None:
    FollowedBatch(server, look(1, 3))
    with subprocess.Popen(
        [sys.executable, "-m", "trillet", "batch", "wait", "b", "--min-interval", "30"],
        env=environment(server.url),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("b running: 1 completed")
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == 130
        assert time.monotonic() - started < 3
        said = process.stderr.read().splitlines()
    assert said == [
        "The batch goes on: 1 of 3 calls have ended. Go on with: trillet batch wait b",
        "interrupted",
    ]


def test_a_reader_that_has_gone_ends_the_results(server: RecordingServer) -> None:
    FollowedBatch(server, look(5000, 5000, status="completed"), calls=5000)
    done = subprocess.run(
        f"{sys.executable} -m trillet batch results b | head -1",
        shell=True,
        env=environment(server.url),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("0000\t")
    assert done.stderr == ""
