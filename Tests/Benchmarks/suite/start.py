"""What it costs to begin: loading the C libraries, importing the Python packages, first answers."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from typing import NamedTuple

import clients
from suite import machine
from suite.contestants import label
from suite.figures import Figure, figure
from suite.nginx import Nginx
from suite.settings import HERE, LIBRARY, Settings, environment
from suite.wires import PLAIN

# In the new process itself: how long it takes to start an interpreter is no package's doing.
IMPORT = """
import time
since = time.perf_counter()
import {module}
milliseconds = (time.perf_counter() - since) * 1000
with open("/proc/self/status") as status:
    line = next(line for line in status if line.startswith("VmRSS"))
print('{{"milliseconds":%f,"kilobytes":%s}}' % (milliseconds, line.split()[1]))
"""


class Start(NamedTuple):
    """Milliseconds and KB of fresh processes; of the first answer where there is one."""

    title: str
    milliseconds: Figure
    kilobytes: Figure
    first_milliseconds: Figure | None = None
    first_kilobytes: Figure | None = None


class _Times(NamedTuple):
    milliseconds: Figure
    kilobytes: Figure


def measure_loading(settings: Settings) -> list[Start]:
    """libcurl alone, then the library."""
    program = str(settings.programs / "load")
    commands = {
        "libcurl, `curl_global_init`, `curl_easy_init`": [program, "libcurl.so.4"],
        "libtrillet, `trillet_client_new`": [program, str(LIBRARY)],
    }
    times = _interleaved(commands, settings.starts, settings.seed)
    return [Start(title, *times[title]) for title in commands]


def measure_imports(settings: Settings, server: Nginx) -> list[Start]:
    """A bare interpreter, then every package."""
    python = str(settings.python)
    imports = {"bare Python": [python, "-c", IMPORT.format(module="sys")]}
    firsts = {}
    for name in clients.names():
        client = clients.load(name)
        if client.blocking is None and client.asynchronous is None:
            # Another use of a package that is there already.
            continue
        imports[label(client)] = [python, "-c", IMPORT.format(module=client.module)]
        firsts[label(client)] = [
            python,
            str(HERE / "client.py"),
            name,
            "first",
            server.at(PLAIN).url,
            "1",
        ]
    importing = _interleaved(imports, settings.starts, settings.seed)
    # Some take seconds.
    first = _interleaved(firsts, settings.first_answers, settings.seed)
    return [Start(title, *importing[title], *first.get(title, ())) for title in imports]


def _interleaved(commands: dict[str, list[str]], times: int, seed: int) -> dict[str, _Times]:
    samples: dict[str, list[dict[str, float]]] = {title: [] for title in commands}
    shuffle = random.Random(seed).shuffle
    for turn in range(times + 1 if times > 1 else 1):
        order = list(commands.items())
        shuffle(order)
        for title, command in order:
            found = _run(command)
            # The first one reads files that the others find in memory.
            if turn > 0 or times == 1:
                samples[title].append(found)
    return {
        title: _Times(
            figure(sample["milliseconds"] for sample in found),
            figure(sample["kilobytes"] for sample in found),
        )
        for title, found in samples.items()
    }


def _run(command: list[str]) -> dict[str, float]:
    ended = subprocess.run(
        [*machine.pinned(0), *command],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=120,
    )
    if ended.returncode != 0:
        sys.exit(f"{command[0]} failed:\n{ended.stderr or ended.stdout}")
    found: dict[str, float] = json.loads(ended.stdout)
    return found
