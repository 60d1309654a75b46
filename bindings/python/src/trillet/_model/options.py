"""The options of one request, and their names in the library."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping


class RequestOptions(TypedDict, total=False):
    """What overrides the client's options for one request.

    Attributes:
        timeout_ms: The time the request may take in all, with every wait and every attempt, in
            milliseconds.
        max_retries: How often the request may be sent again if it fails.
        max_retry_after_ms: The longest pause the service may ask for, in milliseconds.
        headers: Further request headers, by name.
        idempotency_key: Sent as the ``Idempotency-Key`` header with every attempt.
        traceparent: Sent as the ``traceparent`` header (W3C Trace Context) with every attempt.
        routes: ``"overview"`` or ``"published"``.
        validate: False sends the request without checking its fields.
    """

    timeout_ms: int
    max_retries: int
    max_retry_after_ms: int
    headers: Mapping[str, str]
    idempotency_key: str
    traceparent: str
    routes: str
    validate: bool


REQUEST_OPTION_NAMES = {
    "timeout_ms": "timeoutMs",
    "max_retries": "maxRetries",
    "max_retry_after_ms": "maxRetryAfterMs",
    "headers": "headers",
    "idempotency_key": "idempotencyKey",
    "traceparent": "traceparent",
    "routes": "routes",
    "validate": "validate",
}
