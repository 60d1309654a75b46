"""The command ``trillet doctor``: what it says of a machine and a service, and never says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from conftest import KEY, WORKSPACE
from recording_server import json_answer

if TYPE_CHECKING:
    from recording_server import RecordingServer

NAMES = ["Python", "library", "libcurl", "certificates", "C library", "open files"]
NAMES += ["profile", "profiles", "keyring", "base URL", "workspace"]


def examined(
    url: str | None, *arguments: str, shell: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "TRILLET_API_KEY": KEY,
        "TRILLET_WORKSPACE_ID": WORKSPACE,
        **variables,
    }
    if url is not None:
        environment["TRILLET_BASE_URL"] = url
    command = [sys.executable, "-m", "trillet", "doctor", *arguments]
    if shell:
        command = ["sh", "-c", f'{shell}; exec "$@"', "sh", *command]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def checks(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    told = json.loads(done.stdout)
    assert told["ok"] is (done.returncode == 0)
    return {check["name"]: check for check in told["checks"]}


def test_a_missing_workspace_is_told_apart_from_a_service_that_fails(
    sandbox: dict[str, Any],
) -> None:
    done = examined(sandbox["url"], TRILLET_API_KEY=sandbox["apiKey"], TRILLET_WORKSPACE_ID="")
    assert done.returncode == 1
    assert "Set TRILLET_WORKSPACE_ID" in done.stdout
    assert "Ask again later" not in done.stdout


def test_a_machine_that_can_use_the_service_has_no_problem(sandbox: dict[str, Any]) -> None:
    done = examined(sandbox["url"], TRILLET_API_KEY=sandbox["apiKey"])
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1] == "No problem found."
    assert [line.split("  ")[0] for line in lines[:-3]] == ["ok"] * (len(NAMES) + 3)
    assert lines[-3].startswith("skipped  webhooks ")
    assert trillet.__version__ in lines[1]
    assert sandbox["url"] in done.stdout
    assert "accepted" in done.stdout


def test_programs_read_the_same_as_json(sandbox: dict[str, Any]) -> None:
    found = checks(examined(sandbox["url"], "--json"))
    assert list(found) == [*NAMES, "service", "key", "clock", "webhooks"]
    assert all(set(check) == {"name", "state", "found", "advice"} for check in found.values())
    assert trillet.library_info()["path"] in found["library"]["found"]


def test_a_key_that_is_not_accepted_is_a_problem_and_stays_secret(sandbox: dict[str, Any]) -> None:
    secret = "a-key-of-somebody-else"
    done = examined(sandbox["url"], "--json", TRILLET_API_KEY=secret)
    assert done.returncode == 1
    found = checks(done)
    assert found["service"]["state"] == "ok"
    assert found["key"]["state"] == "problem"
    assert "TRILLET_API_KEY" in found["key"]["advice"]
    assert secret not in done.stdout + done.stderr


def test_a_missing_key_is_a_problem_that_says_where_it_belongs(sandbox: dict[str, Any]) -> None:
    found = checks(examined(sandbox["url"], "--json", TRILLET_API_KEY=""))
    assert found["key"]["state"] == "problem"
    assert "Set TRILLET_API_KEY" in found["key"]["advice"]


def test_a_service_that_nobody_reaches_is_a_problem() -> None:
    done = examined("http://127.0.0.1:1", "--json")
    assert done.returncode == 1
    found = checks(done)
    assert found["service"]["state"] == "problem"
    assert found["key"]["state"] == "skipped"
    assert found["clock"]["state"] == "skipped"


def test_a_password_in_the_address_is_not_shown() -> None:
    done = examined("http://somebody:hunter2@127.0.0.1:1")
    assert "hunter2" not in done.stdout + done.stderr
    assert "http://127.0.0.1:1" in done.stdout


def test_a_clock_that_is_wrong_is_a_problem(server: RecordingServer) -> None:
    headers = {"Date": formatdate(time.time() - 3600, usegmt=True)}
    server.script(json_answer({"agents": []}), json_answer({}, headers=headers))
    found = checks(examined(server.url, "--json"))
    assert found["clock"]["state"] == "problem"
    assert "ahead of the service's" in found["clock"]["found"]
    asked = server.requests
    assert [request.method for request in asked] == ["GET", "HEAD"]
    assert KEY not in str(asked[1].head)


def test_too_few_open_files_are_a_problem(sandbox: dict[str, Any]) -> None:
    found = checks(examined(sandbox["url"], "--json", shell="ulimit -S -n 200"))
    assert found["open files"]["state"] == "problem"
    assert "ulimit -n" in found["open files"]["advice"]


def test_a_library_that_is_missing_is_one_problem_among_the_lines() -> None:
    done = examined("http://127.0.0.1:1", TRILLET_LIBRARY="/nowhere/libtrillet.so.1")
    assert done.returncode == 1
    assert "/nowhere/libtrillet.so.1 does not exist" in done.stdout
    assert "Traceback" not in done.stderr
    assert "problem" in done.stdout.splitlines()[1]


@pytest.mark.parametrize("word", ["doctor", "sandbox"])
def test_the_help_lists_the_command(word: str) -> None:
    command = [sys.executable, "-m", "trillet", "--help"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert word in done.stdout


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("http://127.0.0.1:1", "http://user:secret-word@proxy:port"),
        ("http://127.0.0.1:1", "garbage:://x"),
        ("http://[x", ""),
        ("http://user:secret-word@[", ""),
        ("", "http://["),
    ],
)
def test_an_address_that_is_none_is_a_problem_and_no_traceback(url: str, proxy: str) -> None:
    done = examined(url, "--json", http_proxy=proxy, https_proxy=proxy)
    found = checks(done)
    assert "problem" in {check["state"] for check in found.values()}
    assert found["clock"]["state"] == "skipped"
    assert done.stderr == ""
    assert "secret-word" not in done.stdout


def test_a_key_of_several_lines_is_a_problem() -> None:
    found = checks(examined("http://127.0.0.1:1", "--json", TRILLET_API_KEY="one\ntwo"))
    assert found["key"]["state"] == "problem"
