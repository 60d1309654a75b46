"""Looks for circles among the modules of the Python package, and for rooms that import from above.

Every import counts: those of type checkers alone, those inside functions, and those by `ready()`.

    python Tools/checks/import_rooms.py    # ends with 1 when there is one
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "bindings/python/src/trillet"

# From the ground up, each floor a set of rooms. A room imports from itself and from lower floors. A
# module that stands in no room is one of its own.
FLOORS = (
    {"types"},
    {"_model"},
    {"_json"},
    {"_native"},
    {"_core", "_contacts", "_webhooks"},
    {"_sync", "_async", "contacts", "webhooks"},
    {"__init__", "_campaign"},
    {"testing", "campaign", "_code"},
    {"_campaign_page", "_conversations"},
    {"_command", "celery", "temporal"},
    {"pytest_plugin", "__main__"},
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

Module = tuple[str, ...]
# The line of an import, and what it imports.
Import = tuple[int, Module]


def modules(package: Path) -> dict[Module, Path]:
    """The modules by their path below the package."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        *rooms, name = path.relative_to(package).with_suffix("").parts
        # A room itself holds nothing; the package does.
        found[(*rooms, name) if name != "__init__" or not rooms else tuple(rooms)] = path
    return found


def imports(module: Module, path: Path, known: dict[Module, Path]) -> Iterator[Import]:
    """What a module imports of the package, and in which line."""
    folder = module if path.name == "__init__.py" else module[:-1]
    folder = () if module == ("__init__",) else folder
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] == PACKAGE.name:
                    yield node.lineno, found(tuple(alias.name.split(".")[1:]), known)
        elif isinstance(node, ast.ImportFrom):
            name = tuple(node.module.split(".")) if node.module else ()
            if node.level:
                name = folder[: len(folder) - node.level + 1] + name
            elif name[:1] == (PACKAGE.name,):
                name = name[1:]
            else:
                continue
            for alias in node.names:
                yield node.lineno, found((*name, alias.name), known)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "ready":
            for argument in node.args:
                if isinstance(argument, ast.Constant):
                    yield node.lineno, found(tuple(str(argument.value).split(".")), known)


def found(name: Module, known: dict[Module, Path]) -> Module:
    """The module that a dotted name leads to: itself, or the one that has the name."""
    while name and name not in known:
        name = name[:-1]
    return name or ("__init__",)


def upward(module: Module, imported: list[Import], path: Path) -> Iterator[str]:
    """What is wrong with the rooms that a module imports from."""
    room = module[0]
    if room not in FLOOR_OF:
        yield f"{path}: the room {room} has no floor; give it one in {Path(__file__).name}"
        return
    for line, other in imported:
        above = FLOOR_OF.get(other[0], len(FLOORS))
        if other[0] != room and above >= FLOOR_OF[room]:
            beside = "above" if above > FLOOR_OF[room] else "beside"
            yield f"{path}:{line}: imports {'.'.join(other)}, which is {beside} {room}"


def main() -> int:
    known = modules(PACKAGE)
    graph = {module: list(imports(module, path, known)) for module, path in known.items()}
    wrong = [each for module, path in known.items() for each in upward(module, graph[module], path)]
    order = TopologicalSorter(
        {module: {other for _, other in imported} for module, imported in graph.items()}
    )
    try:
        order.prepare()
    except CycleError as error:
        wrong.append(
            "circle: " + " → ".join(".".join(module) for module in reversed(error.args[1]))
        )
    print(*wrong, sep="\n", end="\n" if wrong else "", file=sys.stderr)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
