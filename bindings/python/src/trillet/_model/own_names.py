"""What the options of the library are called in this package."""

from __future__ import annotations

OWN_NAMES = {
    "apiKey": "api_key",
    "workspaceId": "workspace_id",
    "baseUrl": "base_url",
    "timeoutMs": "timeout_ms",
    "connectTimeoutMs": "connect_timeout_ms",
    "maxRetries": "max_retries",
    "maxRetryAfterMs": "max_retry_after_ms",
    "requestsPerMinute": "requests_per_minute",
    "maxConnections": "max_connections",
    "maxInFlight": "max_in_flight",
    "maxQueued": "max_queued",
    "maxResponseBytes": "max_response_bytes",
    "caFile": "ca_file",
    "userAgent": "user_agent",
    "allowInsecureHttp": "allow_insecure_http",
    "idempotencyKey": "idempotency_key",
    "maxProblems": "max_problems",
    "requiredColumns": "required_columns",
    "acceptedFile": "accepted_file",
    "rejectedFile": "rejected_file",
    "splitFile": "split_file",
    "splitRows": "split_rows",
    "maxRows": "max_rows",
    "defaultCountry": "default_country",
    "assumeCountry": "assume_country",
    "phoneColumn": "phone_column",
    "deadlineMs": "deadline_ms",
    "minIntervalMs": "min_interval_ms",
    "maxIntervalMs": "max_interval_ms",
    "stuckMs": "stuck_ms",
    "stopWhenStuck": "stop_when_stuck",
}


def in_python(text: str) -> str:
    """A message of the library with the names that a caller of this package can write."""
    import re

    words = r"\b(?:" + "|".join(OWN_NAMES) + r")\b"
    return re.sub(words, lambda found: OWN_NAMES[found[0]], text)
