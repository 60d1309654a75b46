"""What ``trillet doctor`` finds about the service: its address, its answer, the key, the clock."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from .. import (
    AuthenticationError,
    ConfigurationError,
    LibraryError,
    PermissionDeniedError,
    Trillet,
    TrilletError,
)
from .clients import client_of_command
from .findings import OK, PROBLEM, SKIPPED, Finding
from .names import in_command
from .profiles.settings import shown_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .profiles.settings import Settings

_TIMEOUT_MS = 10_000
# Scheduled batches start by the service's clock, and certificates are valid by this machine's.
_MOST_SKEW_SECONDS = 60


def service_findings(settings: Settings) -> Iterator[Finding]:
    """Asks the service once with the key, and once for its time without."""
    url = settings.url
    try:
        client = client_of_command(
            timeout_ms=_TIMEOUT_MS, connect_timeout_ms=_TIMEOUT_MS, max_retries=0
        )
    except LibraryError:
        yield Finding("service", SKIPPED, "the library is missing")
        return
    except ConfigurationError as error:
        name = "key" if error.field == "apiKey" else "options"
        yield Finding(name, PROBLEM, in_command(error.message), _ADVICE.get(error.field or "", ""))
        yield _clock(url)
        return
    with client:
        yield from _answers(client, settings)
    yield _clock(url)


_ADVICE = {
    "apiKey": "Set TRILLET_API_KEY to the workspace's API key, or type it into: trillet login",
    "baseUrl": "Set TRILLET_BASE_URL to an https address, or unset it.",
}


def _answers(client: Trillet, settings: Settings) -> Iterator[Finding]:
    start = time.monotonic()
    try:
        client.agents.list(limit=1)
    except (AuthenticationError, PermissionDeniedError) as error:
        yield Finding("service", OK, _answered(error.status, start))
        advice = "Compare TRILLET_API_KEY and TRILLET_WORKSPACE_ID with the workspace's settings."
        yield Finding("key", PROBLEM, _told(error), advice)
    except TrilletError as error:
        if error.status == 0:
            advice = "Look at the address, the network, the proxy and the firewall."
            yield Finding("service", PROBLEM, _told(error), advice)
            yield Finding("key", SKIPPED, "nobody was asked")
        elif error.status == 400 and settings.workspace.value is None:
            yield Finding("service", OK, _answered(error.status, start))
            advice = (
                "Set TRILLET_WORKSPACE_ID to the workspace's id, or: trillet login --workspace ID"
            )
            yield Finding("workspace", PROBLEM, _told(error), advice)
        elif error.status == 429:
            yield Finding("service", OK, _answered(error.status, start))
            yield Finding("key", SKIPPED, "too many requests with it just now: ask again later")
        else:
            advice = "Ask again later; if it stays so, look at TRILLET_BASE_URL."
            yield Finding("service", PROBLEM, _told(error), advice)
            yield Finding("key", SKIPPED, "the service did not say")
    else:
        yield Finding("service", OK, _answered(200, start))
        yield Finding("key", OK, f"accepted ({settings.api_key.source})")


def _answered(status: int, start: float) -> str:
    return f"answered with HTTP {status} after {round((time.monotonic() - start) * 1000)} ms"


def _told(error: TrilletError) -> str:
    return in_command(str(error), starts_batch=False)


def _clock(url: str) -> Finding:
    """How far this clock is from the service's, by the Date of an answer to nobody."""
    if url.partition(":")[0].lower() not in ("http", "https"):
        return Finding("clock", SKIPPED, "the address is not that of a service")
    try:
        request = urllib.request.Request(_origin(url), method="HEAD")
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_MS / 1000) as answer:
                date = answer.headers["Date"]
        except urllib.error.HTTPError as error:
            with error:
                date = error.headers["Date"]
        skew = time.time() - parsedate_to_datetime(date).timestamp()
    # HTTPException is that of a proxy's address with no number as its port, too.
    except (OSError, ValueError, TypeError, HTTPException):
        return Finding("clock", SKIPPED, "the service did not give its time")
    if abs(skew) <= _MOST_SKEW_SECONDS:
        return Finding("clock", OK, "within a minute of the service's")
    direction = "ahead of" if skew > 0 else "behind"
    advice = "Set this machine's clock (NTP): certificates and scheduled times depend on it."
    return Finding("clock", PROBLEM, f"{abs(skew):.0f} s {direction} the service's", advice)


def _origin(url: str) -> str:
    parts = urlsplit(shown_url(url))
    return urlunsplit((parts.scheme, parts.netloc, "/", "", ""))
