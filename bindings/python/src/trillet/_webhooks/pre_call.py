"""The webhook that the service asks before a call."""

from __future__ import annotations

import hmac
import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from .._model.errors import ConfigurationError
from .application import Application, ordinary
from .reply import Reply, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_log = logging.getLogger("trillet.webhooks")


@dataclass(frozen=True)
class PreCallRequest:
    """Whom the service is about to talk to. ``is_test`` is true for a test from the dashboard."""

    phone_number: str | None
    is_test: bool
    body: Mapping[str, Any]


class PreCall(Application):
    """An ASGI application (and, as `wsgi`, a WSGI one) that answers the variables of a call.

    Somebody waits on the line while the handler works. One that raises is logged, and the call
    goes on without variables.

    Args:
        handler: Answers the variables for a `PreCallRequest`.
        secret: What ``x-webhook-secret`` must be, if the service sends it.
    """

    def __init__(
        self,
        handler: Callable[[PreCallRequest], Mapping[str, Any]],
        *,
        secret: str | None = None,
        max_body_bytes: int = 65_536,
    ) -> None:
        super().__init__(max_body_bytes)
        if secret is not None and not secret.strip():
            raise ConfigurationError("The secret is empty, and would fit everybody", field="secret")
        self._handler = ordinary(handler, "handler")
        self._secret = secret

    def answer(
        self, method: str, headers: Mapping[str, str], body: bytes, query: str = ""
    ) -> Reply:
        named = {name.lower(): value for name, value in headers.items()}
        if method.upper() not in ("GET", "POST"):
            return refusal(405, ("Allow", "GET, POST"))
        if len(body) > self._limit:
            return refusal(413)
        if self._secret is not None:
            given = named.get("x-webhook-secret", "").encode("utf-8", "replace")
            if not hmac.compare_digest(given, self._secret.encode()):
                return refusal(401)
        try:
            content = json.loads(body) if body else {}
        except (ValueError, RecursionError):
            return refusal(400)
        if not isinstance(content, dict):
            return refusal(400)
        asked = parse_qs(query)
        number = asked.get("phone_number", [content.get("phone_number")])[0]
        if isinstance(number, str) and number.startswith(" "):
            # A plus that the sender did not escape.
            number = "+" + number[1:]
        is_test = content.get("isTest") is True or asked.get("isTest") == ["true"]
        request = PreCallRequest(number if isinstance(number, str) else None, is_test, content)
        try:
            reply = Reply(200, {"variables": dict(self._handler(request))})
            # What JSON cannot carry is a fault of the handler, too.
            json.dumps(reply.content, allow_nan=False)
        except Exception:
            _log.exception("The handler of the pre-call webhook failed")
            return Reply(200, {"variables": {}})
        return reply
