"""The fields of a request, from flags and from ``--data``."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from ... import InvalidArgumentError
from ..._core.secret_naming import is_secret
from .values import parsed, read_value
from .words import flags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .described import Operation

# Before the name of a flag's place in the namespace.
FIELD = "field:"
_INSTEAD = "give it in --data FILE, or by --data - from standard input"


def request_fields(given: argparse.Namespace, operation: Operation) -> dict[str, Any]:
    """What is sent: the flags lie above what --data has.

    Raises:
        InvalidArgumentError: Something is missing, or goes nowhere.
    """
    fields = _data(given.data) if getattr(given, "data", None) is not None else {}
    named = {
        name[len(FIELD) :]: value for name, value in vars(given).items() if name.startswith(FIELD)
    }
    for name, value in named.items():
        refuse_secrets(value, name)
    # An object before its members, which lie above it.
    for path in sorted(named, key=lambda path: path.count(".")):
        _put(fields, path.split("."), named[path])
    for path, text in getattr(given, "further_members", ()):
        refuse_secrets(text, ".".join(path))
        _put(fields, list(path), _guessed(text))
    _require(fields, operation)
    return fields


def refuse_secrets(value: Any, path: str = "", instead: str = _INSTEAD) -> None:
    """Of what is written on the command line, where everybody on the machine can read it."""
    name = path.rpartition(".")[2]
    if value and is_secret(name):
        raise InvalidArgumentError(
            f"{path} is a secret, and everybody on this machine can read the arguments of a "
            f"command, and the shell keeps them: {instead}",
            field=path,
        )
    if isinstance(value, dict):
        for below, inner in value.items():
            refuse_secrets(inner, f"{path}.{below}" if path else below, instead)
    elif isinstance(value, list):
        for inner in value:
            refuse_secrets(inner, path, instead)


def _put(fields: dict[str, Any], path: list[str], value: Any) -> None:
    at = fields
    for depth, name in enumerate(path[:-1]):
        below = at.setdefault(name, {})
        if not isinstance(below, dict):
            outer, inner = (flags(tuple(path[:end]))[0] for end in (depth + 1, len(path)))
            raise InvalidArgumentError(
                f"{inner} is a member of {outer}, which is given as something else than an object",
                field=inner.lstrip("-"),
            )
        at = below
    at[path[-1]] = value


def _guessed(text: str) -> Any:
    """Of a member that the description does not have: JSON, or else the text."""
    return read_value(text, "any")


def _require(fields: Mapping[str, Any], operation: Operation) -> None:
    missing = [
        field
        for field in operation.fields
        if field.is_required and field.place != "path" and field.name not in fields
    ]
    if not missing:
        return
    names = " and ".join(
        "credentials in --data" if is_secret(field.name) else flags((field.name,))[-1]
        for field in missing
    )
    verb = "are" if len(missing) > 1 or missing[0].name == "credentials" else "is"
    raise InvalidArgumentError(f"{names} {verb} missing", field=names.split(" ")[0].lstrip("-"))


def _data(place: str) -> dict[str, Any]:
    """The object in a file, on standard input, or on the command line itself."""
    if place.lstrip().startswith("{"):
        text, name = place, "--data"
    else:
        text, name = _read(place), "standard input" if place == "-" else place
    try:
        value = parsed(text, name)
    except argparse.ArgumentTypeError as error:
        told = str(error) if name == "--data" else f"--data: {error}"
        raise InvalidArgumentError(told, field="data") from None
    if text is place:
        refuse_secrets(value)
    if not isinstance(value, dict):
        raise InvalidArgumentError(
            f"--data: {name} has JSON of type {type(value).__name__}; the fields are one object",
            field="data",
        )
    return value


def _read(place: str) -> str:
    try:
        if place == "-":
            return sys.stdin.buffer.read().decode("utf-8-sig")
        with open(place, encoding="utf-8-sig") as file:
            return file.read()
    except OSError as error:
        raise InvalidArgumentError(f"--data: {place}: {error.strerror}", field="data") from None
    except UnicodeDecodeError as error:
        raise InvalidArgumentError(
            f"--data: {place} is no UTF-8: byte {error.start}", field="data"
        ) from None
