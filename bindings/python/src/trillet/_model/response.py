"""The answer to one request."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Response:
    """The answer to a call by operation name.

    Attributes:
        data: The answer's JSON value; None if it is empty.
        status: The HTTP status.
        meta: ``operation``, ``attempts``, ``elapsedMs`` and ``requestId``; ``retries``, a list of
            the failed attempts, if there was more than one; ``queuedMs`` if the request waited for
            its turn.
    """

    __slots__ = ("data", "meta", "status")

    def __init__(self, data: Any, status: int, meta: dict[str, Any]) -> None:
        self.data = data
        self.status = status
        self.meta = meta

    def __repr__(self) -> str:
        return f"<trillet Response {self.status} to {self.meta.get('operation')}>"

    def _repr_html_(self) -> str:
        from .notebook import of_value

        return of_value(self.data, f"{self.meta.get('operation')}: {self.status}")
