"""Agents as code where a quarter of the requests fails and the process is killed in between."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from code_folders import OTHER, VOICE, copied_for, environment, files_of
from conftest import WORKSPACE

if TYPE_CHECKING:
    from pathlib import Path

    from trillet.testing import Sandbox

# How late a request may still be carried out here; the longest delay of a fault is shorter.
SETTLE_SECONDS = 0.8
# Each strikes one of a few requests; together a quarter of all.
FAULTS: tuple[dict[str, Any], ...] = (
    {"fault": "reset", "when": "before", "probability": 0.05},
    {"fault": "reset", "when": "after", "probability": 0.06},
    {"fault": "reset", "when": "during", "probability": 0.04},
    {"fault": "status", "status": 500, "when": "before", "probability": 0.04},
    {"fault": "status", "status": 500, "when": "after", "probability": 0.05},
    {"fault": "delay", "ms": 400, "when": "before", "probability": 0.02},
    {"fault": "partial", "probability": 0.02},
)
OPERATIONS = [
    f"{resource}.{what}"
    for resource in ("agents", "flows", "knowledge_bases")
    for what in ("create", "list", "get", "update")
]
LIMIT_SECONDS = 600.0


class Storm(NamedTuple):
    """How a storm went.

    Attributes:
        kills: How many times a process was killed.
        runs: How many were started.
        faults: How many requests failed.
        seconds: How long it took.
    """

    kills: int
    runs: int
    faults: int
    seconds: float


def fill(sandbox: Sandbox, count: int, routes: str) -> None:
    """Makes agents and flows that name each other, some of the same name, and knowledge."""
    with sandbox.client(routes=routes) as client:
        bases: list[Any] = [
            client.knowledge_bases.create(name=f"Prices {number}", text_content=f"It is {number}.")
            for number in range(1 + count // 20)
        ]
        for number in range(count):
            # Every tenth has the name of the one before it.
            name = f"Desk {number - (number % 10 == 9)}"
            agent: Any = client.agents.create(
                name=name,
                llm_model="gpt-4o-mini",
                tts_model=VOICE,
                system_prompt=f"You are desk {number}.\nBe brief.",
                variables={"desk": str(number)},
            )
            flow: Any = client.flows.create(
                name=f"Flow of {name}",
                direction="outbound",
                prompt_type="simple",
                agent=agent["_id"],
                prompt=f"Greet {{first_name}}.\n\nYou are desk {number}.",
                settings={"knowledgeBases": [bases[number // 20]["_id"]]},
                webhooks=[{"name": "crm", "url": f"https://crm.example.com/{number}"}],
            )
            client.agents.update(agent["_id"], pathway=flow["_id"], merge=True)


def start(sandbox: Sandbox, workspace: str, *words: object) -> subprocess.Popen[str]:
    """Starts a command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "trillet", *map(str, words), "--quiet"],
        env=environment(sandbox, workspace),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def storm(sandbox: Sandbox, folder: Path, kills: int, seed: int, effects: int) -> Storm:
    """Applies a folder until it is applied, with a number of kills on the way.

    Args:
        sandbox: The service.
        folder: The folder.
        kills: How many.
        seed: Decides when.
        effects: How much there is to do: the kills are spread over that.
    """
    chance = random.Random(seed)
    for operation in OPERATIONS:
        for fault in FAULTS:
            sandbox.faults.add(operation, count=None, **fault)
    began = time.monotonic()
    killed = runs = 0
    is_applied = False
    while not is_applied or killed < kills:
        runs += 1
        assert runs < 20 * (kills + 2)
        command = start(sandbox, OTHER, "apply", folder, "--yes", "--settle", SETTLE_SECONDS)
        goal: float | None = None
        if killed < kills:
            step = max(1, 2 * effects // (kills + 1))
            goal = 0 if is_applied else made(sandbox) + chance.randint(0, step)
        out = ended(command, sandbox, goal, chance.uniform(0, 1))
        assert "Traceback" not in out, out
        killed += command.returncode == -signal.SIGKILL
        is_applied |= command.returncode == 0
    struck = sum(rule["applied"] for rule in sandbox.faults.list())
    sandbox.faults.clear()
    return Storm(killed, runs, struck, time.monotonic() - began)


def made(sandbox: Sandbox) -> int:
    """How much the service has done."""
    ledger = sandbox.ledger(request_id="of nobody")
    return sum(ledger.totals(operation).effects for operation in OPERATIONS)


def ended(
    command: subprocess.Popen[str], sandbox: Sandbox, goal: float | None, patience: float
) -> str:
    """What a command prints until it ends, or is killed when the service has done so much."""
    began = time.monotonic()
    while True:
        try:
            return command.communicate(timeout=0.02)[0]
        except subprocess.TimeoutExpired:
            lasted = time.monotonic() - began
            assert lasted < LIMIT_SECONDS, "an apply did not end"
            # At once would be before anything is read.
            if goal is not None and lasted > patience and made(sandbox) >= goal:
                os.kill(command.pid, signal.SIGKILL)


def survives(
    sandbox: Sandbox, folder: Path, count: int, kills: int, seed: int, routes: str
) -> Storm:
    """Pull, apply elsewhere in a storm, pull there: the same files, and nothing twice."""
    fill(sandbox, count, routes)
    source, target, again = folder / "source", folder / "target", folder / "again"
    done(start(sandbox, WORKSPACE, "pull", source))
    copied_for(source, target)
    # Shorter than the delay of a fault.
    with open(target / "trillet.yaml", "a") as settings:
        settings.write("    timeout: 0.3\n")
    before = {
        what: sandbox.ledger().totals(f"{what}.create").effects for what in ("agents", "flows")
    }
    result = storm(sandbox, target, kills, seed, effects=3 * count)
    for what, made in before.items():
        assert made == count
        assert sandbox.ledger().totals(f"{what}.create").effects == 2 * count, f"{what} made twice"
    assert files_of(target) == files_of(source), "an apply changed a file"
    done(start(sandbox, OTHER, "pull", again))
    assert len(files_of(source, "agents", "flows")) == 4 * count
    assert files_of(again) == files_of(source)
    assert done(start(sandbox, OTHER, "plan", target, "--exit-code"))
    return result


def done(command: subprocess.Popen[str]) -> str:
    """What a command that succeeds prints."""
    out, _ = command.communicate(timeout=LIMIT_SECONDS)
    assert command.returncode == 0, out
    return out
