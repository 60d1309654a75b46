"""Checks that the rooms of the core depend on each other in one direction.

A room is a folder of Sources/Trillet. It may use what is declared in the rooms that stand behind it
in ROOMS, and nothing of those in front of it: no type, function or constant, and no member that an
extension there adds to a type from below. A generated file belongs to the room that it is for.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path

ROOMS = {
    "ABI": "the functions of trillet.h",
    "Webhooks": "the check of webhooks, and their events",
    "Calls": "waiting for calls, and finding one",
    "Batches": "waiting for a batch, and fetching its results",
    "Following": "looking at something until it has ended",
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

# Attributes and modifiers, except private: another file may use the same name.
PREFIX = r"(?:@\w+(?:\([^)]*\))? |(?!file)(?!private)\w+(?:\(\w+\))? )*?"
DECLARATION = re.compile(
    rf"^{PREFIX}(?:class|struct|enum|protocol|typealias|func|let|var) (\w+)", re.M
)
MEMBER = re.compile(rf"^    {PREFIX}(?:func|let|var|case|typealias) (\w+)", re.M)
NESTED = re.compile(rf"^(?:    )+{PREFIX}(?:func|let|var|case|typealias) (\w+)", re.M)
EXTENSION = re.compile(r"^extension (\w+)[^\n]*\{\n(.*?)^\}", re.M | re.S)
MEMBER_USE = re.compile(r"\.(\w+)")
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
    code = {path: code_of(path) for path in files}
    home = {name: room for path, room in files.items() for name in DECLARATION.findall(code[path])}
    added = {
        name: room
        for path, room in files.items()
        for extended, body in EXTENSION.findall(code[path])
        if home.get(extended) != room
        for name in MEMBER.findall(body)
    }
    # A member that is declared in more rooms than one belongs to the lowest of them.
    for path, room in files.items():
        for name in NESTED.findall(code[path]):
            if name in added and level[room] > level[added[name]]:
                added[name] = room
    faults: defaultdict[Path, set[str]] = defaultdict(set)
    for path, room in files.items():
        used_names = {name: home.get(name, room) for name in USE.findall(code[path])}
        members = {f".{name}": added.get(name, room) for name in MEMBER_USE.findall(code[path])}
        for name, used in (used_names | members).items():
            if level[used] < level[room] and {used, room} not in TOGETHER:
                faults[path].add(f"{name} of {used}")
    for path, names in faults.items():
        print(f"{path.relative_to(core)} uses {', '.join(sorted(names))}, a room above its own")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
