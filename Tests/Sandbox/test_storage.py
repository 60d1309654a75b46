"""The database refuses to be written: answers say so, and nothing that was promised is lost."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import StartSandbox
from sandbox import Answer, Sandbox, agent_fields, contacts, new_agent, ready_agent
from sandbox_program import binary

AGENTS = "/api/v1/agents"
BATCHES = "/v1/api/batch-calls"
CALLS = "/api/v1/calls/call"
LARGE = agent_fields(variables={"text": "x" * 200_000})


def unavailable(answer: Answer, reason: str) -> None:
    """The answer is 503 and promises, by Retry-After, that nothing has happened."""
    assert answer.status == 503, answer.body
    assert answer.headers["retry-after"] == "1"
    assert "Nothing was stored: " in answer.body.decode()
    assert reason in answer.body.decode()


def names(server: Sandbox) -> set[str]:
    return {agent["_id"] for agent in server.get("/v1/api/agents").json}


def test_a_locked_database_is_503_in_the_shape_of_the_route(
    start_sandbox: StartSandbox, tmp_path: Path
) -> None:
    path = tmp_path / "sandbox.sqlite"
    server = start_sandbox("--database", str(path), "--requests-per-minute", "0")
    agent = ready_agent(server)
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        answers: list[Answer] = []
        order = {"agentId": agent, "toNumber": "+12025550164"}
        requests = [
            threading.Thread(target=lambda: answers.append(server.post(AGENTS, agent_fields()))),
            threading.Thread(target=lambda: answers.append(server.post(CALLS, order))),
            threading.Thread(
                target=lambda: answers.append(
                    server.upload(BATCHES, contacts(3), agentId=agent),
                )
            ),
        ]
        for request in requests:
            request.start()
        assert server.get(f"{AGENTS}/{agent}").status == 200, "reading goes on"
        for request in requests:
            request.join()
        for answer in answers:
            unavailable(answer, "another program has locked")
        shapes = sorted(sorted(answer.json) for answer in answers)
        assert shapes == [
            ["code", "details", "error"],
            ["code", "details", "error"],
            ["error", "message"],
        ]
        other.execute("ROLLBACK")
    assert names(server) == {agent}
    assert server.get("/v2/api/call-history").json == []
    assert server.post(CALLS, order).status == 200


def test_a_lock_that_is_soon_given_back_only_delays(
    start_sandbox: StartSandbox, tmp_path: Path
) -> None:
    path = tmp_path / "sandbox.sqlite"
    server = start_sandbox("--database", str(path))
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.3, lambda: other.execute("ROLLBACK"))
    release.start()
    assert server.post(AGENTS, agent_fields()).status == 200
    release.join()
    other.close()


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a file system of its own")
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(tmp_path)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting is not allowed here")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def fill(server: Sandbox) -> tuple[set[str], Answer]:
    """Adds agents until one is refused; returns those that were accepted."""
    accepted: set[str] = set()
    for _ in range(100):
        answer = server.post(AGENTS, LARGE)
        if answer.status != 200:
            return accepted, answer
        accepted.add(answer.json["_id"])
    raise AssertionError("the disk does not get full")


def test_a_full_disk_is_503_and_what_was_accepted_stays(
    start_sandbox: StartSandbox, tiny_disk: Path
) -> None:
    arguments = ("--database", str(tiny_disk / "sandbox.sqlite"), "--requests-per-minute", "0")
    server = start_sandbox(*arguments)
    accepted, answer = fill(server)
    unavailable(answer, "is full")
    assert names(server) == accepted
    # A refused neighbour takes nothing with it: small writes still fit into the journal or are
    # refused themselves, and the server answers as before.
    assert server.get("/healthz").status == 200
    again = server.post(AGENTS, LARGE)
    unavailable(again, "is full")
    server.kill()
    subprocess.run(["mount", "-o", "remount,size=16m", str(tiny_disk)], check=True)
    second = start_sandbox(*arguments)
    assert names(second) == accepted
    assert second.post(AGENTS, LARGE).status == 200
    assert second.stop() == 0


def test_a_file_that_may_not_grow_is_503_and_what_was_accepted_stays(
    tmp_path: Path, start_sandbox: StartSandbox
) -> None:
    arguments = ("--database", str(tmp_path / "sandbox.sqlite"), "--requests-per-minute", "0")
    earlier = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * 1_048_576, earlier[1]))
    try:
        server = start_sandbox(*arguments)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, earlier)
    accepted, answer = fill(server)
    unavailable(answer, "does not work")
    assert names(server) == accepted
    server.kill()
    second = start_sandbox(*arguments)
    assert names(second) == accepted


def test_a_large_write_that_fails_leaves_the_others_of_its_group(
    start_sandbox: StartSandbox, tiny_disk: Path
) -> None:
    server = start_sandbox(
        *("--database", str(tiny_disk / "sandbox.sqlite"), "--requests-per-minute", "0")
    )
    agent = ready_agent(server)
    answers: dict[str, Answer] = {}

    def send(name: str, body: dict[str, Any]) -> None:
        answers[name] = server.post(AGENTS, body)

    too_large = agent_fields(variables={"text": "x" * 1_000_000})
    for _ in range(2):
        server.post(AGENTS, too_large)
    bodies = {f"small {index}": agent_fields() for index in range(8)} | {"large": too_large}
    threads = [threading.Thread(target=send, args=item) for item in bodies.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers["large"].status == 503
    accepted = {answer.json["_id"] for answer in answers.values() if answer.status == 200}
    assert {answer.status for answer in answers.values()} <= {200, 503}
    assert accepted | {agent} <= names(server)


def test_a_second_server_on_the_same_file_is_refused(
    start_sandbox: StartSandbox, tmp_path: Path
) -> None:
    path = str(tmp_path / "sandbox.sqlite")
    start_sandbox("--database", path)
    second = subprocess.run(
        [str(binary()), "--port", "0", "--database", path],
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    assert second.returncode != 0
    assert "another trillet-sandbox uses it" in second.stderr


def test_a_file_that_cannot_be_written_is_refused_at_the_start(tmp_path: Path) -> None:
    result = subprocess.run(
        [str(binary()), "--port", "0", "--database", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    assert result.returncode != 0
    assert f"{tmp_path} cannot be opened for writing: Is a directory" in result.stderr


def test_a_stopped_server_leaves_one_whole_file(
    start_sandbox: StartSandbox, tmp_path: Path
) -> None:
    path = tmp_path / "sandbox.sqlite"
    server = start_sandbox("--database", str(path))
    agent = new_agent(server)["_id"]
    assert server.stop() == 0
    assert [file.name for file in tmp_path.iterdir()] == ["sandbox.sqlite"]
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT id FROM agent").fetchall() == [(agent,)]
