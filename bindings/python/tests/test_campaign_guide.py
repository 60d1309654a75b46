"""Each command of the operator's guide, in the order in which it stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from campaign_places import agent_of, postgres
from conftest import KEY, ROOT, WORKSPACE
from postgres_server import BINARIES
from trillet.testing import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from postgres_server import PostgresServer

__all__ = ["postgres"]

TEXT = (ROOT / "docs/campaign-guide.md").read_text("utf-8")
HELD = "+12025550102"
# What differs here from where a person is: the account, the hour, and how long there is time.
HERE = {
    "your-key": KEY,
    "your-workspace": WORKSPACE,
    "mon-fri 09:00-20:00": "mon-sun 00:00-24:00",
    "--seconds 600": "--seconds 3",
    "--seconds 55": "--seconds 2",
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


def program(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/bash\n{text}\n")
    file.chmod(0o755)


@pytest.fixture
def machine(
    tmp_path: Path, postgres: PostgresServer, sandbox: Sandbox
) -> tuple[Path, dict[str, str]]:
    """A folder with contacts, and the environment that the guide takes for given."""
    programs = tmp_path / "bin"
    programs.mkdir()
    # `run` ends with 1 while somebody is left, which is no failure here.
    command = f'"{sys.executable}" -m trillet "$@"; status=$?; [ "$2" = run ] && '
    program(programs, "trillet", command + "[ $status = 1 ] && exit 0; exit $status")
    program(programs, "systemctl", f'echo "$@" >> "{tmp_path}/systemctl.log"')
    rows = [f"+12025550{number},Ada" for number in range(101, 112)]
    (tmp_path / "contacts.csv").write_text("\n".join(["phone_number,name", *rows, ""]))
    database = f"@/campaigns?host={postgres.folder}"
    with sandbox.client() as client:
        agent = agent_of(client)
    return tmp_path, {
        **os.environ,
        "PATH": f"{programs}:{BINARIES}:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "TRILLET_BASE_URL": sandbox.url,
        "AGENT": agent,
        "HELD": HELD,
        "ADMIN": f"postgresql://postgres@/postgres?host={postgres.folder}",
        "OWNER": f"postgresql://campaign_owner{database}",
        "DATABASE": f"postgresql://dialer{database}",
    }


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="needs sqlite3")
def test_every_command_of_the_guide_does_what_it_says(
    machine: tuple[Path, dict[str, str]], sandbox: Sandbox
) -> None:
    folder, environment = machine
    # One call of which nobody knows, so that there is somebody to decide about.
    sandbox.faults.add("calls.send", "reset", count=1, skip=1)
    script = "".join(blocks("sh"))
    for there, here in HERE.items():
        assert there in script
        script = script.replace(there, here)
    done = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "11 contacts added, 0 known already" in done.stdout
    assert f"{HELD}: called" in done.stdout
    assert len((folder / "results.csv").read_text().splitlines()) == 1 + 11
    assert (folder / "systemctl.log").read_text().count("stop trillet-campaign@*") == 2
    assert (folder / "campaign.env").stat().st_mode & 0o077 == 0


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_the_unit_of_the_guide_is_one(tmp_path: Path) -> None:
    (unit,) = blocks("ini")
    assert "/usr/local/bin/trillet" in unit
    file = tmp_path / "trillet-campaign@1.service"
    file.write_text(unit.replace("/usr/local/bin/trillet", sys.executable))
    done = subprocess.run(
        ["systemd-analyze", "verify", str(file)], capture_output=True, text=True, timeout=60
    )
    assert file.name not in done.stderr, done.stderr
