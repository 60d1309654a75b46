"""What the package offers to tests: the sandbox, and the fixtures for pytest."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from faulty import NUMBER, ready_agent
from trillet.testing import Sandbox, SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCES = Path(trillet.__file__).resolve().parents[1]
HOUR = 3_600


def test_a_sandbox_is_ready_when_it_is_made_and_gone_after_the_with() -> None:
    with Sandbox() as sandbox, sandbox.client() as client:
        assert sandbox.url.startswith("http://127.0.0.1:")
        assert sandbox.url in repr(sandbox)
        page: Any = client.agents.list()
        assert page["agents"] == []
    with pytest.raises(SandboxError):
        sandbox.ledger()
    sandbox.close()


def test_its_clients_are_closed_with_it() -> None:
    with Sandbox() as sandbox:
        client = sandbox.client()
    with pytest.raises(trillet.ClientClosedError):
        client.agents.list()


def test_two_sandboxes_know_nothing_of_each_other() -> None:
    with Sandbox() as first, Sandbox() as second:
        ready_agent(first.client())
        assert first.ledger().totals("agents.create") == (1, 1, 1)
        assert second.ledger().totals("agents.create") == (0, 0, 0)


def test_a_database_file_outlives_its_sandbox(tmp_path: Path) -> None:
    with Sandbox(database=tmp_path / "sandbox.sqlite") as sandbox:
        agent = ready_agent(sandbox.client())
    with Sandbox(database=tmp_path / "sandbox.sqlite") as sandbox:
        found: Any = sandbox.client().agents.get(agent)
        assert found["_id"] == agent


def test_options_reach_the_program() -> None:
    with Sandbox(
        accounts=[("second-key", "second-workspace")], requests_per_minute=2, concurrency=3
    ) as sandbox:
        client = sandbox.client(api_key="second-key", workspace_id="second-workspace")
        client.agents.list()
        client.agents.list()
        with pytest.raises(trillet.RateLimitedError):
            client.agents.list()


def test_a_program_that_does_not_start_is_an_error_with_its_words(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="nowhere"):
        Sandbox(program=tmp_path / "nowhere")
    with pytest.raises(SandboxError, match="--shout"):
        Sandbox(arguments=["--shout"])


def test_a_missing_program_is_an_error_that_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TRILLET_SANDBOX", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "trillet_sandbox", None)
    monkeypatch.setattr("trillet._core.sandbox_program._CHECKOUT", tmp_path)
    with pytest.raises(SandboxError, match="make tools"):
        Sandbox()
    with pytest.raises(SandboxError, match=r"pip install 'trillet\[sandbox\]'"):
        Sandbox()


def test_the_program_of_the_package_comes_before_the_path_and_after_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = tmp_path / "trillet_sandbox"
    package.mkdir()
    (package / "__init__.py").write_text(f"def program(): return {str(package / 'it')!r}")
    on_path = tmp_path / "bin" / "trillet-sandbox"
    on_path.parent.mkdir()
    for name, program in (("package", package / "it"), ("path", on_path)):
        program.write_text(f"#!/bin/sh\necho {name} >&2\nexit 1\n")
        program.chmod(0o755)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PATH", f"{on_path.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("TRILLET_SANDBOX", str(tmp_path / "named"))
    with pytest.raises(SandboxError, match="named"):
        Sandbox()
    monkeypatch.delenv("TRILLET_SANDBOX")
    with pytest.raises(SandboxError, match="did not start: package"):
        Sandbox()
    (package / "it").unlink()
    with pytest.raises(SandboxError, match="did not start: path"):
        Sandbox()


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with Sandbox(speed=1) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(server: Sandbox) -> Sandbox:
    server.reset()
    return server


def test_reset_forgets_data_faults_ledger_and_journal(sandbox: Sandbox) -> None:
    client = sandbox.client()
    agent = ready_agent(client)
    sandbox.faults.add("*", "status", count=None, skip=100)
    assert sandbox.journal()
    sandbox.reset()
    assert not sandbox.faults.list()
    assert not sandbox.ledger().entries
    assert sandbox.ledger().totals("agents.create") == (0, 0, 0)
    assert not sandbox.journal()
    with pytest.raises(trillet.NotFoundError):
        client.agents.get(agent)


def test_it_has_clients_for_asyncio(sandbox: Sandbox) -> None:
    async def main() -> tuple[str, int]:
        async with sandbox.async_client(user_agent="mine/1") as client:
            agent = await client.agents.create(
                name="Desk", tts_model={"provider": "rime", "voiceId": "v"}, llm_model="gpt-4o-mini"
            )
            requests = [{"agentId": agent["_id"]}] * 20
            found = [result async for result in client.map("agents.get", requests)]
            return agent["name"], sum(result.data["name"] == "Desk" for result in found)

    assert asyncio.run(main()) == ("Desk", 20)


def test_reset_takes_a_seed_for_the_faults_to_come(sandbox: Sandbox) -> None:
    client = sandbox.client(max_retries=0)

    def struck(seed: int) -> list[int]:
        sandbox.reset(seed=seed)
        sandbox.faults.add("agents.list", "status", count=None, probability=0.5)
        statuses = []
        for _ in range(40):
            try:
                client.agents.list()
                statuses.append(200)
            except trillet.ServerError as error:
                statuses.append(error.status)
        return statuses

    first = struck(3)
    assert struck(4) != first
    assert struck(3) == first


def test_a_call_ends_as_soon_as_the_clock_says(sandbox: Sandbox) -> None:
    client = sandbox.client()
    sandbox.clock.pause()
    agent = ready_agent(client)
    sent: Any = client.calls.send(agent, NUMBER)
    look = f"GET /v2/api/call-history/{sent['callId']}"
    assert "endTime" not in client.call(look).data
    moment = sandbox.clock.now
    assert sandbox.clock.advance(HOUR) == moment + HOUR * 1_000
    assert client.call(look).data["endTime"]
    assert sandbox.clock.now == moment + HOUR * 1_000


def test_a_batch_is_complete_after_a_jump(sandbox: Sandbox) -> None:
    client = sandbox.client()
    sandbox.clock.pause()
    rows = "".join(f"+1202555{index:04}\n" for index in range(200))
    batch: Any = client.batch_calls.start(agent_id=ready_agent(client), csv="phone_number\n" + rows)
    sandbox.clock.jump_to(sandbox.clock.now + 24 * HOUR * 1_000)
    status: Any = client.batch_calls.get(batch["batchId"])
    assert status["isComplete"] is True
    assert status["totalCalls"] == 200


def test_the_clock_runs_at_the_speed_it_is_given(sandbox: Sandbox) -> None:
    sandbox.clock.pause()
    assert sandbox.clock.now == sandbox.clock.now
    sandbox.clock.run_at(1_000_000)
    start = sandbox.clock.resume()
    assert sandbox.clock.now > start
    with pytest.raises(SandboxError, match="400"):
        sandbox.clock.jump_to(start - HOUR * 1_000)


def test_the_log_is_there_for_a_test_that_failed(sandbox: Sandbox) -> None:
    assert isinstance(sandbox.log(), str)


# --- pytest ---------------------------------------------------------------------------------


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    pytester.makeini("[pytest]\n")
    return pytester.runpytest_subprocess("-p", "trillet.pytest_plugin", *arguments)


@pytest.fixture
def _package_in_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(SOURCES))


@pytest.mark.usefixtures("_package_in_path")
def test_every_test_begins_with_an_empty_sandbox_of_one_process(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        """
        import pytest

        urls = set()

        @pytest.mark.parametrize("turn", [1, 2, 3])
        def test_it(trillet_sandbox, trillet_client, turn):
            urls.add(trillet_sandbox.url)
            assert len(urls) == 1
            assert trillet_client.agents.list()["agents"] == []
            trillet_client.agents.create(
                name="x", tts_model={"provider": "rime", "voiceId": "v"}, llm_model="m"
            )
            assert trillet_sandbox.ledger().totals("agents.create").effects == 1
            trillet_sandbox.faults.add("*", "reset", count=None)
        """
    )
    run(pytester).assert_outcomes(passed=3)


@pytest.mark.usefixtures("_package_in_path")
def test_the_server_can_be_started_otherwise(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        from trillet import RateLimitedError
        from trillet.testing import Sandbox

        @pytest.fixture(scope="session")
        def trillet_sandbox_server():
            with Sandbox(requests_per_minute=1) as sandbox:
                yield sandbox

        def test_it(trillet_client):
            trillet_client.agents.list()
            with pytest.raises(RateLimitedError):
                trillet_client.agents.list()
        """
    )
    run(pytester).assert_outcomes(passed=1)


@pytest.mark.usefixtures("_package_in_path")
def test_without_the_program_the_tests_fail_and_say_why(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(trillet_sandbox): pass")
    result = run(pytester, "--trillet-sandbox", "/nowhere/trillet-sandbox")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*/nowhere/trillet-sandbox cannot be started*"])


def test_the_package_does_not_import_what_is_for_tests() -> None:
    lines = "import sys, trillet; print([m for m in sys.modules if 'test' in m])"
    output = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(SOURCES)!r}); {lines}"],
        env={**os.environ},
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    assert "trillet" not in output
