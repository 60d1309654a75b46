"""The library's log in Python's logging."""

from __future__ import annotations

import logging

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# TRILLET_LOG_ERROR to TRILLET_LOG_DEBUG.
_LEVELS = (logging.CRITICAL + 1, logging.ERROR, logging.WARNING, logging.INFO, logging.DEBUG)


def native_level(logger: logging.Logger, level: int | str | None) -> int:
    """The library's level for one of `logging`, or for that of the logger."""
    if level is None:
        level = logger.getEffectiveLevel()
    elif isinstance(level, str):
        number = logging.getLevelName(level)
        if not isinstance(number, int):
            raise ValueError(f"log_to: {level!r} is no level of logging; give for instance 'INFO'")
        level = number
    elif isinstance(level, bool) or not isinstance(level, int):
        raise TypeError(f"log_to: level is {level!r}; give one of logging's, such as logging.INFO")
    return sum(level <= own for own in _LEVELS[1:])


def line_writer(logger: logging.Logger) -> Callable[[int, str], object]:
    """What the library's lines are handed to."""

    def write(level: int, line: str) -> None:
        logger.log(_LEVELS[level], line)

    return write


def refuse_sub_interpreter(operation: str) -> None:
    """ctypes runs what another thread calls in the main interpreter, whichever it belongs to."""
    from ctypes import c_void_p, pythonapi

    here, main = pythonapi.PyInterpreterState_Get, pythonapi.PyInterpreterState_Main
    here.restype = main.restype = c_void_p
    if here() != main():
        raise RuntimeError(
            f"{operation}: a sub-interpreter cannot receive the log; make the client in the main "
            "interpreter (mod_wsgi: WSGIApplicationGroup %{GLOBAL})"
        )
