"""Conversations beside agents as code: each command reads its own files of the folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from code_folders import Desk, new_sandbox, small_workspace
from conversation_projects import trillet_test

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONVERSATION = """\
name: remembers the renewal
variables: {first_name: Ada}
turns:
  - caller: Hello?
    expect: I am sorry, I did not understand that.
ends_with: caller
"""


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    with new_sandbox() as running:
        yield Desk(running, monkeypatch, capsys)


def test_agents_that_were_pulled_are_tested_and_their_tests_are_not_applied(
    desk: Desk, tmp_path: Path
) -> None:
    with desk.client() as client:
        small_workspace(client)
    folder = tmp_path / "shop"
    assert desk.run("pull", folder).status == 0
    (folder / "agents" / "front-desk.test.yaml").write_text(CONVERSATION)
    done = trillet_test(folder, "agents")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    for command in ("plan", "pull"):
        again = desk.run(command, folder)
        assert again.status == 0, again
    plan = desk.run("plan", folder, "--exit-code")
    assert plan.status == 0, plan
    assert (folder / "agents" / "front-desk.test.yaml").read_text() == CONVERSATION
