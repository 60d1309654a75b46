"""Writes the modules of the blocking client that follow from their twins for asyncio.

What is awaited there is called here, and names lose what they have of asyncio. The phrases in which
the twins' documentation differs are listed below.

    python Tools/python/blocking_twins.py            # writes the modules
    python Tools/python/blocking_twins.py --check    # ends with 1 when one is not current
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

PACKAGE = Path(__file__).resolve().parents[2] / "bindings/python/src/trillet"
HEADER = "# Generated from _async/{name} by Tools/python/blocking_twins.py. Do not edit.\n"

TWINS = ("batch_results.py", "batches.py", "calls.py", "resource.py")

# In the code and in examples.
CODE = (
    (r"\basync (def|for|with)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\b__a(enter|exit|iter|next)__", r"__\1__"),
    (r"\baclose\b", "close"),
    (r"\bCoroutine\[Any, Any, (\w+)\]", r"\1"),
    (r"\bAsyncGenerator\[(.+?), None\]", r"Generator[\1, None, None]"),
    (r"\bAsync(?=[A-Z])", ""),
    (r"\b_async\.", "_sync."),
    (r"import Callable, Coroutine$", "import Callable"),
)


class Phrase(NamedTuple):
    """What a twin says otherwise; it must occur, so that none outlives what it was written for."""

    name: str
    asyncio: str
    blocking: str


PHRASES = (
    Phrase("resource.py", "in common, for `asyncio`.", "in common."),
    Phrase(
        "resource.py",
        "of one client for `asyncio`.",
        "of one client; safe to use from any number of threads.",
    ),
    Phrase("batches.py", "Batch calls as coroutines, followed", "Batch calls, followed"),
    Phrase("batches.py", "Cancelling the task ends", "Ctrl-C ends"),
    Phrase(
        "batches.py",
        """\
            progress: Called in the event loop after each poll, with a dictionary of the state and
                the counts; it may be a coroutine function. Returning true ends the wait. An
                exception also ends it, and is raised here. True shows a bar on standard error, with
                `rich` or `tqdm` where one is installed.
""",
        """\
            progress: Called on this thread after each poll, with a dictionary of the state and the
                counts. Returning true ends the wait. An exception also ends it, and is raised here.
                True shows a bar on standard error, with `rich` or `tqdm` where one is installed.
""",
    ),
    Phrase("calls.py", "Calls as coroutines, followed", "Calls, followed"),
    Phrase("calls.py", "Cancelling the task ends", "Ctrl-C ends"),
    Phrase(
        "calls.py",
        """\
            progress: Called in the event loop after each poll, with a dictionary of the state and
                its changes; it may be a coroutine function. Returning true ends the wait. An
                exception also ends it, and is raised here. True shows a bar on standard error, with
                `rich` or `tqdm` where one is installed.
""",
        """\
            progress: Called on this thread after each poll, with a dictionary of the state and its
                changes. Returning true ends the wait. An exception also ends it, and is raised
                here. True shows a bar on standard error, with `rich` or `tqdm` where one is
                installed.
""",
    ),
    Phrase("batch_results.py", "followed in an event loop: to", "followed: to"),
)


def blocking(name: str, text: str) -> str:
    """The blocking twin of a module's text."""
    for phrase in PHRASES:
        if phrase.name == name:
            if text.count(phrase.asyncio) != 1:
                raise SystemExit(
                    f"_async/{name} has not exactly once: {phrase.asyncio!r}; change the phrase in "
                    f"{Path(__file__).name} together with the module"
                )
            text = text.replace(phrase.asyncio, phrase.blocking)
    for pattern, replacement in CODE:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    text = HEADER.format(name=name) + text
    text = ruff(name, ("check", "--fix-only", "--select", "I"), text)
    return ruff(name, ("format",), text)


def ruff(name: str, command: tuple[str, ...], text: str) -> str:
    """The text after a command of ruff, with the settings of the place it is written to."""
    place = PACKAGE / "_sync" / name
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "--quiet", "--stdin-filename", str(place), "-"],
        input=text,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=PACKAGE.parents[1],
    )
    return done.stdout


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    is_check: bool = parser.parse_args().check
    stale = []
    for name in TWINS:
        twin = PACKAGE / "_sync" / name
        text = blocking(name, (PACKAGE / "_async" / name).read_text())
        if twin.exists() and twin.read_text() == text:
            continue
        if is_check:
            stale.append(f"_sync/{name}")
        else:
            twin.write_text(text)
            print(f"wrote {twin}")
    if stale:
        print(f"not current: {', '.join(stale)}; run `make python-twins`", file=sys.stderr)
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main())
