"""Results: every call of a batch once, with its contact's columns, however the batch moves."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from doors import elapsed
from followed_batch import ENDED, FollowedBatch, call, ended, progress
from list_doors import ListClient
from recording_server import RecordingServer, Reply, answer, close_without_answer, json_answer
from result_rows import HEADER, ask, job_ids, rows
from started_batch import new_agent, start_batch, start_batch_with
from trillet.testing import Sandbox


def test_every_call_is_written_once(
    server: RecordingServer, client: ListClient, file: Path
) -> None:
    server.respond = FollowedBatch(ended(250), calls=[call(number) for number in range(250)])
    written = client.results(ask(file))
    assert job_ids(file) == [f"call_{number}" for number in range(250)]
    data = written["data"]
    assert written["meta"]["operation"] == "batch_calls.results"
    assert (data["file"], data["format"]) == (str(file), file.suffix[1:])
    assert (data["written"], data["inFile"], data["total"]) == (250, 250, 250)
    assert data["isComplete"] is True
    assert data["batch"]["state"] == "completed"
    assert data["batch"]["durationMs"] == 90500
    # One look and three pages of the largest size.
    assert len(server.requests) == 4
    assert all("limit=100" in request.target for request in server.requests[1:])


def test_the_csv_has_the_call_s_columns_and_the_contact_s(
    server: RecordingServer, client: ListClient, tmp_path: Path
) -> None:
    calls = [
        call(1, metadata={"first_name": "Zoë", "note": 'say "hi", then\nwait', "age": 41.50}),
        call(2, "failed", metadata={"first_name": "=1+1", "vip": True, "tags": ["a", "b"]}),
        call(3, "failed", error="No\tanswer", metadata={"first_name": None, "note": "+49"}),
    ]
    server.respond = FollowedBatch(ended(3), calls=calls)
    file = tmp_path / "results.csv"
    assert client.results(ask(file))["data"]["isComplete"]
    assert file.read_text(encoding="utf-8") == (
        f"{HEADER},first_name,note,age,vip,tags\n"
        "call_1,completed,+12025550001,1932109360001,1932109391001,31,,"
        'Zoë,"say ""hi"", then\nwait",41.5,,\n'
        "call_2,failed,+12025550002,1932109360002,1932109391002,,Number busy,"
        '=1+1,,,true,"[""a"", ""b""]"\n'
        "call_3,failed,+12025550003,1932109360003,1932109391003,,No\tanswer,,+49,,,\n"
    )


def test_json_lines_are_the_service_s_own_objects_behind_the_batch(
    server: RecordingServer, client: ListClient, tmp_path: Path
) -> None:
    page = (
        '{"calls":[{\n  "jobId": "call_1",\r\n  "status":\t"completed", "phone_number":'
        ' "+12025550001", "duration": 31.250, "metadata": {"a b": "x \\" y", "n": 1e2}\n}],'
        '"pagination":{"total":1,"totalPages":1,"hasNext":false}}'
    )
    service = FollowedBatch(ended(1))
    service.before_page = lambda *_: answer(200, page, {"Content-Type": "application/json"})
    server.respond = service
    file = tmp_path / "results.jsonl"
    assert client.results(ask(file))["ok"]
    assert file.read_text() == (
        '{"batchId":"batch_1","jobId":"call_1","status":"completed","phone_number":'
        '"+12025550001","duration":31.250,"metadata":{"a b":"x \\" y","n":1e2}}\n'
    )


def test_columns_that_are_called_like_the_call_s_are_told_apart(
    server: RecordingServer, client: ListClient, tmp_path: Path
) -> None:
    metadata = {
        "status": "gold",
        "contact_status": "silver",
        "error": "",
        "phone_number": "+12025550009",
        "contact": "me",
    }
    same = {"phone_number": "+12025550002", "status": "lead"}
    calls = [call(1, metadata=metadata), call(2, metadata=same)]
    server.respond = FollowedBatch(ended(2), calls=calls)
    file = tmp_path / "results.csv"
    client.results(ask(file))
    first, second = rows(file)
    assert first["status"] == "completed"
    assert first["contact_status"] == "gold"
    assert first["contact_contact_status"] == "silver"
    assert first["contact_phone_number"] == "+12025550009"
    assert first["contact"] == "me"
    assert second["contact_status"] == "lead"
    # The service repeats the number that is in the row anyway.
    assert second["contact_phone_number"] == ""


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        ("all", ["call_1", "call_2", "call_3", "call_4"]),
        ("completed", ["call_1"]),
        ("failed", ["call_2"]),
        ("waiting", ["call_3", "call_4"]),
    ],
)
def test_calls_are_chosen_by_their_status(
    server: RecordingServer, client: ListClient, file: Path, status: str, wanted: list[str]
) -> None:
    calls = [call(1), call(2, "failed"), call(3, "waiting"), call(4, "cancelled")]
    look = progress("cancelled", completed=1, failed=1, waiting=1, total=4)
    server.respond = FollowedBatch(look, calls=calls)
    written = client.results(ask(file, status=status))
    assert job_ids(file) == wanted
    assert written["data"]["isComplete"] is True
    # By status, pages would shift under the reader.
    assert all("status=" not in request.target for request in server.requests)


def test_a_file_without_a_call_is_a_file_all_the_same(
    server: RecordingServer, client: ListClient, file: Path
) -> None:
    server.respond = FollowedBatch(ended(1), calls=[call(1)])
    written = client.results(ask(file, status="failed"))
    assert written["data"]["isComplete"] is True
    assert file.read_text() == (f"{HEADER}\n" if file.suffix == ".csv" else "")


def test_without_waiting_only_final_outcomes_are_written(
    server: RecordingServer, client: ListClient, file: Path
) -> None:
    calls = [call(1), call(2, "active"), call(3, "failed"), call(4, "waiting")]
    look = progress(completed=1, active=1, failed=1, waiting=1)
    server.respond = FollowedBatch(look, calls=calls)
    written = client.results(ask(file))
    assert job_ids(file) == ["call_1", "call_3"]
    assert written["data"]["isComplete"] is False
    assert written["data"]["batch"]["state"] == "running"


class MovingBatch(FollowedBatch):
    """Ends some calls more before each request."""

    def __init__(self, count: int, step: int) -> None:
        super().__init__(calls=[call(number, "waiting") for number in range(count)])
        self.step = step
        self.done = 0

    def __call__(self, request: Any) -> Reply:
        if request.path.endswith("/status"):
            self._move()
            waiting = len(self.calls) - self.done
            status = "processing" if waiting else "completed"
            return json_answer(progress(status, completed=self.done, waiting=waiting))
        reply = super().__call__(request)
        self._move()
        return reply

    def _move(self) -> None:
        # Not in the order of the list, as calls do not end in the order that they began.
        order = sorted(range(len(self.calls)), key=lambda number: (number // 50, number * 37 % 50))
        for number in order[self.done : self.done + self.step]:
            self.calls[number] = call(number, "failed" if number % 7 == 0 else "completed")
        self.done = min(len(self.calls), self.done + self.step)


def test_a_batch_that_moves_is_written_completely_and_without_repeats(
    server: RecordingServer, client: ListClient, file: Path
) -> None:
    server.respond = MovingBatch(1050, 23)
    reports: list[dict[str, Any]] = []
    written = client.results(ask(file, wait=True), reports.append)
    ids = job_ids(file)
    assert sorted(ids, key=lambda name: int(name[5:])) == [f"call_{n}" for n in range(1050)]
    assert written["data"]["isComplete"] is True
    assert {row["status"] for row in rows(file)} == {"completed", "failed"}
    counts = [report["written"] for report in reports]
    assert counts == sorted(counts)
    assert counts[-1] == reports[-1]["inFile"] == 1050
    assert len(set(counts)) > 10, "rows are written while the batch goes on"


def test_pages_whose_calls_are_all_written_are_not_read_again(
    server: RecordingServer, client: ListClient, file: Path
) -> None:
    server.respond = MovingBatch(1050, 23)
    client.results(ask(file, wait=True))
    pages = sum(request.path.endswith("/calls") for request in server.requests)
    looks = len(server.requests) - pages
    assert pages <= 2 * looks + 11


def test_a_call_that_is_listed_twice_is_written_once(
    server: RecordingServer, client: ListClient, file: Path
) -> None:
    calls = [call(number) for number in range(150)]
    service = FollowedBatch(ended(150), calls=calls)
    # The list shifts by ten while it is read the first time: calls come twice, others not at all.
    shifted = {**service.page(2), "calls": calls[90:140]}
    service.before_page = lambda page, asked: json_answer(shifted) if asked == 2 else None
    server.respond = service
    written = client.results(ask(file))
    assert sorted(job_ids(file)) == sorted(call["jobId"] for call in calls)
    assert written["data"]["isComplete"] is True


def test_a_list_that_holds_fewer_calls_than_the_batch_is_not_called_complete(
    server: RecordingServer, client: ListClient, file: Path
) -> None:
    server.respond = FollowedBatch(ended(5), calls=[call(1), call(2)])
    written = client.results(ask(file))
    assert written["ok"]
    assert written["data"]["isComplete"] is False
    assert (written["data"]["inFile"], written["data"]["total"]) == (2, 5)


def test_a_bare_array_of_calls_is_the_whole_list(
    server: RecordingServer, client: ListClient, file: Path
) -> None:
    service = FollowedBatch(ended(150))
    service.before_page = lambda *_: json_answer([call(number) for number in range(150)])
    server.respond = service
    assert client.results(ask(file))["data"]["isComplete"] is True
    assert len(server.requests) == 2


def test_faults_of_pages_are_ridden_out(
    server: RecordingServer, client: ListClient, file: Path
) -> None:
    faults = iter(
        [
            close_without_answer(),
            answer(503, "busy"),
            answer(200, "<html>", {"Content-Type": "text/html"}),
            answer(200, ""),
            json_answer({"calls": [{"jobId": 7}]}),
            json_answer({"error": {"message": "later"}}, 429, {"Retry-After": "0"}),
        ]
    )
    service = FollowedBatch(ended(250), calls=[call(number) for number in range(250)])
    service.before_page = lambda page, asked: next(faults, None) if asked % 2 == 0 else None
    server.respond = service
    states: list[str] = []
    written = client.results(ask(file), lambda report: states.append(report["state"]))
    assert written["data"]["isComplete"] is True
    assert written["data"]["batch"]["faults"] == states.count("unreachable") > 0
    assert len(job_ids(file)) == len(set(job_ids(file))) == 250


def test_the_deadline_keeps_what_is_written(
    server: RecordingServer, client: ListClient, file: Path
) -> None:
    look = progress(completed=1, waiting=1)
    server.respond = FollowedBatch(look, calls=[call(1), call(2, "waiting")])
    with elapsed() as taken:
        written = client.results(ask(file, wait=True, deadlineMs=2000))
    assert taken[0] < 20
    assert written["error"]["type"] == "timeout"
    assert written["error"]["body"]["written"] == 1
    assert job_ids(file) == ["call_1"]


def test_the_progress_function_ends_it_between_two_pages(
    server: RecordingServer, client: ListClient, file: Path
) -> None:
    server.respond = FollowedBatch(ended(300), calls=[call(number) for number in range(300)])
    written = client.results(ask(file), lambda report: report["written"] >= 200)
    assert written["ok"]
    assert written["data"]["batch"]["endedBy"] == "progress"
    assert written["data"]["written"] == len(job_ids(file)) == 200
    assert written["data"]["isComplete"] is False


def test_stuck_ends_it_when_asked_to(
    server: RecordingServer, client: ListClient, file: Path
) -> None:
    look = progress(completed=1, waiting=1)
    server.respond = FollowedBatch(look, calls=[call(1), call(2, "waiting")])
    written = client.results(ask(file, wait=True, stuckMs=50, stopWhenStuck=True))
    assert written["data"]["batch"]["endedBy"] == "stuck"
    assert written["data"]["isComplete"] is False


def test_closing_the_client_ends_it(server: RecordingServer, file: Path) -> None:
    look = progress(completed=1, waiting=1)
    server.respond = FollowedBatch(look, calls=[call(1), call(2, "waiting")])
    with ListClient(server.url) as client:
        closing = threading.Timer(0.2, client.close, (0,))
        closing.start()
        written = client.results(ask(file, wait=True))
        closing.join()
    assert written["error"]["type"] == "cancelled"
    assert job_ids(file) == ["call_1"]


def test_an_unknown_batch_leaves_no_file(
    server: RecordingServer, client: ListClient, file: Path
) -> None:
    server.respond = FollowedBatch(json_answer({"error": "Batch not found"}, 404))
    assert client.results(ask(file))["error"]["type"] == "not_found"
    assert not file.exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"file": None}, "file"),
        ({"file": "results.txt"}, "format"),
        ({"format": "xml"}, "format"),
        ({"status": "active"}, "status"),
        ({"wait": 1}, "wait"),
        ({"resume": "no"}, "resume"),
        ({"batchId": None}, "batchId"),
        ({"file": "/nowhere/at/all/results.csv"}, "file"),
        ({"file": "/proc/self/results.csv"}, "file"),
        ({"file": "/tmp", "format": "csv"}, "file"),
    ],
)
def test_a_mistake_in_the_request_is_told_and_nothing_is_sent(
    server: RecordingServer,
    client: ListClient,
    tmp_path: Path,
    fields: dict[str, Any],
    field: str,
) -> None:
    written = client.results({**ask(tmp_path / "results.csv"), **fields})
    assert written["error"]["type"] == "invalid_argument"
    assert written["error"]["field"] == field
    assert not server.requests
    assert not list(tmp_path.iterdir())


def test_the_format_may_be_given_for_any_name(
    server: RecordingServer, client: ListClient, tmp_path: Path
) -> None:
    server.respond = FollowedBatch(ENDED, calls=[call(1), call(2), call(3)])
    file = tmp_path / "results"
    assert client.results(ask(file, format="jsonl"))["ok"]
    assert file.read_text().count("\n") == 3


def test_in_a_forked_child_the_answer_says_so(
    server: RecordingServer, client: ListClient, file: Path
) -> None:
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if client.results(ask(file))["error"]["type"] == "forked" else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert not file.exists()


@pytest.mark.parametrize("routes", ["overview", "published"])
def test_a_cancelled_batch_of_the_sandbox_has_its_undialled_calls_too(
    sandbox: Sandbox, file: Path, routes: str
) -> None:
    with ListClient(sandbox.url, routes=routes) as client:
        batch = start_batch(client, new_agent(client), 900)
        sandbox.clock.advance(10)
        assert client.call("batch_calls.cancel", {"batchId": batch})["ok"]

        def go_on(report: dict[str, Any]) -> None:
            if report["state"] == "running":
                sandbox.clock.advance(100)

        written = client.results(ask(file, batchId=batch, wait=True), go_on)
        assert written["data"]["isComplete"] is True
        assert written["data"]["batch"]["state"] == "cancelled"
        assert len(job_ids(file)) == len(set(job_ids(file))) == 900
        statuses = {row["status"] for row in rows(file)}
        assert statuses == {"completed", "failed", "cancelled"}


def test_contacts_of_the_sandbox_come_back_as_they_were_sent(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    names = ["Ada, Countess", 'the "Enchantress"', "two\nlines", "ユニコード", " spaced ", "=cmd()"]
    lines = [
        f'+1202555{number:04},"{name.replace(chr(34), chr(34) * 2)}",{number}\n'
        for number, name in enumerate(names)
    ]
    with ListClient(sandbox.url) as client:
        text = "phone_number,name,status\n" + "".join(lines)
        batch = start_batch_with(client, new_agent(client), text)
        sandbox.clock.advance(7200)
        file = tmp_path / "results.csv"
        assert client.results(ask(file, batchId=batch))["data"]["isComplete"] is True
    assert [row["name"] for row in rows(file)] == names
    assert [row["contact_status"] for row in rows(file)] == [str(n) for n in range(len(names))]
