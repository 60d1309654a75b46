"""The subcommands that look after the keys and workspaces of a database file."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from conftest import StartSandbox
from sandbox import KEY, OTHER_WORKSPACE, WORKSPACE, Sandbox, agent_fields, new_agent, until
from sandbox_program import binary

AGENTS = "/api/v1/agents"


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "sandbox.sqlite")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(binary()), *arguments], capture_output=True, text=True, timeout=20, check=False
    )


def output(*arguments: str) -> str:
    result = run(*arguments)
    assert result.returncode == 0, result.stderr
    return result.stdout


def status(sandbox: Sandbox, key: str, workspace: str = WORKSPACE) -> int:
    headers: dict[str, str | None] = {"x-api-key": key, "x-workspace-id": workspace}
    return sandbox.request("GET", AGENTS, headers=headers).status


def becomes(expected: int, sandbox: Sandbox, key: str, workspace: str = WORKSPACE) -> None:
    """Waits until a key that the server has already seen is answered like that."""
    until(lambda: status(sandbox, key, workspace), lambda status: status == expected)


def test_keys_are_added_listed_and_removed(file: str) -> None:
    output("keys", "add", "--database", file, "one")
    output("keys", "add", "--database", file, "--workspace", "north", "one")
    added = json.loads(output("keys", "add", "--database", file, "--workspace", "north"))
    made_up = added["apiKey"]
    assert added == {"apiKey": made_up, "workspaceId": "north"}
    assert len(made_up) >= 32
    lines = output("keys", "list", "--database", file).splitlines()
    assert sorted(lines) == sorted(["one\tnorth", f"{made_up}\tnorth", f"one\t{WORKSPACE}"])
    output("keys", "remove", "--database", file, "--workspace", "north", "one")
    output("keys", "remove", "--database", file, made_up)
    assert output("keys", "list", "--database", file) == f"one\t{WORKSPACE}\n"


def test_adding_a_key_twice_changes_nothing(file: str) -> None:
    for _ in range(2):
        output("keys", "add", "--database", file, "one")
    assert output("keys", "list", "--database", file).count("\n") == 1


def test_a_running_server_knows_new_keys_and_forgets_removed_ones(
    start_sandbox: StartSandbox, file: str
) -> None:
    server = start_sandbox("--database", file, "--requests-per-minute", "0")
    assert status(server, "late") == 401
    output("keys", "add", "--database", file, "late")
    assert status(server, "late") == 200
    assert status(server, "late", "north") == 403
    output("keys", "add", "--database", file, "--workspace", "north", "late")
    becomes(200, server, "late", "north")
    output("keys", "remove", "--database", file, "--workspace", "north", "late")
    becomes(403, server, "late", "north")
    output("keys", "remove", "--database", file, "late")
    becomes(401, server, "late")
    assert status(server, KEY) == 200


def test_a_new_workspace_can_call_at_once(start_sandbox: StartSandbox, file: str) -> None:
    server = start_sandbox("--database", file, "--requests-per-minute", "0")
    output("keys", "add", "--database", file, "--workspace", "north", "late")
    headers: dict[str, str | None] = {"x-api-key": "late", "x-workspace-id": "north"}
    numbers = server.request("GET", "/v1/api/twilio/user-phone-numbers", headers=headers).json
    assert [number["agentId"] for number in numbers] == [None]
    agent = server.send_json("POST", AGENTS, agent_fields(), headers)
    assert agent.status == 200


def test_workspaces_are_listed_with_their_contents(start_sandbox: StartSandbox, file: str) -> None:
    server = start_sandbox("--database", file, "--account", f"other-key:{OTHER_WORKSPACE}")
    new_agent(server)
    lines = output("workspaces", "list", "--database", file).splitlines()
    empty = {"keys": 1, "agents": 0, "flows": 0, "phoneNumbers": 1, "calls": 0, "batches": 0}
    assert [json.loads(line) for line in lines] == [
        {"workspaceId": OTHER_WORKSPACE, **empty},
        {"workspaceId": WORKSPACE, **empty, "agents": 1},
    ]


def test_removed_keys_leave_their_workspace_as_it_is(
    start_sandbox: StartSandbox, file: str
) -> None:
    server = start_sandbox("--database", file)
    new_agent(server)
    output("keys", "add", "--database", file, "second")
    output("keys", "remove", "--database", file, KEY)
    becomes(401, server, KEY)
    headers: dict[str, str | None] = {"x-api-key": "second"}
    assert len(server.request("GET", AGENTS, headers=headers).json["agents"]) == 1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("keys", "list"), "--database"),
        (("keys", "list", "--database", "/nowhere/at-all"), "There is no file /nowhere/at-all"),
        (("workspaces", "list", "--database", __file__), "cannot be opened"),
        (("keys", "add", "--database", "/nowhere/at-all", "k"), "cannot be opened"),
        (("keys", "add", "--database", "FILE", ""), "must not be empty"),
        (("keys", "remove", "--database", "FILE", "unknown"), "has no such key"),
        (("keys", "rename"), "Unexpected argument"),
        (("serve", "--port", "70000"), "--port must be between"),
    ],
)
def test_mistakes_are_told(file: str, arguments: tuple[str, ...], reason: str) -> None:
    output("keys", "add", "--database", file, "one")
    result = run(*(file if argument == "FILE" else argument for argument in arguments))
    assert result.returncode != 0
    assert result.stdout == ""
    assert reason in result.stderr


@pytest.mark.parametrize("name", [(), ("serve",)])
def test_the_server_starts_with_and_without_its_name(name: tuple[str, ...]) -> None:
    process = subprocess.Popen(
        [str(binary()), *name, "--port", "0", "--log-level", "error"],
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["event"] == "ready"
    finally:
        process.terminate()
        process.communicate(timeout=10)
    assert process.returncode == 0


def test_help_tells_of_the_subcommands() -> None:
    for help_text in (output("--help"), output("help")):
        for word in ("--database", "--webhook-secret", "keys add", "workspaces list", "serve"):
            assert word in help_text
    assert "remove" in output("keys", "--help")
