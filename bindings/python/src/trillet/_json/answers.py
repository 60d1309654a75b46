"""Responses and errors from the texts of the library. Not imported before the first client."""

from __future__ import annotations

import re

from .._model.errors import ResponseError, from_answer
from .._model.response import Response
from .encoding import read, read_from
from .plain import decode_from, quick_decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Answer = dict[str, Any]

# How the library begins the answer of a call that succeeded; a status has three digits.
_SUCCESS = b'{"ok":true,"status":'
_DATA = b',"data":'
_DATA_AT = len(_SUCCESS) + 3
_VALUE_AT = _DATA_AT + len(_DATA)

_META = b',"meta":'
_ID = re.compile(rb'\{"id":(\d+)')
_STRING_OR_BRACKET = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]')


def response(text: bytes, operation: str) -> Response:
    """The response that an answer of the library holds.

    Raises:
        TrilletError: The answer is an error, or Python cannot read it.
    """
    return response_of(_read(text, operation))


def response_of(answer: Answer) -> Response:
    """The same of an answer that was read already."""
    return Response(data_of(answer), answer["status"], answer["meta"])


def data(text: bytes, operation: str) -> Any:
    """The data of the response alone."""
    if quick_decode is None and text.startswith(_SUCCESS) and text.startswith(_DATA, _DATA_AT):
        # The standard library is so slow that it is not given the rest to read.
        try:
            return decode_from(text, _VALUE_AT)
        except (ValueError, RecursionError):
            pass  # Below it is read in another way, or found out why not.
    return data_of(_read(text, operation))


def data_of(answer: Answer) -> Any:
    """The same of an answer that was read already."""
    if not answer["ok"]:
        raise from_answer(answer)
    return answer["data"]


def _read(text: bytes, operation: str) -> Answer:
    try:
        answer: Answer = read(text)
    except ResponseError as error:
        error.meta = {"operation": operation, "attempts": 1}
        raise
    return answer


def answers(text: bytes) -> list[Answer]:
    """The answers of an array, each with the ``id`` of its request.

    One that Python cannot read is an answer with that error: the others must not suffer from it.

    Raises:
        TrilletError: The array is the refusal of the library to give answers.
    """
    try:
        array: list[Answer] = read(text)
    except ResponseError:
        # docs/decisions.md, next-many.
        array = [_readable(part) for part in _elements(text)]
    if array[0]["id"]:
        return array
    if array[0]["error"]["retryable"]:
        return []  # There was no memory; the answers still wait.
    raise from_answer(array[0])


def _readable(text: bytes) -> Answer:
    """The answer, or an error answer if it cannot be read."""
    try:
        answer: Answer = read(text)
    except ResponseError as error:
        number = _ID.match(text)
        return {
            "id": int(number[1]) if number else 0,
            "ok": False,
            "status": 0,
            "error": {"type": "response", "message": error.message, "sent": error.sent},
            "meta": read_from(text[text.rfind(_META) + len(_META) :], 0),
        }
    return answer


def _elements(array: bytes) -> Iterator[bytes]:
    """The texts of the objects in an array, however deep they are."""
    depth, start = 0, 0
    for token in _STRING_OR_BRACKET.finditer(array):
        first = array[token.start()]
        if first in b"[{":
            depth += 1
            if depth == 2:
                start = token.start()
        elif first in b"]}":
            depth -= 1
            if depth == 1:
                yield array[start : token.end()]
