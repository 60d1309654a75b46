"""Finds conversations, holds them and tells what became of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .definitions import Definition, Definitions
from .folders import project_of, read_folder
from .judging import ERROR, FAILED, NOT_RUN, PASSED, SKIPPED, Verdict
from .mistakes import FilesError, Mistake
from .reading import ENDING, read_scripts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from .._sync.client import Trillet
    from .definitions import Pair
    from .scripts import Script

    # Holds some at the same time.
    Hold = Callable[[Sequence[tuple[Script, Pair]]], list[Verdict]]


def files_in(paths: Iterable[Path]) -> list[Path]:
    """The files of conversations: those named, and those in the folders named.

    Raises:
        FilesError: There is no such file, or no conversation in a folder.
    """
    found: dict[Path, None] = {}
    for path in paths:
        below = sorted(path.rglob(f"*{ENDING}")) if path.is_dir() else [path]
        if not below:
            raise FilesError([Mistake(str(path), 1, f"has no file of conversations (*{ENDING})")])
        found.update(dict.fromkeys(below))
    return list(found)


def chosen(paths: Iterable[Path], pattern: str | None) -> list[Script]:
    """The conversations of all files whose name, with the file's, contains a text.

    Raises:
        FilesError: A file has a mistake, also one that no chosen conversation is in.
    """
    wanted = (pattern or "").casefold()
    scripts = read_scripts(files_in(paths))
    return [each for each in scripts if wanted in f"{each.file}: {each.name}".casefold()]


def paired(
    scripts: Sequence[Script], project: Path | None, client: Trillet | None
) -> list[tuple[Script, Pair]]:
    """Whom each conversation is held with.

    Args:
        scripts: The conversations.
        project: The folder of agents and flows; None is that above each file.
        client: Of the workspace whose agents are taken where no folder has any.

    Raises:
        FilesError: An agent or flow is not there, or a file of one has a mistake.
    """
    from pathlib import Path

    read: dict[Path | None, Definitions] = {}
    pairs: list[tuple[Script, Pair]] = []
    mistakes: list[Mistake] = []
    for script in scripts:
        folder = project or project_of(Path(script.file))
        if folder not in read:
            read[folder] = _definitions(folder, client, script)
        for found in read[folder].pairs([script]):
            if isinstance(found, Mistake):
                mistakes.append(found)
            else:
                pairs.append((script, found))
    if mistakes:
        raise FilesError(mistakes)
    return pairs


def _definitions(folder: Path | None, client: Trillet | None, script: Script) -> Definitions:
    if folder is not None:
        return read_folder(folder)
    if client is None:
        text = "there is no folder agents or flows here or above; name one by --project"
        raise FilesError([Mistake(script.file, 1, text)])
    return _of_workspace(client)


def _of_workspace(client: Trillet) -> Definitions:
    """What a workspace has."""
    # Lists show agents whole, and of flows a part.
    agents = list(client.agents.list_all())
    flows = [client.flows.get(str(each["_id"])) for each in client.flows.list_all()]
    for flow in flows:
        agent = flow.get("agent")
        if isinstance(agent, dict):
            flow["agent"] = str(agent.get("_id"))
    return Definitions(
        [Definition(str(each["_id"]), dict(each)) for each in agents],
        [Definition(str(each["_id"]), dict(each)) for each in flows],
    )


def held(
    pairs: Sequence[tuple[Script, Pair]], hold: Hold, at_once: int, *, is_fail_fast: bool
) -> Iterator[Verdict]:
    """The verdicts, in the order of the files, each as soon as it is known."""
    due = [pair for pair in pairs if pair[0].skip is None]
    size = 1 if is_fail_fast else at_once
    verdicts: dict[int, Verdict] = {}
    is_stopped = False
    for start in range(0, len(due), size):
        some = due[start : start + size]
        new = [Verdict(script, NOT_RUN) for script, _ in some] if is_stopped else hold(some)
        verdicts.update({id(verdict.script): verdict for verdict in new})
        failed = any(verdict.result in (FAILED, ERROR) for verdict in new)
        is_stopped = is_stopped or (is_fail_fast and failed)
    for script, _ in pairs:
        yield verdicts.get(id(script)) or Verdict(script, SKIPPED, error=script.skip or "")


def is_good(verdicts: Iterable[Verdict]) -> bool:
    """Whether none failed."""
    return all(verdict.result in (PASSED, SKIPPED) for verdict in verdicts)
