"""The guide to agents as code, and its example repository: each command does what it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from code_folders import OTHER, VOICE, new_sandbox
from conftest import KEY, ROOT, WORKSPACE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trillet.testing import Sandbox

TEXT = (ROOT / "docs/agents-as-code.md").read_text("utf-8")
EXAMPLE = ROOT / "examples/agents-as-code"
# What differs here from where a person is.
HERE = {"your-key": KEY, "your-workspace": WORKSPACE}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with new_sandbox("--account", f"{KEY}:staging") as running:
        with running.client() as client:
            client.agents.create(
                name="Front Desk",
                llm_model="gpt-4o-mini",
                tts_model=VOICE,
                system_prompt="Be brief.\nBe kind.",
            )
        yield running


@pytest.fixture
def machine(tmp_path: Path, sandbox: Sandbox) -> tuple[Path, dict[str, str]]:
    """A folder with the example, and the environment that its workflow has."""
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "trillet"
    program.write_text(f'#!/bin/bash\nexec "{sys.executable}" -m trillet "$@"\n')
    program.chmod(0o755)
    shutil.copytree(EXAMPLE, tmp_path / "example")
    return tmp_path, {
        **os.environ,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "TRILLET_BASE_URL": sandbox.url,
        "TRILLET_API_KEY": KEY,
        "STAGING_WORKSPACE": "staging",
        "PRODUCTION_WORKSPACE": OTHER,
        "PRODUCTION_KEY": KEY,
        "CRM_KEY": "Bearer 1",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        **{
            f"GIT_{who}_{what}": "a"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        },
    }


def shell(script: str, folder: Path, given: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", script],
        cwd=folder,
        env=given,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_every_command_of_the_guide_does_what_it_says(
    machine: tuple[Path, dict[str, str]], sandbox: Sandbox
) -> None:
    folder, given = machine
    script = "".join(re.findall(r"^```sh\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE))
    for there, here in HERE.items():
        assert there in script
        script = script.replace(there, here)
    out = shell(script, folder, given)
    (shown,) = re.findall(
        r"^    ~ agents/front-desk.*?not touched$", TEXT, re.DOTALL | re.MULTILINE
    )
    assert re.sub(r"^    ", "", shown, flags=re.MULTILINE) in out
    with sandbox.client(workspace_id=OTHER) as client:
        (agent,) = client.agents.list_all()
    assert (agent["llmModel"], agent["variables"]["branch"]) == ("gpt-4.1", "north")


def test_the_settings_in_the_guide_are_those_of_the_example() -> None:
    blocks = [
        yaml.safe_load(text)
        for text in re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    ]
    assert yaml.safe_load((EXAMPLE / "trillet.yaml").read_text()) in blocks
    flow = yaml.safe_load((EXAMPLE / "flows/renewal-reminder.yaml").read_text())
    (hooks,) = [block["webhooks"] for block in blocks if "webhooks" in block]
    assert hooks[0]["headers"] == flow["webhooks"][0]["headers"]


def test_the_workflow_of_the_example_plans_and_applies(
    machine: tuple[Path, dict[str, str]], sandbox: Sandbox
) -> None:
    folder, given = machine
    workflow: Any = yaml.safe_load((EXAMPLE / ".github/workflows/agents.yml").read_text())
    job = workflow["jobs"]["agents"]
    assert set(workflow["env"]) <= set(given)
    # Others can move a tag to other code.
    for step in job["steps"]:
        assert re.search(r"@[0-9a-f]{40}\Z", step.get("uses", "@" + "0" * 40))
    commands = [step["run"] for step in job["steps"] if "trillet " in step.get("run", "")]
    plan, apply = [command for command in commands if not command.startswith("pip ")]
    shell(plan, folder / "example", given)
    assert "3 to create" in (folder / "summary.md").read_text()
    shell(apply, folder / "example", given)
    assert "0 to create, 0 to change" in shell(plan, folder / "example", given)
    assert sandbox.ledger().totals("agents.create").effects == 2
