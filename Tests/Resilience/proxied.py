"""Requests through a proxy, and everything that the library says of them."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Callable
from typing import Any

from certificates import Certificate
from doors import WARNING, Client, Door
from native import Answer
from operations import AGENT
from recording_server import RecordingServer

SEND = {"agentId": AGENT, "toNumber": "+12025550164"}
SERVICE = "https://service.test"
PASSWORD = "hunter2-p@ss"
LOGIN = "user:hunter2-p%40ss"
# The options of a client that goes through a proxy.
Configure = Callable[[str], dict[str, Any]]
VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def context(certificate: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    return context


def with_login(proxy: RecordingServer, scheme: str = "http") -> str:
    return f"{scheme}://{LOGIN}@127.0.0.1:{proxy.port}"


def shows_nothing_secret(text: str) -> bool:
    encoded = base64.b64encode(f"user:{PASSWORD}".encode()).decode()
    return not any(part in text for part in ("hunter2", "p@ss", "p%40ss", encoded))


def ask(
    door: Door, url: str, operation: str, request: object, options: dict[str, Any]
) -> tuple[Answer, str]:
    """The answer, and everything that the library said."""
    lines: list[str] = []
    with Client(url, **options) as client:
        client.set_log(WARNING, lines.append)
        ended = door.start(client, operation, request).ended().answer
        client.close(1000)
    return ended, json.dumps(ended, ensure_ascii=False) + "".join(lines)
