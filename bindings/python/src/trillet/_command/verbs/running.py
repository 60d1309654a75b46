"""Runs a verb: the request, and what becomes of its answer."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ... import InvalidArgumentError
from ..answers.printer import Printer
from ..asking import agreed
from ..clients import client_of_command
from ..failures import DONE
from ..output import write
from ..replacing import refuse_others
from .asking import QUESTIONS, question
from .columns import columns_of
from .requests import request_fields
from .words import resource_word, snake, verb_word

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from ... import Trillet
    from .described import Operation

_LARGEST_PAGE = 100


def run_verb(given: argparse.Namespace) -> int:
    """Runs the verb that the arguments name."""
    operation: Operation = given.verb
    # Before anything is sent: a mistake in --query must not follow on a purchase.
    printer = Printer(given, columns_of(operation))
    fields = request_fields(given, operation)
    _keep_others(given, operation, fields)
    if operation.list_member:
        return _list(given, operation, fields, printer)
    with _uploaded(given, fields), client_of_command() as client:
        if operation.id in QUESTIONS:
            name = f"{resource_word(operation.resource)} {verb_word(operation)}"
            agreed(given, lambda: question(operation.id, client, fields), name=name)
        _show(given, operation, _answer(given, operation, client, fields), printer)
    return DONE


def _keep_others(given: argparse.Namespace, operation: Operation, fields: dict[str, Any]) -> None:
    """Before anything is sent: whether a text or a recording was exported before shows in none."""
    is_download = any(field.place == "download" for field in operation.fields)
    path = fields["file"] if is_download else getattr(given, "file", None)
    if path is not None and not given.dry_run:
        refuse_others(given, Path(path), "--file")


def _answer(
    given: argparse.Namespace, operation: Operation, client: Trillet, fields: dict[str, Any]
) -> Any:
    if getattr(given, "merge", False):
        place = next(field.name for field in operation.fields if field.place == "path")
        resource: Any = getattr(client, operation.resource)
        return resource.update(fields.pop(place), merge=True, extra_fields=fields)
    return client.call(operation.id, fields).data


def _show(given: argparse.Namespace, operation: Operation, data: Any, printer: Printer) -> None:
    if operation.answer == "text" and isinstance(data, dict) and "text" in data:
        _text(given, str(data["text"]), data, printer)
    elif operation.lists:
        printer.items(islice(_items(data), getattr(given, "limit", None)))
    else:
        printer.answer(data)


def _text(given: argparse.Namespace, text: str, data: Any, printer: Printer) -> None:
    """An answer that is a file."""
    if given.file is not None:
        _write(given.file, text)
        print(f"{given.file}: {len(text.encode())} bytes", file=sys.stderr)
    elif given.output is not None or given.query is not None:
        printer.answer(data)
    else:
        write(text)


def _write(path: str, text: str) -> None:
    try:
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise InvalidArgumentError(f"--file: {path}: {error.strerror}", field="file") from None


def _items(data: Any) -> Iterable[Any]:
    """What an answer lists: an array, one within an object, or a single object."""
    if isinstance(data, list):
        return data
    if isinstance(data, dict):
        lists = [value for value in data.values() if isinstance(value, list)]
        return lists[0] if len(lists) == 1 and "_id" not in data else [data]
    return [] if data is None else [data]


def _list(
    given: argparse.Namespace, operation: Operation, fields: dict[str, Any], printer: Printer
) -> int:
    most = None if given.all else given.limit
    _add_range(given, fields)
    name = operation.method_name
    method = "list_all" if name == "list" else f"list_all_{name.replace('list_', '')}"
    arguments = {snake(field): value for field, value in fields.items()}
    with client_of_command() as client:
        list_all = getattr(getattr(client, operation.resource), method)
        page = _LARGEST_PAGE if most is None else min(most, _LARGEST_PAGE)
        place = [arguments.pop(snake(f.name)) for f in operation.fields if f.place == "path"]
        with list_all(*place, **arguments, limit=page) as items:
            shown = _Counted(islice(items, most))
            printer.items(shown)
    if most is not None and shown.count == most and sys.stderr.isatty() and sys.stdout.isatty():
        print(f"the first {most}; --limit N or --all lists more", file=sys.stderr)
    return DONE


class _Counted:
    """An iterator that knows how many it has given."""

    def __init__(self, items: Iterator[Any]) -> None:
        self._items = items
        self.count = 0

    def __iter__(self) -> Iterator[Any]:
        for item in self._items:
            self.count += 1
            yield item


def _add_range(given: argparse.Namespace, fields: dict[str, Any]) -> None:
    since, until = getattr(given, "since", None), getattr(given, "until", None)
    if since is None and until is None:
        return
    if "dateRange" in fields:
        raise InvalidArgumentError("--since and --until are the --date-range", field="since")
    times = {"from": since, "to": until}
    fields["dateRange"] = {name: time for name, time in times.items() if time is not None}


@contextmanager
def _uploaded(given: argparse.Namespace, fields: dict[str, Any]) -> Iterator[None]:
    """The file of an upload; standard input becomes one, for it may be sent again."""
    given.uploaded = fields.get("file")
    if fields.get("file") != "-" or given.verb.answer == "binary":
        yield
        return
    with tempfile.TemporaryDirectory(prefix="trillet-") as folder:
        is_contacts = given.verb.resource == "batch_calls"
        path = os.path.join(folder, "contacts.csv" if is_contacts else "file")
        with open(path, "wb") as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
        fields["file"] = path
        yield
