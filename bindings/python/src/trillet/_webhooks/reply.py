"""What a request for a receiver is answered with, without a framework."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    405: "Method Not Allowed",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    503: "Service Unavailable",
}


@dataclass(frozen=True)
class Reply:
    """An answer: status, body, and headers beyond those of the body."""

    status: int
    content: Mapping[str, Any]
    extra: tuple[tuple[str, str], ...] = field(default=())

    @property
    def body(self) -> bytes:
        return json.dumps(self.content).encode()

    @property
    def headers(self) -> list[tuple[str, str]]:
        own = [("Content-Type", "application/json"), ("Content-Length", str(len(self.body)))]
        return [*own, *self.extra]

    @property
    def line(self) -> str:
        return f"{self.status} {REASONS[self.status]}"


def refusal(status: int, *extra: tuple[str, str]) -> Reply:
    """Says no more than the status: whoever knocks with a wrong key learns nothing."""
    return Reply(status, {"error": REASONS[status]}, extra)


def is_json(content_type: str | None) -> bool:
    """Whether the header allows JSON; without one the body decides."""
    kind = (content_type or "application/json").partition(";")[0].strip().lower()
    return kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )
