"""The functions of the C header, with the generated prototypes: JSON in, JSON out."""

from __future__ import annotations

import ctypes
import json
from typing import Any

from trillet._native.library import load

Answer = dict[str, Any]

library = load()

DONE_FUNCTION = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_char_p)
LOG_FUNCTION = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int32, ctypes.c_char_p)
PROGRESS_FUNCTION = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_char_p)


def text(value: object) -> bytes | None:
    """A value as the library takes it; bytes as they are."""
    return value if value is None or isinstance(value, bytes) else json.dumps(value).encode()


def call(function: str, *arguments: object) -> Any:
    """Calls a function that hands over no text."""
    return library.call(function, *arguments)


def answer(function: str, *arguments: object) -> Answer:
    """Calls a function that hands over an answer, which is freed."""
    return taken(call(function, *arguments))


def taken(owned: Any) -> Answer:
    """The JSON of a text that the library handed over, which is freed: strictly UTF-8."""
    given: Answer = json.loads(library.taken(owned).decode("utf-8"))
    return given


def address(function: Any) -> ctypes.c_void_p:
    """A callback as the prototypes take it; keep the callback as long as it may be called."""
    return ctypes.cast(function, ctypes.c_void_p)
