"""A chat endpoint of the form that most language models are offered in (OpenAI's)."""

from __future__ import annotations

import http.client
import ipaddress
import json
import os
import urllib.parse
from typing import Any, NamedTuple

from .._model.errors import ConfigurationError

KEY = "TRILLET_MODEL_KEY"
_SECONDS = 120.0
_MOST_BYTES = 4_194_304
_TOOLS: list[dict[str, Any]] = [
    {
        "type": "function",
        "function": {
            "name": "end_call",
            "description": "Ends the call, after what you say.",
            "parameters": {"type": "object", "properties": {}},
        },
    },
    {
        "type": "function",
        "function": {
            "name": "transfer_call",
            "description": "Transfers the call, after what you say.",
            "parameters": {
                "type": "object",
                "properties": {"to": {"type": "string", "description": "A number, or a name."}},
                "required": ["to"],
            },
        },
    },
]


class ModelError(Exception):
    """The model did not answer as it should."""


class Reply(NamedTuple):
    """What a model says and does.

    Attributes:
        text: Its words.
        ends: Whether it ends the call.
        transfers_to: Where it transfers it to.
    """

    text: str
    ends: bool = False
    transfers_to: str | None = None


class ChatModel:
    """A model behind an address.

    Args:
        url: The address below which `chat/completions` is.
        name: The model; None is that of each agent.

    Raises:
        ConfigurationError: The address is none, or the key would go over a network as it is.
    """

    def __init__(self, url: str, name: str | None) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigurationError(f"{url} is no http or https address", sent="no")
        self._key = os.environ.get(KEY)
        if self._key and parts.scheme == "http" and not _is_here(parts.hostname):
            raise ConfigurationError(
                f"the key in {KEY} would be sent to {parts.hostname} for everybody to read; use "
                "https",
                sent="no",
            )
        self._name = name
        self._parts = parts

    def reply(self, model: str, messages: list[dict[str, str]]) -> Reply:
        """What it says next.

        Raises:
            ModelError: It did not answer as it should.
        """
        answer = self._asked(
            {
                "model": self._name or model,
                "temperature": 0,
                "messages": messages,
                "tools": _TOOLS,
            }
        )
        try:
            message = answer["choices"][0]["message"]
            text = str(message.get("content") or "").strip()
            calls = [each["function"] for each in message.get("tool_calls") or []]
            transfers = [
                str(json.loads(each["arguments"])["to"])
                for each in calls
                if each["name"] == "transfer_call"
            ]
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(f"the model's answer has another form: {error!r}") from None
        ends = any(each["name"] == "end_call" for each in calls)
        return Reply(text, ends, transfers[0] if transfers else None)

    def _asked(self, request: dict[str, Any]) -> Any:
        parts = self._parts
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=_SECONDS)
        headers = {"Content-Type": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        path = parts.path.rstrip("/") + "/chat/completions"
        try:
            connection.request("POST", path, json.dumps(request).encode(), headers)
            response = connection.getresponse()
            body = response.read(_MOST_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise ModelError(f"{parts.netloc} did not answer: {error}") from None
        finally:
            connection.close()
        if response.status != http.client.OK:
            told = body[:300].decode(errors="replace")
            if self._key:
                told = told.replace(self._key, "***")
            raise ModelError(f"{parts.netloc}{path} answered {response.status}: {told}")
        try:
            return json.loads(body)
        except ValueError:
            raise ModelError(f"{parts.netloc}{path} answered no JSON") from None


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
