"""Completions of bash, zsh and fish, which run no command while somebody types."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .model import Command, Option


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _names(options: Sequence[Option]) -> list[str]:
    return [name for option in options for name in option.names]


def _shell_name(command: Command) -> str:
    return "_" + command.name.replace("-", "_").replace(" ", "_")


# MARK: bash

# Without a completion that bash runs (as in a test) there is no option to set.
_BASH_FILES = 'compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$word")'


def bash(command: Command) -> str:
    function = _shell_name(command)
    lines = [
        f"# Completion of {command.name} for bash.",
        "",
        f"{function}() {{",
        "    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}",
        f"    local path={_quoted(command.name)} offered='' at",
        "    COMPREPLY=()",
        "    for ((at = 1; at < COMP_CWORD; at++)); do",
        '        case "$path ${COMP_WORDS[at]}" in',
    ]
    below = [each.name for each in list(command.walk())[1:]]
    lines += [f'        {_quoted(name)}) path+=" ${{COMP_WORDS[at]}}" ;;' for name in below]
    lines += ["        esac", "    done", '    case "$path $previous" in']
    for each in command.walk():
        for option in each.options:
            lines += _bash_value(each, option)
    lines += ["    esac", '    case "$path" in']
    for each in command.walk():
        words = [*_names(each.options), *(one.name for one in each.commands)]
        words += [choice for option in each.positionals for choice in option.choices]
        lines.append(f"    {_quoted(each.name)}) offered={_quoted(' '.join(words))} ;;")
    files_at = [each.name for each in command.walk() if any(o.takes_file for o in each.positionals)]
    lines += ["    esac", '    mapfile -t COMPREPLY < <(compgen -W "$offered" -- "$word")']
    if files_at:
        lines += [
            f'    case "$path" in {" | ".join(map(_quoted, files_at))})',
            f"        [[ $word == -* ]] || {{ {_BASH_FILES}; }} ;;",
            "    esac",
        ]
    return "\n".join([*lines, "}", f"complete -F {function} {command.name}"]) + "\n"


def _bash_value(command: Command, option: Option) -> Iterator[str]:
    if not option.value or not option.names:
        return
    cases = " | ".join(_quoted(f"{command.name} {name}") for name in option.names)
    if option.choices:
        words = _quoted(" ".join(option.choices))
        offer = f'mapfile -t COMPREPLY < <(compgen -W {words} -- "$word")'
    elif option.takes_file:
        offer = _BASH_FILES
    else:
        offer = ":"
    yield f"    {cases}) {offer}; return ;;"


# MARK: zsh


def zsh(command: Command) -> str:
    lines = [f"#compdef {command.name}", f"# Completion of {command.name} for zsh.", ""]
    for each in command.walk():
        lines += _zsh_function(each)
    name = _shell_name(command)
    # The first where zsh finds the file in a folder and runs it, the second where it is sourced.
    lines += [
        f"if [[ $funcstack[1] == _{command.name} ]]; then",
        f'    {name} "$@"',
        "else",
        f"    compdef {name} {command.name}",
        "fi",
    ]
    return "\n".join(lines) + "\n"


def _zsh_function(command: Command) -> Iterator[str]:
    yield f"{_shell_name(command)}() {{"
    yield "    local context state state_descr line"
    yield "    typeset -A opt_args"
    arguments = [spec for option in command.options for spec in _zsh_option(option)]
    for option in command.positionals:
        colons = ":" if option.is_required else "::"
        arguments.append(f"{colons}{_zsh_text(option.value)}:{_zsh_action(option)}")
    if command.commands:
        arguments += ["1: :->command", "*:: :->rest"]
    yield "    _arguments -C \\"
    yield from (f"        {_quoted(argument)} \\" for argument in arguments[:-1])
    yield f"        {_quoted(arguments[-1])}"
    if command.commands:
        yield "    case $state in"
        yield "    command)"
        yield "        local -a commands=("
        yield from (
            f"            {_quoted(f'{each.name}:{each.summary.rstrip(chr(46))}')}"
            for each in command.commands
        )
        yield "        )"
        yield "        _describe command commands ;;"
        yield "    rest)"
        yield "        case $line[1] in"
        for each in command.commands:
            name = _shell_name(command) + _shell_name(each)
            yield f"        {each.name}) {name} ;;"
        yield "        esac ;;"
        yield "    esac"
    yield "}"
    yield ""


def _zsh_text(text: str) -> str:
    """Text within a specification, where brackets and colons have a meaning."""
    return "".join("\\" + letter if letter in "[]:\\" else letter for letter in text)


def _zsh_action(option: Option) -> str:
    if option.choices:
        return f"({' '.join(option.choices)})"
    return "_files" if option.takes_file else " "


def _zsh_option(option: Option) -> Iterator[str]:
    value = f":{_zsh_text(option.value.lower())}:{_zsh_action(option)}" if option.value else ""
    others = f"({' '.join(option.names)})" if not option.is_repeated else "*"
    for name in option.names:
        yield f"{others}{name}[{_zsh_text(option.help.rstrip('.'))}]{value}"


# MARK: fish


def fish(command: Command) -> str:
    lines = [f"# Completion of {command.name} for fish.", *_fish_path(command)]
    lines.append(f"complete -c {command.name} -f")
    for each in command.walk():
        condition = _fish_condition(command, each)
        for below in each.commands:
            summary = _fish_quoted(below.summary.rstrip("."))
            lines.append(f"{condition} -a {below.name} -d {summary}")
        for option in each.options:
            lines.append(f"{condition} {_fish_option(option)}")
        for option in each.positionals:
            if option.takes_file:
                lines.append(f"{condition} -F")
    return "\n".join(lines) + "\n"


def _fish_path(command: Command) -> Iterator[str]:
    """A function that prints the command that has been typed: 'trillet batch call'.

    Whether a word was seen is not enough: 'call' is a command of its own, too.
    """
    names = [each.name for each in list(command.walk())[1:]]
    yield f"function {_shell_name(command)}_path"
    yield f"    set -l path {_fish_quoted(command.name)}"
    yield "    for word in (commandline -opc)[2..-1]"
    if names:
        yield '        switch "$path $word"'
        yield f"            case {' '.join(map(_fish_quoted, names))}"
        yield '                set path "$path $word"'
        yield "        end"
    yield "    end"
    yield "    echo $path"
    yield "end"


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _fish_condition(top: Command, command: Command) -> str:
    test = f"test ({_shell_name(top)}_path) = {_fish_quoted(command.name)}"
    return f"complete -c {top.name} -n {_fish_quoted(test)}"


def _fish_option(option: Option) -> str:
    words = [
        f"-l {name.removeprefix('--')}" if name.startswith("--") else f"-s {name[1:]}"
        for name in option.names
    ]
    if option.choices:
        words.append(f"-x -a {_fish_quoted(' '.join(option.choices))}")
    elif option.value:
        words.append("-r -F" if option.takes_file else "-x")
    return " ".join([*words, "-d", _fish_quoted(option.help.rstrip("."))])
