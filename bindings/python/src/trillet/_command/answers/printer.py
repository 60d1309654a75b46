"""Prints answers as the options of the command ask for it."""

from __future__ import annotations

import sys
from itertools import chain
from typing import TYPE_CHECKING, Any

from ... import InvalidArgumentError
from ..output import one_line, write
from .cells import compact, indented, member, text_of
from .query import compiled
from .spreadsheet import csv_line
from .table import is_coloured, table

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Sequence

SHAPES = ("table", "json", "jsonl", "csv")


def add_output_arguments(parser: Any, *, has_color: bool = False) -> None:
    """The options that say how an answer is shown; of one that has a color itself, but for it."""
    shapes = parser.add_mutually_exclusive_group()
    shapes.add_argument(
        "--output",
        choices=SHAPES,
        metavar="SHAPE",
        help="table, json, jsonl or csv; default: table on a terminal, else fields between tabs",
    )
    shapes.add_argument(
        "--json", dest="output", action="store_const", const="json", help="as --output json"
    )
    parser.add_argument(
        "--query", metavar="EXPR", help="only this part of the answer (JMESPath: '[].name')"
    )
    parser.add_argument(
        "--columns", metavar="A,B", help="these members, in the API's words: name,agent._id"
    )
    if not has_color:
        parser.add_argument(
            "--color",
            choices=("auto", "always", "never"),
            default="auto",
            metavar="WHEN",
            help="auto, always or never",
        )


class Printer:
    """Knows before anything is sent whether its options make sense."""

    def __init__(self, given: argparse.Namespace, columns: Sequence[str] = ()) -> None:
        self._shape: str | None = given.output
        query, acts = given.query, getattr(given, "acts", False)
        self._query = None if query is None else compiled(query, acts=acts)
        self._asked = _columns(given.columns)
        self._columns = columns
        self._coloured = is_coloured(getattr(given, "color", "auto"))
        if self._asked and self._shape in ("json", "jsonl"):
            raise InvalidArgumentError(
                f"--columns is for table and csv; with --output {self._shape} use --query",
                field="columns",
            )

    def items(self, items: Iterable[Any]) -> None:
        """A list, of which no more is kept than a table needs for its widths."""
        if self._query is not None:
            self._any(self._query(list(items)))
        else:
            self._list(items, self._columns)

    def answer(self, value: Any) -> None:
        """One answer."""
        self._any(value if self._query is None else self._query(value))

    def _any(self, value: Any) -> None:
        if isinstance(value, list):
            self._list(value, ())
        elif self._shape == "json":
            print(indented(value))
        elif self._shape == "jsonl":
            print(compact(value))
        elif self._shape == "csv":
            self._rows([value], ())
        elif self._asked and isinstance(value, dict):
            self._list([value], ())
        elif isinstance(value, dict):
            for line in _details(value):
                print(line)
        else:
            print(one_line(text_of(value)))

    def _list(self, items: Iterable[Any], columns: Sequence[str]) -> None:
        if self._shape == "json":
            for piece in _array(items):
                sys.stdout.write(piece)
        elif self._shape == "jsonl":
            for item in items:
                print(compact(item))
        elif self._shape == "csv":
            self._rows(items, columns)
        else:
            self._table(items, columns)

    def _rows(self, items: Iterable[Any], columns: Sequence[str]) -> None:
        rest = iter(items)
        first = next(rest, None)
        shown = self._asked or list(columns) or _members(first)
        if not isinstance(first, list):
            write(csv_line(shown or ["value"]))
        for item in chain(() if first is None else (first,), rest):
            write(csv_line(_texts(item, shown)))

    def _table(self, items: Iterable[Any], columns: Sequence[str]) -> None:
        rest = iter(items)
        first = next(rest, None)
        if first is None:
            if sys.stdout.isatty():
                print("nothing found", file=sys.stderr)
            return
        shown = self._asked or list(columns) or _members(first)
        every = chain((first,), rest)
        if shown and (self._shape == "table" or sys.stdout.isatty()):
            whole = bool(self._asked)
            for line in table(every, shown, coloured=self._coloured, all_columns=whole):
                print(line)
        else:
            for item in every:
                print("\t".join(map(one_line, _texts(item, shown))))


def _columns(text: str | None) -> list[str]:
    names = [] if text is None else [name.strip() for name in text.split(",")]
    if text is not None and not all(names):
        raise InvalidArgumentError(
            f"--columns is a list of names with commas between them; got {text!r}", field="columns"
        )
    return names


def _members(item: Any) -> list[str]:
    """The members of an object that has no columns of its own."""
    return list(item) if isinstance(item, dict) else []


def _texts(item: Any, columns: Sequence[str]) -> list[str]:
    """The cells of a row; what has no members is a cell, or a list of them."""
    if columns:
        return [text_of(member(item, column)) for column in columns]
    return [text_of(each) for each in (item if isinstance(item, list) else [item])]


def _array(items: Iterable[Any]) -> Iterator[str]:
    """A JSON array, an item at a time."""
    start = "["
    for item in items:
        yield f"{start}\n  " + indented(item).replace("\n", "\n  ")
        start = ","
    yield "[]\n" if start == "[" else "\n]\n"


def _details(answer: dict[str, Any], before: str = "") -> Iterator[str]:
    """The members of an answer, a line for each; those of objects with their names before."""
    for name, value in answer.items():
        if isinstance(value, dict) and value:
            yield from _details(value, f"{before}{name}.")
        elif value is not None:
            yield f"{one_line(before + name)}: {one_line(text_of(value))}"
