"""Checks that the rooms of the core depend on each other in one direction.

A room is a folder of Sources/Trillet. It may use what is declared in the rooms that stand behind it
in ROOMS, and nothing of those in front of it. A generated file belongs to the room that it is for.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path

ROOMS = {
    "ABI": "the functions of trillet.h",
    "Batches": "waiting for a batch, and fetching its results",
    "Pages": "lists, page by page",
    "Background": "submitted requests, on the client's own thread",
    "Client": "a client, and its blocking requests",
    "Answers": "what a request ends with, as the host gets it",
    "Requests": "operations, and requests made of the host's JSON",
    "Options": "the options of clients and requests",
    "Contacts": "the check of contact files",
    "CSV": "CSV files, whatever they hold",
    "HTTP": "transfers by libcurl",
    "Resilience": "turns, the pace, and when to try again",
    "Observation": "log, statistics, and what they hide",
    "JSON": "reading and writing JSON text",
    "Support": "bytes, time, threads and failures",
}
GENERATED = {
    "Catalogue": "ABI",
    "CheckOptions": "Contacts",
    "ClientOptions": "Options",
    "Exports": "ABI",
    "NationalNumbers": "Contacts",
    "OperationTable": "Requests",
    "RequestOptions": "Options",
    "Version": "Support",
}
# A client has its thread, and the thread works for the client.
TOGETHER = [{"Client", "Background"}]

DECLARATION = re.compile(
    r"^(?:@\w+(?:\([^)]*\))? )*(?:final )?(?:class|struct|enum|protocol|typealias|func) (\w+)", re.M
)
USE = re.compile(r"(?<![.\w])(?<!func )\w+")
LITERALS = [re.compile(r'""".*?"""', re.S), re.compile(r'"(?:\\\([^)]*\)|\\.|[^"\\\n])*"')]
INTERPOLATION = re.compile(r"\\\(((?:[^()]|\([^()]*\))*)\)")


def code_of(path: Path) -> str:
    """The text without comments and without the words of literals."""
    text = re.sub(r"//.*", "", path.read_text())
    for literal in LITERALS:
        text = literal.sub(lambda found: " ".join(INTERPOLATION.findall(found[0])), text)
    return text


def room_of(path: Path, core: Path) -> str:
    folder = path.relative_to(core).parts[0]
    return GENERATED[path.stem] if folder == "Generated" else folder


def main() -> int:
    core = Path(__file__).parents[2] / "Sources" / "Trillet"
    files = {path: room_of(path, core) for path in sorted(core.rglob("*.swift"))}
    level = {room: number for number, room in enumerate(ROOMS)}
    unknown = sorted({room for room in files.values() if room not in level})
    if unknown:
        print(f"Tools/checks/layers.py does not know the rooms {', '.join(unknown)}")
        return 1
    home = {
        name: room for path, room in files.items() for name in DECLARATION.findall(code_of(path))
    }
    faults: defaultdict[Path, set[str]] = defaultdict(set)
    for path, room in files.items():
        for name in set(USE.findall(code_of(path))):
            used = home.get(name, room)
            if level[used] < level[room] and {used, room} not in TOGETHER:
                faults[path].add(f"{name} of {used}")
    for path, names in faults.items():
        print(f"{path.relative_to(core)} uses {', '.join(sorted(names))}, a room above its own")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
