"""The site's reference of the Python package. mkdocstrings writes it from the docstrings; what is
public is what the package itself says in `__all__`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

_PAGES = {
    "Trillet": ("python/trillet.md", ("Trillet",)),
    "AsyncTrillet": ("python/async-trillet.md", ("AsyncTrillet",)),
    "Many calls, pages and batches": (
        "python/results.md",
        (
            "Results", "AsyncResults", "Result", "Pages", "AsyncPages", "Items", "AsyncItems",
            "BatchResults", "AsyncBatchResults", "BatchProgressUpdate", "BatchEnd",
            "ResultsUpdate", "ResultsEnd",
        ),
    ),
    "Contact files": ("python/contacts.md", ("check_csv", "CsvReport", "CsvProblem", "CsvCountry")),
}  # fmt: skip
_RESOURCES = {
    "Agents": ("python/agents.md", "trillet._sync.lists.Agents"),
    "Flows": ("python/flows.md", "trillet._sync.lists.Flows"),
    "Calls": ("python/calls.md", "trillet._sync.lists.Calls"),
    "Batch calls": ("python/batch-calls.md", "trillet._sync.batches.BatchCalls"),
}
_ATTRIBUTES = ("agents", "flows", "calls", "batch_calls")
_ASYNC_TOO = "An `AsyncTrillet` has the same, to be awaited."
_ERRORS = ("Errors", "python/errors.md")
_OTHERS = ("Answers, options and the library", "python/others.md")
_MODULES = {
    "Types": ("python/types.md", "trillet.types"),
    "Tests with the sandbox": ("python/testing.md", "trillet.testing"),
}
OVERVIEW = "python/index.md"


def navigation() -> list[object]:
    parts: list[object] = [OVERVIEW]
    clients = list(_PAGES.items())
    parts += [{title: page} for title, (page, _) in clients[:2]]
    parts += [{title: page} for title, (page, _) in _RESOURCES.items()]
    parts += [{title: page} for title, (page, _) in clients[2:]]
    parts += [dict([_ERRORS]), dict([_OTHERS])]
    return parts + [{title: page} for title, (page, _) in _MODULES.items()]


def pages(package: Path) -> Iterator[tuple[str, str]]:
    public = _public(package)
    for title, (page, names) in _PAGES.items():
        qualified = [f"trillet.{name}" for name in names]
        yield page, _page(title, qualified) if len(names) > 1 else _single(qualified[0])
    for attribute, (title, (page, name)) in zip(_ATTRIBUTES, _RESOURCES.items(), strict=True):
        about = f"`client.{attribute}` of a `Trillet`. {_ASYNC_TOO}"
        yield page, _headless(title, name, about)
    errors = sorted(name for name in public if name.endswith("Error") and name != "TrilletError")
    yield _ERRORS[1], _page(_ERRORS[0], ["trillet.TrilletError", *(f"trillet.{e}" for e in errors)])
    described = {name for _, names in _PAGES.values() for name in names}
    others = [
        f"trillet.{name}"
        for name in public
        if name not in described and not name.endswith("Error") and name[0] != "_"
    ]
    yield _OTHERS[1], _page(_OTHERS[0], [name for name in others if name != "trillet.types"])
    for title, (page, module) in _MODULES.items():
        yield page, _headless(title, module)


def _page(title: str, names: list[str]) -> str:
    return "\n".join([f"# {title}", "", *(line for name in names for line in (f"::: {name}", ""))])


def _single(name: str) -> str:
    """A page whose heading is that of the only thing it describes."""
    return f"::: {name}\n    options:\n      heading_level: 1\n"


def _headless(title: str, name: str, about: str = "") -> str:
    """A page with the members of something that no program names itself."""
    options = "    options:\n      show_root_heading: false\n"
    return f"# {title}\n\n{about}\n\n::: {name}\n{options}"


def _public(package: Path) -> list[str]:
    for node in ast.parse((package / "__init__.py").read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names: list[str] = ast.literal_eval(node.value)
            return names
    raise ValueError(f"{package} has no __all__")
