"""JSON text from Python values, and back.

The standard encoder has no exact form for `decimal.Decimal` and turns numbers into keys; here a
number keeps its text and a value that JSON cannot carry is refused with the place where it is.
Not imported before the first client: the standard decoder is slow to import.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from decimal import Decimal
from json import JSONDecoder
from json.encoder import encode_basestring

from ._errors import InvalidArgumentError, ResponseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The library refuses deeper texts; stopping here also ends values that contain themselves.
DEPTH_LIMIT = 512

_decode = JSONDecoder().decode


def write(value: object, operation: str) -> bytes:
    """The JSON text of a value, for the operation that messages name.

    Raises:
        InvalidArgumentError: A string has a lone surrogate, a number is not finite or too long,
            or the value is nested too deeply.
        TypeError: JSON has no form for a value or a key.
    """
    writer = _Writer(operation)
    writer.write(value, "", 0)
    return "".join(writer.pieces).encode("utf-8")


def read(text: bytes) -> Any:
    """The value of a JSON text that the library answered."""
    decoded = text.decode("utf-8")
    try:
        return _decode(decoded)
    except RecursionError:
        reason = "is nested deeper than Python's recursion limit lets it be read"
    except ValueError as error:
        reason = f"cannot be read by Python: {error}"
    raise ResponseError(f"the answer {reason}", sent="yes")


class _Writer:
    def __init__(self, operation: str) -> None:
        self.pieces: list[str] = []
        self._operation = operation

    def write(self, value: object, place: str, depth: int) -> None:
        if value is None:
            self.pieces.append("null")
        elif value is True:
            self.pieces.append("true")
        elif value is False:
            self.pieces.append("false")
        elif isinstance(value, str):
            self._write_text(value, place)
        elif isinstance(value, (int, float, Decimal)):
            self._write_number(value, place)
        elif isinstance(value, Mapping):
            self._write_object(value, place, depth + 1)
        elif isinstance(value, (list, tuple)):
            self._write_array(value, place, depth + 1)
        elif isinstance(value, os.PathLike):
            self._write_text(os.fsdecode(value), place)
        else:
            raise TypeError(self._message(place, _unsuitable(value)))

    def _write_text(self, text: str, place: str) -> None:
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            reason = f"has a lone surrogate at index {error.start}, which is no text"
            raise self._refusal(place, reason) from None
        self.pieces.append(encode_basestring(text))

    def _write_number(self, number: int | float | Decimal, place: str) -> None:
        if isinstance(number, int):
            try:
                self.pieces.append(int.__repr__(number))
            except ValueError:
                reason = "is an integer of more digits than Python writes; give a Decimal"
                raise self._refusal(place, reason) from None
        elif not math.isfinite(number):
            raise self._refusal(place, f"is {number}, and JSON has no such number")
        elif isinstance(number, float):
            self.pieces.append(float.__repr__(number))
        else:
            self.pieces.append(str(number))

    def _write_object(self, members: Mapping[Any, object], place: str, depth: int) -> None:
        self._check_depth(place, depth)
        self.pieces.append("{")
        for index, (key, value) in enumerate(members.items()):
            if not isinstance(key, str):
                reason = f"has the key {key!r} of type {type(key).__name__}; keys are str"
                raise TypeError(self._message(place, reason))
            if index:
                self.pieces.append(",")
            inner = f"{place}.{key}" if place else key
            self._write_text(key, inner)
            self.pieces.append(":")
            self.write(value, inner, depth)
        self.pieces.append("}")

    def _write_array(
        self, elements: list[object] | tuple[object, ...], place: str, depth: int
    ) -> None:
        self._check_depth(place, depth)
        self.pieces.append("[")
        for index, element in enumerate(elements):
            if index:
                self.pieces.append(",")
            self.write(element, f"{place}[{index}]", depth)
        self.pieces.append("]")

    def _check_depth(self, place: str, depth: int) -> None:
        if depth > DEPTH_LIMIT:
            # The place of a value this deep is as long as a page; its first name says enough.
            top = place.partition(".")[0].partition("[")[0]
            raise self._refusal(top, f"is nested more than {DEPTH_LIMIT} levels deep")

    def _refusal(self, place: str, reason: str) -> InvalidArgumentError:
        printable = place.encode("utf-8", "backslashreplace").decode("utf-8")
        return InvalidArgumentError(
            f"{_subject(printable)} {reason}",
            field=printable or None,
            meta={"operation": self._operation, "attempts": 0},
        )

    def _message(self, place: str, reason: str) -> str:
        return f"{self._operation}: {_subject(place)} {reason}"


def _subject(place: str) -> str:
    return f"`{place}`" if place else "the request"


def _unsuitable(value: object) -> str:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"is {type(value).__name__}, not text; decode it first: value.decode('utf-8')"
    return (
        f"is of type {type(value).__name__}, which JSON cannot carry; give a str, int, float, "
        "Decimal, bool, None, list, tuple or mapping"
    )
