"""Why a contact file cannot be checked."""

from __future__ import annotations

from .._model.errors import InvalidArgumentError

OPERATION = "csv.check"


def mistake(message: str, field: str, code: str | None = None) -> InvalidArgumentError:
    return InvalidArgumentError(
        message,
        field=field,
        code=code,
        sent="no",
        meta={"operation": OPERATION, "attempts": 0},
    )
