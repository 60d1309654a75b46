"""How a command is added to those of a parser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


class Add(Protocol):
    """`add_command`, for the modules that have commands of their own."""

    def __call__(
        self,
        commands: Any,
        name: str,
        run: Callable[[argparse.Namespace], int],
        summary: str,
        *,
        acts: bool = False,
    ) -> argparse.ArgumentParser: ...


def add_command(
    commands: Any,
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
    *,
    acts: bool = False,
) -> argparse.ArgumentParser:
    """A command. One that acts may have done its work although it failed."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=summary, description=summary[0].upper() + summary[1:] + "."
    )
    parser.add_argument(
        "--output", choices=("table", "json"), default="table", help="for people or for programs"
    )
    parser.set_defaults(run=run, acts=acts, starts_batch=False)
    return parser
