"""``trillet mcp``: the service as tools for a language model."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import AsyncTrillet, ConfigurationError, InvalidArgumentError
from .adding import add_command
from .clients import settings_of_command

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from .model_context.access import Access


def add_mcp(commands: Any) -> None:
    parser = add_command(
        commands,
        "mcp",
        _run,
        "serve the operations as tools for a language model (MCP), read-only unless allowed",
        acts=True,
        example="trillet mcp --allow-calls +12025550164 --max-calls 3",
    )
    parser.add_argument(
        "--allow-changes", action="store_true", help="offer what creates, changes and deletes"
    )
    parser.add_argument(
        "--allow-calls",
        action="append",
        metavar="FILE_OR_NUMBERS",
        help="offer calls and batches to these numbers: a file with one a line, or +12025550164, "
        "or +1202555* for all that begin with it, with commas between them",
    )
    parser.add_argument(
        "--max-calls", type=int, default=10, metavar="N", help="how many calls in all (10)"
    )
    parser.add_argument(
        "--allow-purchases", action="store_true", help="offer to buy and give up phone numbers"
    )
    parser.add_argument(
        "--no-confirm",
        action="store_true",
        help="call and buy without asking the person; else it is refused where nobody can be asked",
    )
    parser.add_argument(
        "--files", metavar="FOLDER", help="the folder whose files may be read and uploaded"
    )
    parser.add_argument(
        "--http",
        type=int,
        metavar="PORT",
        help="serve over HTTP on this machine, with the token of TRILLET_MCP_TOKEN or a new one",
    )


def _run(given: argparse.Namespace) -> int:
    access = _access(given)
    try:
        import anyio
        import mcp.server.lowlevel
    except ImportError as error:
        raise ConfigurationError(
            f"trillet mcp needs the package mcp, and Python 3.10 or later ({error}): "
            "pip install 'trillet[mcp]'",
            field="mcp",
        ) from None
    del mcp
    try:
        anyio.run(_serve, access, given.http)
    except KeyboardInterrupt:
        print("ended", file=sys.stderr)
    return 0


def _access(given: argparse.Namespace) -> Access:
    # Here: every other command starts without them.
    from .model_context.access import Access
    from .model_context.numbers import AllowedNumbers

    if given.max_calls < 1:
        raise InvalidArgumentError("--max-calls must be 1 or more", field="max-calls")
    folder = None if given.files is None else Path(given.files)
    if folder is not None and not folder.is_dir():
        raise InvalidArgumentError(f"--files: {given.files} is no folder", field="files")
    return Access(
        changes=given.allow_changes,
        purchases=given.allow_purchases,
        numbers=None if given.allow_calls is None else AllowedNumbers.named(given.allow_calls),
        max_calls=given.max_calls,
        confirms=not given.no_confirm,
        files=folder,
    )


async def _serve(access: Access, port: int | None) -> None:
    from .model_context.running import Runner
    from .model_context.server import make_server

    found = settings_of_command()
    async with AsyncTrillet(
        found.api_key.value,
        found.workspace.value,
        base_url=found.base_url.value,
        validate="strict",
        user_agent="trillet-mcp",
    ) as client:
        server = make_server(Runner(client, access))
        if port is None:
            from .model_context.stdio import serve_stdio

            with _ended_by_sigterm():
                await serve_stdio(server)
        else:
            from .model_context.http import listen, serve_http

            await serve_http(server, listen(port))


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Has SIGTERM end the server as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
