"""How a command is added to those of a parser."""

from __future__ import annotations

import argparse
import textwrap
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
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
        example: str = "",
    ) -> argparse.ArgumentParser: ...


def add_command(
    commands: Any,
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
    *,
    acts: bool = False,
    example: str = "",
) -> argparse.ArgumentParser:
    """A command. One that acts may have done its work although it failed."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=textwrap.fill(summary[0].upper() + summary[1:] + ".", 78),
        epilog=f"example:\n  {example}\n" if example else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--output", choices=("table", "json"), default="table", help="for people or for programs"
    )
    add_profile_option(parser)
    parser.set_defaults(run=run, acts=acts, starts_batch=False)
    return parser


def add_group(programs: Any, name: str, summary: str) -> Any:
    """A command that has commands below it."""
    group = programs.add_parser(name, help=summary)
    add_profile_option(group)
    return group.add_subparsers(metavar="COMMAND", required=True)


def add_profile_option(parser: argparse.ArgumentParser, default: Any = argparse.SUPPRESS) -> None:
    """The option of all commands; one that stands before the verb is not forgotten after it."""
    parser.add_argument(
        "--profile", metavar="NAME", default=default, help="the account to work with"
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
