"""The parser of one verb."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from ..._core.secret_naming import is_secret
from ..adding import add_dry_run
from ..answers.printer import add_output_arguments
from ..parsers import CommandParser
from ..replacing import add_overwrite
from .asking import QUESTIONS
from .examples import example
from .requests import FIELD
from .table import RECORDS
from .times import moment
from .values import reader
from .words import flags, hyphenated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .described import Field, Operation

_METAVARS = {
    "string": "TEXT",
    "integer": "N",
    "number": "N",
    "boolean": "BOOL",
    "map": "JSON",
    "any": "JSON",
}
# What the command has instead, for every list.
_OF_PAGES = ("page", "limit")


class VerbParser(CommandParser):
    """Takes members of objects that the description does not have: `--settings.newOne 3`."""

    # The flags of fields that are objects, with the fields' names.
    objects: dict[str, str]

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        words, further = self._without_further(list(args or ()))
        given, rest = super().parse_known_args(words, namespace)
        if rest:
            self.error(f"unrecognized arguments: {' '.join(rest)}")
        given.further_members = further
        return given, rest

    def _without_further(
        self, words: list[str]
    ) -> tuple[list[str], list[tuple[tuple[str, ...], str]]]:
        kept, further, at = [], [], 0
        while at < len(words):
            flag, equals, value = words[at].partition("=")
            start, dot, path = flag.partition(".")
            at += 1
            if not dot or flag in self._option_string_actions or start not in self.objects:
                kept.append(words[at - 1])
                continue
            if not all(path.split(".")):
                self.error(f"argument {flag}: a name is missing between its dots")
            if not equals:
                if at == len(words):
                    self.error(f"argument {flag}: expected one argument")
                value = words[at]
                at += 1
            further.append(((self.objects[start], *path.split(".")), value))
        return kept, further


def fill_verb(parser: VerbParser, operation: Operation) -> None:
    """Gives a parser the arguments of its operation."""
    parser.allow_abbrev = False
    parser.objects = {}
    names = {field.name for field in operation.fields}
    taken = frozenset(map(hyphenated, names))
    needed = parser.add_argument_group("needed")
    fields = parser.add_argument_group("fields")
    if operation.list_member:
        _add_page_arguments(fields, operation)
    for field in operation.fields:
        if field.name in _OF_PAGES and operation.list_member:
            continue
        if field.place == "path":
            _add_positional(parser, field)
        elif field.place == "file":
            parser.add_argument(
                f"{FIELD}{field.name}", metavar="FILE", help="the file; - reads standard input"
            )
        elif field.place == "download":
            needed.add_argument(
                "--file", dest=f"{FIELD}{field.name}", metavar="FILE", required=True,
                help="write the recording here",
            )  # fmt: skip
            add_overwrite(parser)
        elif field.place != "text" and not is_secret(field.name):
            groups = (needed, fields) if field.is_required else (fields, fields)
            _add_field(parser, groups, field, (field.name,), taken)
    _add_further(parser, operation, fields)
    add_output_arguments(parser.add_argument_group("output"), has_color="color" in names)
    parser.show_examples(example(operation))
    parser.usage = _usage(parser)


def _usage(parser: VerbParser) -> str:
    """What must be given, and no more: the options of some verbs would fill a screen."""
    places = [
        str(action.metavar or action.dest)
        for action in parser._actions
        if not action.option_strings and action.nargs != 0
    ]
    return " ".join(["%(prog)s", *places, "[OPTIONS]"])


def _add_page_arguments(group: Any, operation: Operation) -> None:
    group.add_argument(
        "--limit", type=count_of, default=20, metavar="N", help="the most to list (20)"
    )
    group.add_argument("--all", action="store_true", help="list all of them, page by page")
    if operation.id == "calls.history":
        example = "90m, 1h, 2d, 2031-03-04, 2031-03-04T15:00:00Z"
        group.add_argument(
            "--since", type=moment, metavar="TIME", help=f"only calls since then: {example}"
        )
        group.add_argument("--until", type=moment, metavar="TIME", help="only calls until then")


def count_of(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1")
    return int(text)


def _add_positional(parser: VerbParser, field: Field) -> None:
    name = hyphenated(field.name).upper().replace("-", "_")
    parser.add_argument(f"{FIELD}{field.name}", metavar=name, help=_help(field))


def _add_field(
    parser: VerbParser,
    groups: tuple[Any, Any],
    field: Field,
    path: tuple[str, ...],
    taken: frozenset[str],
) -> None:
    """``groups``: of what is needed, and of the rest."""
    names = flags(path, taken)
    more: dict[str, Any] = {}
    if field.is_list:
        more["action"] = "extend"
    if field.choices:
        more["choices"] = field.choices
    groups[0 if field.is_required else 1].add_argument(
        *names,
        dest=FIELD + ".".join(path),
        type=reader(field),
        default=argparse.SUPPRESS,
        metavar=_metavar(field),
        help=_help(field),
        **more,
    )
    kind = field.plain_type
    if len(path) == 1 and (field.record or kind in ("map", "any")):
        parser.objects[names[0]] = field.name
    if field.record:
        fields = groups[1]
        for member in RECORDS[field.record]:
            if not is_secret(member.name):
                both = groups if member.is_required else (fields, fields)
                _add_field(parser, both, member, (*path, member.name), taken)


def _metavar(field: Field) -> str:
    if field.choices:
        return "WORD"
    kind = field.plain_type
    if field.is_list:
        kind = kind.partition(":")[2]
    if "|" in kind:
        return "TEXT|JSON" if "string" in kind.split("|") else "JSON"
    return _METAVARS.get(kind, "JSON")


def _help(field: Field) -> str:
    text = field.description.replace("`", "").rstrip(".")
    if field.choices and not all(choice in text for choice in field.choices):
        text += f"; {', '.join(field.choices[:-1])} or {field.choices[-1]}"
    if field.is_list:
        text += "; may be repeated"
    if field.type.startswith("nullable:") and "null" not in text:
        text += "; null for none"
    if field.plain_type == "boolean":
        text += " (true or false)"
    return text.replace("%", "%%")


def _add_further(parser: VerbParser, operation: Operation, fields: Any) -> None:
    if any(field.place == "body" for field in operation.fields):
        fields.add_argument(
            "--data", metavar="FILE|-", help="the fields as a JSON object; flags win over it"
        )
    if operation.can_merge:
        fields.add_argument(
            "--merge",
            action="store_true",
            help="get the whole document, change it and send it back, as published routes need",
        )
    if operation.answer == "text":
        parser.add_argument("--file", metavar="FILE", help="write it here, not to standard output")
        add_overwrite(parser)
    if operation.lists and not any(field.name == "limit" for field in operation.fields):
        parser.add_argument("--limit", type=count_of, metavar="N", help="the most to list")
    if operation.id in QUESTIONS:
        parser.add_argument("--yes", "-y", action="store_true", help="do it without a question")
    add_dry_run(parser)
