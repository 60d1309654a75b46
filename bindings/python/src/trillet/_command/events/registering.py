"""Has a sandbox send the webhooks of its account to this machine."""

from __future__ import annotations

import http.client
import json
import ssl
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from ... import ConfigurationError, ConnectionFailedError
from ..profiles.settings import shown_url

if TYPE_CHECKING:
    from ..profiles.settings import Settings

_PATH = "/sandbox/webhooks"
_TIMEOUT_SECONDS = 10.0
_MOST_BYTES = 4_194_304


class Registration:
    """A webhook of the account; `undo` takes it back."""

    def __init__(self, settings: Settings, address: str) -> None:
        self._url = settings.url
        self._workspace = settings.workspace.value
        self._address = address

    def make(self, secret: str, signature: str | None) -> None:
        # What a listener that was killed has left.
        self.undo()
        order = {
            "url": self._address,
            "secret": secret,
            "signature": signature,
            "workspaceId": self._workspace,
        }
        self._ask("POST", _PATH, {name: value for name, value in order.items() if value})

    def undo(self) -> None:
        for webhook in self._ask("GET", _PATH).get("webhooks", []):
            is_own = webhook.get("url") == self._address
            if is_own and self._workspace in (None, webhook.get("workspaceId")):
                self._ask("DELETE", f"{_PATH}/{quote(str(webhook.get('id')), safe='')}")

    def _ask(self, method: str, path: str, order: object = None) -> dict[str, Any]:
        parts = urlsplit(self._url)
        try:
            connection = _connection(parts.scheme, parts.hostname or "", parts.port)
            try:
                body = None if order is None else json.dumps(order).encode()
                headers = {"Content-Type": "application/json"}
                connection.request(method, parts.path.rstrip("/") + path, body, headers)
                answer = connection.getresponse()
                text = answer.read(_MOST_BYTES)
            finally:
                connection.close()
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ConnectionFailedError(
                f"The sandbox at {shown_url(self._url)} does not answer: {error}", sent="no"
            ) from None
        try:
            told = json.loads(text)
        except (ValueError, RecursionError):
            told = None
        if answer.status == 200 and isinstance(told, dict):
            return told
        raise self._refusal(method, answer.status, told)

    def _refusal(self, method: str, status: int, told: object) -> ConfigurationError:
        error = told.get("error") if isinstance(told, dict) else None
        message = error.get("message") if isinstance(error, dict) else None
        if method == "POST" and isinstance(message, str):
            return ConfigurationError(f"The sandbox refuses: {message}", field="--register")
        return ConfigurationError(
            f"--register is for a sandbox, and {shown_url(self._url)} is none (HTTP {status}): "
            "enter the address of your tunnel at the service's dashboard instead",
            field="--register",
        )


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(
            host, port, timeout=_TIMEOUT_SECONDS, context=ssl.create_default_context()
        )
    return http.client.HTTPConnection(host, port, timeout=_TIMEOUT_SECONDS)
