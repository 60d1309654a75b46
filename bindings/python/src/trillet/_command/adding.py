"""How a command is added to those of a parser."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from .parsers import CommandParser


def add_command(
    commands: Any,
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
    *,
    acts: bool = False,
    sends: bool = False,
    example: str | None = None,
) -> CommandParser:
    """A command. One that acts may have done its work although it failed; of one that sends,
    --dry-run shows what."""
    parser: CommandParser = commands.add_parser(
        name, help=summary, description=summary[0].upper() + summary[1:] + "."
    )
    parser.add_argument(
        "--output", choices=("table", "json"), default="table", help="for people or for programs"
    )
    parser.add_argument(
        "--json", dest="output", action="store_const", const="json", help="as --output json"
    )
    if sends:
        add_dry_run(parser)
    if example is not None:
        parser.show_examples(example)
    parser.set_defaults(run=run, acts=acts, starts_batch=False)
    return parser


def add_group(programs: Any, name: str, summary: str, *examples: str) -> Any:
    """A command that has commands below it."""
    group: CommandParser = programs.add_parser(
        name, help=summary, description=summary[0].upper() + summary[1:] + "."
    )
    if examples:
        group.show_examples(*examples)
    return group.add_subparsers(metavar="COMMAND", required=True)


def add_dry_run(parser: Any) -> None:
    """The option that shows instead of sending."""
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="print the request as a command for curl, without the key, and send nothing",
    )


def refuse_secrets(parser: argparse.ArgumentParser, instead: str, *options: str) -> None:
    """Answers options that people try with what to do; the value is in no message."""

    class Refuse(argparse.Action):
        def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
            parser.error(
                f"{self.option_strings[0]} does not exist, for everybody on this machine can read "
                f"the arguments of a program: {instead}"
            )

    for option in options:
        parser.add_argument(option, action=Refuse, help=argparse.SUPPRESS)
