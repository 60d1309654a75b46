"""The options of one request, and their names in the library."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping


class RequestOptions(TypedDict, total=False):
    """What overrides the client's options for one request.

    Attributes:
        timeout_ms: The time the whole request may take, in milliseconds.
        max_retries: How often a request may be sent again; accepted, but every request is
            sent once in this version.
        headers: Further request headers, by name.
        idempotency_key: Sent as the ``Idempotency-Key`` header.
        routes: ``"overview"`` or ``"published"``.
        validate: False sends the request without checking its fields.
    """

    timeout_ms: int
    max_retries: int
    headers: Mapping[str, str]
    idempotency_key: str
    routes: str
    validate: bool


REQUEST_OPTION_NAMES = {
    "timeout_ms": "timeoutMs",
    "max_retries": "maxRetries",
    "headers": "headers",
    "idempotency_key": "idempotencyKey",
    "routes": "routes",
    "validate": "validate",
}
