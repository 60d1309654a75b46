"""Conversations beside agents as code: each command reads its own files of the folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from code_folders import Desk, desk, folder, sandbox
from conversation_projects import trillet_test

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["desk", "folder", "sandbox"]

CONVERSATION = """\
name: remembers the renewal
variables: {first_name: Ada}
turns:
  - caller: Hello?
    expect: I am sorry, I did not understand that.
ends_with: caller
"""


def test_agents_that_were_pulled_are_tested_and_their_tests_are_not_applied(
    desk: Desk, folder: Path
) -> None:
    (folder / "agents" / "front-desk.test.yaml").write_text(CONVERSATION)
    done = trillet_test(folder, "agents")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    for command in ("plan", "pull"):
        again = desk.run(command, folder)
        assert again.status == 0, again
    plan = desk.run("plan", folder, "--exit-code")
    assert plan.status == 0, plan
    assert (folder / "agents" / "front-desk.test.yaml").read_text() == CONVERSATION
