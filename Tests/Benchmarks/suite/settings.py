"""How thorough a run is, and where things are."""

from __future__ import annotations

import os
import pathlib
from typing import NamedTuple

from suite.selection import EVERYTHING, Selection
from suite.wires import Wire

HERE = pathlib.Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent
LIBRARY = ROOT / "build/lib/libtrillet.so.1"
PYTHON_PACKAGE = ROOT / "bindings/python/src"


class CrowdSize(NamedTuple):
    """How many in flight, and how many calls each program makes in how many rounds."""

    in_flight: int
    calls: int
    rounds: int


class Settings(NamedTuple):
    """What `make bench` was asked for."""

    programs: pathlib.Path
    python: pathlib.Path
    # Rounds of C and of this project's clients; the other packages take part in every third.
    rounds: int
    tls_rounds: int
    seconds: float
    starts: int
    first_answers: int
    held: int
    instruction_calls: int
    distance_rounds: int
    # Of each number in flight, about.
    distance_seconds: float
    crowds: tuple[CrowdSize, ...]
    wires: tuple[Wire, ...]
    seed: int
    only: Selection = EVERYTHING


def environment() -> dict[str, str]:
    """For Python clients: this project's package, and no proxy, key or address of the user's."""
    unwanted = ("proxy", "trillet_", "retell_", "vapi_", "openai_", "python")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.lower().startswith(unwanted) and not name.lower().endswith("_proxy")
    }
    return kept | {
        "PYTHONPATH": f"{HERE}:{PYTHON_PACKAGE}",
        "TRILLET_LIBRARY": str(LIBRARY),
        "OPENAI_API_KEY": "sandbox-key",
    }
