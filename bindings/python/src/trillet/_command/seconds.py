"""Arguments in seconds: the library counts milliseconds."""

from __future__ import annotations

from .. import InvalidArgumentError

_MOST = 31_622_400


def milliseconds(name: str, seconds: float | None) -> int | None:
    if seconds is None:
        return None
    # Here: what is no number, or infinite, has no milliseconds.
    if not 0 <= seconds <= _MOST:
        raise InvalidArgumentError(
            f"'{name}' must be 0 to {_MOST} seconds; got {seconds:g}",
            field=name.lstrip("-"),
        )
    return round(seconds * 1000)
