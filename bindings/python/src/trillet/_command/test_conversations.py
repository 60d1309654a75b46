"""``trillet test``: scripted conversations with agents, held on a sandbox."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

from .. import InvalidArgumentError
from .._core.status_line import printable
from .adding import add_command
from .failures import DONE, PROBLEMS
from .replacing import add_overwrite, refuse_others

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from .._conversations.judging import Verdict
    from .._conversations.scripts import Script

_WRONG = 2


def add_test(commands: Any) -> None:
    test = add_command(
        commands,
        "test",
        _test,
        "hold scripted conversations with agents, on a sandbox",
        example="trillet test agents --junit report.xml",
    )
    test.add_argument(
        "paths", nargs="+", metavar="PATH", help="files of conversations (*.test.yaml), or folders"
    )
    test.add_argument("-k", metavar="TEXT", help="only those whose file and name contain this")
    test.add_argument("--fail-fast", action="store_true", help="stop after the first that fails")
    test.add_argument("--list", action="store_true", help="only say which there are")
    test.add_argument("--junit", metavar="FILE", help="also write a JUnit file")
    add_overwrite(test)
    test.add_argument(
        "--project", metavar="DIR", help="the folder with agents and flows (that above each file)"
    )
    test.add_argument(
        "--base-url", metavar="URL", help="a sandbox that runs already, in place of one of its own"
    )
    test.add_argument(
        "--model-url",
        metavar="URL",
        help="let a language model answer (OpenAI's form of chat; its key in TRILLET_MODEL_KEY)",
    )
    test.add_argument("--model", metavar="NAME", help="which one (that of the agent)")
    test.add_argument("--verbose", action="store_true", help="the transcripts of all conversations")


def _test(given: argparse.Namespace) -> int:
    # Here: no other command reads YAML or starts a sandbox.
    from .._conversations.mistakes import FilesError
    from ..testing import SandboxError

    try:
        return _tested(given)
    except FilesError as error:
        for mistake in error.mistakes:
            print(printable(str(mistake)), file=sys.stderr)
        return _WRONG
    except (SandboxError, OSError) as error:
        print(f"trillet: {printable(str(error))}", file=sys.stderr)
        return _WRONG


def _tested(given: argparse.Namespace) -> int:
    from pathlib import Path

    if given.model_url is not None and given.base_url is not None:
        raise InvalidArgumentError("--model-url and --base-url exclude one another", field="model")
    if given.model is not None and given.model_url is None:
        raise InvalidArgumentError("--model needs --model-url", field="model")

    from .._conversations.junit import is_report, write_junit
    from .._conversations.running import chosen, is_good, paired

    scripts = chosen(map(Path, given.paths), given.k)
    if given.list:
        _list(given, scripts)
        return DONE
    if not scripts:
        print(f"trillet: no conversation contains {printable(given.k)} (-k)", file=sys.stderr)
        return _WRONG
    if given.junit is not None:
        refuse_others(given, Path(given.junit), "--junit", "trillet test", is_report)
    begun = time.monotonic()
    project = None if given.project is None else Path(given.project)
    if given.model_url is not None:
        verdicts = _held_by_model(given, paired(scripts, project, None))
    elif given.base_url is None:
        # Before a sandbox is started: nothing runs if an agent is not there.
        pairs = paired(scripts, project, None)
        verdicts = _held(given, pairs)
    else:
        verdicts = _held_there(given, scripts, project)
    seconds = time.monotonic() - begun
    _tell_all(given, verdicts, seconds)
    if given.junit is not None:
        write_junit(Path(given.junit), verdicts, seconds)
    return DONE if is_good(verdicts) else PROBLEMS


def _held(given: argparse.Namespace, pairs: Any) -> list[Verdict]:
    from .._conversations.services import Service

    service = Service()
    try:
        return _on(given, service, service.client(), pairs)
    finally:
        service.close()


def _held_by_model(given: argparse.Namespace, pairs: Any) -> list[Verdict]:
    from .._conversations.chatting import ChatModel
    from .._conversations.holding import MOST_AT_ONCE
    from .._conversations.modelling import ModelStage
    from .._conversations.running import held

    stage = ModelStage(ChatModel(given.model_url, given.model))
    return list(held(pairs, stage.hold, MOST_AT_ONCE, is_fail_fast=given.fail_fast))


def _held_there(
    given: argparse.Namespace, scripts: Sequence[Script], project: Path | None
) -> list[Verdict]:
    from .._conversations.running import paired
    from .._conversations.services import RunningService

    service = RunningService(given.base_url)
    with service.client() as client:
        return _on(given, service, client, paired(scripts, project, client))


def _on(given: argparse.Namespace, service: Any, client: Any, pairs: Any) -> list[Verdict]:
    from .._conversations.holding import MOST_AT_ONCE, Stage
    from .._conversations.running import held

    with Stage(service, client) as stage:
        return list(held(pairs, stage.hold, MOST_AT_ONCE, is_fail_fast=given.fail_fast))


def _list(given: argparse.Namespace, scripts: Sequence[Script]) -> None:
    if given.output == "json":
        listed = [{"file": each.file, "line": each.line, "name": each.name} for each in scripts]
        print(json.dumps({"conversations": listed}))
        return
    for each in scripts:
        print(printable(f"{each.file}:{each.line}: {each.name}"))


def _tell_all(given: argparse.Namespace, verdicts: Sequence[Verdict], seconds: float) -> None:
    from .._conversations.printing import document, lines_of, summary

    if given.output == "json":
        print(json.dumps(document(verdicts, seconds)))
        return
    for verdict in verdicts:
        for line in lines_of(verdict, is_verbose=given.verbose):
            print(printable(line))
    print(summary(verdicts, seconds))
