"""The wheels with every Python from 3.9 on that this machine has, in PATH or by pyenv."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import RELEASE, Environment

VERSIONS = [f"3.{minor}" for minor in range(9, 15)]
CALL = """
import json, trillet
from trillet.testing import Sandbox
with Sandbox() as sandbox, sandbox.client() as client:
    client.agents.create(
        name="Desk", tts_model={"provider": "rime", "voiceId": "v"}, llm_model="gpt-4o-mini"
    )
    effects = sandbox.ledger().totals("agents.create").effects
print(json.dumps({"effects": effects, **trillet.library_info()}))
"""
ASYNC = """
import asyncio
from trillet.testing import Sandbox
async def main(sandbox):
    async with sandbox.async_client() as client:
        return await client.agents.list()
with Sandbox() as sandbox:
    print(asyncio.run(main(sandbox))["agents"])
"""


def interpreter(version: str) -> str:
    """A Python of that version; the test is skipped where there is none."""
    places = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for found in [
        *sorted(places.glob(f"{version}.*/bin/python")),
        shutil.which(f"python{version}"),
    ]:
        # What pyenv puts into PATH is there for versions that are not, too.
        if (
            found
            and subprocess.run([found, "-c", "import venv"], capture_output=True).returncode == 0
        ):
            return str(found)
    pytest.skip(f"there is no Python {version}")


@pytest.mark.parametrize("version", VERSIONS)
def test_the_wheels_work_with_this_python(
    version: str, installed: Environment, tmp_path: Path
) -> None:
    command = [interpreter(version), "-m", "venv", "--without-pip", str(tmp_path / "venv")]
    subprocess.run(command, check=True, timeout=120)
    here = Environment(tmp_path / "venv", tmp_path)
    # pip runs with that Python, so that it is asked which wheels it takes.
    installed.pip(
        *("--python", here.python, "install", "--no-index", "--find-links", RELEASE),
        "trillet[sandbox]",
    )
    for kind in ("system", "bundled"):
        done = here.run("python", "-W", "error", "-c", CALL, variables={"TRILLET_LIBRARY": kind})
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert (told["effects"], told["kind"]) == (1, kind)
        done = here.run("python", "-W", "error", "-c", ASYNC, variables={"TRILLET_LIBRARY": kind})
        assert (done.stdout, done.stderr) == ("[]\n", "")
