"""What a flag's text is worth, by the type of its field."""

from __future__ import annotations

import argparse
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from .described import Field

_LONGEST_SHOWN = 40


def reader(field: Field) -> Callable[[str], Any]:
    """What reads the text of a flag; of a list, a list of those that the text has."""
    kind = field.plain_type
    is_nullable = field.type != kind
    if field.is_list:
        return _list_reader(kind.partition(":")[2])

    def read(text: str) -> Any:
        return None if is_nullable and text == "null" else read_value(text, kind)

    return read


def _list_reader(element: str) -> Callable[[str], list[Any]]:
    def read(text: str) -> list[Any]:
        if text.lstrip().startswith("["):
            values = parsed(text)
            if isinstance(values, list):
                return values
        return [read_value(text, element)]

    return read


def read_value(text: str, kind: str) -> Any:
    """One value.

    Raises:
        argparse.ArgumentTypeError: It is none of this type.
    """
    if "|" in kind:
        return _either(text, kind.split("|"))
    if kind == "string":
        return text
    if kind in ("integer", "number"):
        return _number(text, kind)
    if kind == "boolean":
        if text in ("true", "false"):
            return text == "true"
        raise argparse.ArgumentTypeError(f"{shown(text)} is neither true nor false")
    if kind == "any":
        # What looks like JSON is it: an id of digits alone is rare where anything goes.
        try:
            return parsed(text)
        except argparse.ArgumentTypeError:
            return text
    value = parsed(text)
    if kind.startswith("list:") != isinstance(value, list) or not isinstance(value, (dict, list)):
        wanted = "array" if kind.startswith("list:") else "object"
        raise argparse.ArgumentTypeError(f"{shown(text)} is no JSON {wanted}")
    return value


def _either(text: str, kinds: list[str]) -> Any:
    for kind in sorted(kinds, key=lambda kind: kind == "string"):
        try:
            return read_value(text, kind)
        except argparse.ArgumentTypeError:
            continue
    raise argparse.ArgumentTypeError(f"{shown(text)} is of none of the types {', '.join(kinds)}")


def _number(text: str, kind: str) -> Any:
    try:
        value = parsed(text)
    except argparse.ArgumentTypeError:
        value = None
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        wanted = "whole number" if kind == "integer" else "number"
        raise argparse.ArgumentTypeError(f"{shown(text)} is no {wanted}")
    if kind == "integer" and not isinstance(value, int):
        raise argparse.ArgumentTypeError(f"{shown(text)} is no whole number")
    return value


def parsed(text: str, name: str | None = None) -> Any:
    """The value of a JSON text, which an error calls by a name where it may hold a secret.

    Raises:
        argparse.ArgumentTypeError: It is none; says where.
    """
    try:
        # Digits are sent as they were typed.
        return json.loads(text, parse_constant=_refuse, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        where = f": {error}" if isinstance(error, ValueError) else ": it is nested too deeply"
        raise argparse.ArgumentTypeError(f"{name or shown(text)} is no JSON{where}") from None


def _refuse(name: str) -> Any:
    raise ValueError(f"JSON has no {name}")


def shown(text: str) -> str:
    """The beginning of a text, in quotes."""
    return repr(text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…")
