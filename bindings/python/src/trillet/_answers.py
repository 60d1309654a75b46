"""Responses and errors from the texts of the library. Not imported before the first client."""

from __future__ import annotations

from ._encoding import read
from ._errors import ResponseError, from_answer
from ._response import Response


def response(text: bytes, operation: str) -> Response:
    """The response that an answer of the library holds.

    Raises:
        TrilletError: The answer is an error, or Python cannot read it.
    """
    try:
        answer = read(text)
    except ResponseError as error:
        error.meta = {"operation": operation, "attempts": 1}
        raise
    if not answer["ok"]:
        raise from_answer(answer)
    return Response(answer["data"], answer["status"], answer["meta"])
