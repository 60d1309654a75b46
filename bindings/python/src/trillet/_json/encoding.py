"""JSON text from Python values, and back.

The standard encoder has no exact form for `decimal.Decimal` and turns numbers into keys; here a
number keeps its text and a value that JSON cannot carry is refused with the place where it is.
Not imported before the first client: the standard decoder is slow to import.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from decimal import Decimal
from json.encoder import encode_basestring

from .._model.errors import InvalidArgumentError, ResponseError
from .._model.frames import csv_text, is_frame
from .plain import decode_from, encode, quick_decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# The library refuses deeper texts; stopping here also ends values that contain themselves.
DEPTH_LIMIT = 512

_BINARY = (bytes, bytearray, memoryview)
# What names a file, of requests and options: a path may be bytes, as `os.fsencode` gives it.
_PATHS = frozenset(("file", "caFile", "acceptedFile", "rejectedFile", "splitFile"))
# What has contacts in it: a text, or a data frame.
_CONTACTS = frozenset(("csv",))

# Nested deeper, a value is written by the writer below, which needs no stack.
_PLAIN_DEPTH = 16
_PLAIN = frozenset((str, int, bool, type(None)))


def write(value: object, operation: str) -> bytes:
    """The JSON text of a value, for the operation that messages name.

    Raises:
        InvalidArgumentError: A string has a lone surrogate, a number is not finite or too long,
            or the value is nested too deeply.
        TypeError: JSON has no form for a value or a key.
    """
    if type(value) is dict and _is_plain(value, _PLAIN_DEPTH):
        # Several times as fast.
        try:
            return encode(value)
        except ValueError:
            pass  # The writer finds what it was, and where.
    writer = _Writer(operation)
    writer.write(value)
    return "".join(writer.pieces).encode("utf-8")


def _is_plain(value: dict[Any, Any], depth: int) -> bool:
    """Whether `_plain_json.encode` writes the dictionary as the writer here would."""
    for key, member in value.items():
        if type(key) is not str:
            return False
        kind = type(member)
        # What most members are comes first: a look into a set takes twice as long.
        if kind is str or kind is int:
            continue
        if kind is dict:
            if not depth or not _is_plain(member, depth - 1):
                return False
        elif kind not in _PLAIN and not _is_plain_member(member, depth):
            return False
    return True


def _is_plain_member(member: Any, depth: int) -> bool:
    kind = type(member)
    if kind in _PLAIN:
        return True
    if kind is float:
        return math.isfinite(member)
    if not depth:
        return False
    if kind is dict:
        return _is_plain(member, depth - 1)
    if kind is list:
        return all(_is_plain_member(each, depth - 1) for each in member)
    return False


def read(text: bytes) -> Any:
    """The value of a JSON text that the library answered.

    Raises:
        ResponseError: It is nested too deeply for Python, or has a number too long for it.
    """
    if quick_decode is not None:
        try:
            return quick_decode(text)
        except Exception:
            pass  # Below it is read, or found out why not.
    return read_from(text, 0)


def read_from(text: bytes, start: int) -> Any:
    """The same of a value that begins there after so many bytes, all of them ASCII."""
    try:
        return decode_from(text, start)
    except RecursionError:
        reason = "is nested deeper than Python's recursion limit lets it be read"
    except ValueError as error:
        reason = f"cannot be read by Python: {error}"
    raise ResponseError(f"the answer {reason}", sent="yes")


class _Open:
    """An object or array that is being written, and where in it the writer is."""

    __slots__ = ("at", "end", "entries")

    def __init__(self, entries: Iterator[tuple[Any, object]], end: str) -> None:
        self.entries = entries
        self.end = end
        self.at: object = None


class _Writer:
    """Writes without recursion: the depth of a value is not bounded by Python's stack."""

    def __init__(self, operation: str) -> None:
        self.pieces: list[str] = []
        self._operation = operation
        self._open: list[_Open] = []

    def write(self, value: object) -> None:
        self._write_value(value)
        while self._open:
            innermost = self._open[-1]
            entry = next(innermost.entries, None)
            if entry is None:
                self.pieces.append(innermost.end)
                self._open.pop()
                continue
            if innermost.at is not None:
                self.pieces.append(",")
            innermost.at, member = entry
            if innermost.end == "}":
                self._write_key(innermost)
            self._write_value(member)

    def _write_value(self, value: object) -> None:
        if value is None:
            self.pieces.append("null")
        elif value is True:
            self.pieces.append("true")
        elif value is False:
            self.pieces.append("false")
        elif isinstance(value, str):
            self._write_text(value)
        elif isinstance(value, (int, float, Decimal)):
            self._write_number(value)
        elif isinstance(value, Mapping):
            self._enter("{", _Open(iter(value.items()), "}"))
        elif isinstance(value, Sequence) and not isinstance(value, _BINARY):
            self._enter("[", _Open(enumerate(value), "]"))
        elif isinstance(value, os.PathLike) or (isinstance(value, bytes) and self._is_at(_PATHS)):
            self._write_text(os.fsdecode(value))
        elif self._is_at(_CONTACTS) and is_frame(value):
            self._write_text(csv_text(value))
        else:
            raise TypeError(f"{self._operation}: {self._subject()} {_unsuitable(value)}")

    def _is_at(self, names: frozenset[str]) -> bool:
        return len(self._open) == 1 and self._open[0].end == "}" and self._open[0].at in names

    def _write_text(self, text: str) -> None:
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise self._refusal(_not_text(text, error.start)) from None
        self.pieces.append(encode_basestring(text))

    def _write_key(self, innermost: _Open) -> None:
        key = innermost.at
        if not isinstance(key, str):
            self._open.pop()
            reason = f"has the key {key!r} of type {type(key).__name__}; keys are str"
            raise TypeError(f"{self._operation}: {self._subject()} {reason}")
        self._write_text(key)
        self.pieces.append(":")

    def _write_number(self, number: int | float | Decimal) -> None:
        if isinstance(number, int):
            try:
                self.pieces.append(int.__repr__(number))
            except ValueError:
                reason = "is an integer of more digits than Python writes; give a Decimal"
                raise self._refusal(reason) from None
            return
        finite = number.is_finite() if isinstance(number, Decimal) else math.isfinite(number)
        if not finite:
            raise self._refusal(f"is {number}, and JSON has no such number")
        text = str(number) if isinstance(number, Decimal) else float.__repr__(number)
        self.pieces.append(text)

    def _enter(self, start: str, entered: _Open) -> None:
        if len(self._open) == DEPTH_LIMIT:
            # The whole place of a value this deep would fill a page; its first name says enough.
            del self._open[1:]
            raise self._refusal(f"is nested more than {DEPTH_LIMIT} levels deep")
        self.pieces.append(start)
        self._open.append(entered)

    def _refusal(self, reason: str) -> InvalidArgumentError:
        return InvalidArgumentError(
            f"{self._subject()} {reason}",
            field=self._place() or None,
            sent="no",
            meta={"operation": self._operation, "attempts": 0},
        )

    def _subject(self) -> str:
        place = self._place()
        return f"`{place}`" if place else "the request"

    def _place(self) -> str:
        """Where the writer is, for instance ``settings.webhooks[2].url``."""
        steps = [f"[{o.at}]" if o.end == "]" else f".{o.at}" for o in self._open]
        return "".join(steps).lstrip(".").encode("utf-8", "backslashreplace").decode("utf-8")


def _not_text(text: str, index: int) -> str:
    code = ord(text[index])
    # So Python stands for the bytes of a file's name that are not UTF-8.
    if 0xDC80 <= code <= 0xDCFF:
        return (
            f"has the byte 0x{code - 0xDC00:02X} at index {index}, which is not UTF-8; a file with "
            "such a name must be renamed, or given as a text"
        )
    return f"has a lone surrogate at index {index}, which is no text"


def _unsuitable(value: object) -> str:
    if isinstance(value, _BINARY):
        return f"is {type(value).__name__}, not text; decode it first: value.decode('utf-8')"
    return (
        f"is of type {type(value).__name__}, which JSON cannot carry; give a str, int, float, "
        "Decimal, bool, None, sequence or mapping"
    )
