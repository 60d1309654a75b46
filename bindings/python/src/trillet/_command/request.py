"""The command ``trillet request``: any operation of the API."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from .. import InvalidArgumentError, operations
from .._core.secret_naming import is_secret
from .adding import add_command
from .answers.cells import indented
from .answers.query import compiled
from .clients import client_of_command
from .output import show
from .verbs.requests import refuse_secrets

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

_INSTEAD = "give the fields from standard input: trillet request OPERATION - < FILE"


def add_request(commands: Any) -> None:
    parser = add_command(
        commands,
        "request",
        run_request,
        "any operation of the API",
        acts=True,
        sends=True,
        example="""trillet request agents.get '{"agentId":"5d1c0a77e2b94f0013ab6c21"}'""",
    )
    parser.add_argument("--query", metavar="EXPR", help="only this part of the answer (JMESPath)")
    parser.add_argument("operation", help='its name, or a method and a path ("GET /v2/api/…")')
    parser.add_argument(
        "fields",
        nargs="*",
        help="""its fields as one JSON object, such as '{"agentId":"…"}'; - reads standard """
        "input, as secrets need",
    )


def take_rest(
    parser: argparse.ArgumentParser, given: argparse.Namespace, rest: Sequence[str]
) -> None:
    """Fields that stand behind an option: the parser has no place for them there."""
    if given.run is not run_request or any(word[:1] == "-" != word for word in rest):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    given.fields = [*given.fields, *rest]


def run_request(given: argparse.Namespace) -> int:
    given.acts = not _only_asks(given.operation)
    _refuse_in_query(given.operation)
    fields = _fields(given.fields)
    query = None if given.query is None else compiled(given.query, acts=given.acts)
    with client_of_command() as client:
        data = client.call(given.operation, fields).data
    if query is not None:
        data = query(data)
    show(given, data, indented(data))
    return 0


def _fields(words: Sequence[str]) -> str:
    if not words:
        return "{}"
    if words == ["-"]:
        return sys.stdin.read()
    if len(words) > 1 or not words[0].lstrip().startswith("{"):
        raise InvalidArgumentError(
            "the fields are one JSON object in quotes: "
            """trillet request agents.get '{"agentId":"…"}'""",
        )
    try:
        given = json.loads(words[0])
    except (ValueError, RecursionError):
        # The library says what is wrong with it.
        return words[0]
    refuse_secrets(given, instead=_INSTEAD)
    return words[0]


def _refuse_in_query(operation: str) -> None:
    query = operation.partition("?")[2]
    if any(is_secret(name) for name, _ in parse_qsl(query)):
        raise InvalidArgumentError(
            "the query has a secret, and everybody on this machine can read the arguments of a "
            f"command, and the shell keeps them: {_INSTEAD}",
            field="operation",
        )


def _only_asks(operation: str) -> bool:
    if " " in operation:
        return operation.startswith("GET ")
    return any(known["id"] == operation and known["method"] == "GET" for known in operations())
