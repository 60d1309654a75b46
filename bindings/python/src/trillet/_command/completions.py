"""``trillet completion``: for those who have the command from pip, and so no files for a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .adding import add_group

if TYPE_CHECKING:
    import argparse

    from .parsers import CommandParser

_EXAMPLES = {
    "bash": "trillet completion bash > ~/.local/share/bash-completion/completions/trillet",
    "zsh": 'trillet completion zsh > "${fpath[1]}/_trillet"',
    "fish": "trillet completion fish > ~/.config/fish/completions/trillet.fish",
}


def add_completion(programs: Any) -> None:
    summary = "print what bash, zsh or fish needs to complete the command"
    commands = add_group(programs, "completion", summary, *_EXAMPLES.values())
    for shell, example in _EXAMPLES.items():
        summary = f"print the completion of {shell}"
        parser: CommandParser = commands.add_parser(
            shell, help=summary, description=summary.capitalize() + "."
        )
        parser.show_examples(example)
        parser.set_defaults(run=_run, acts=False, shell=shell)


def _run(given: argparse.Namespace) -> int:
    from .completion import scripts
    from .completion.model import of_parser

    # It is asked for, and not imported: the command knows its parts, not they the command.
    command = of_parser(given.whole_parser(), "trillet", "")
    write = {"bash": scripts.bash, "zsh": scripts.zsh, "fish": scripts.fish}[given.shell]
    print(write(command), end="")
    return 0
