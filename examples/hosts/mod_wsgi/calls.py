"""A WSGI program in Apache's daemon processes, which load it after the fork; see apache.conf."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Iterable
from urllib.parse import parse_qs

import trillet

client = trillet.Trillet(timeout_ms=20_000, max_retries=0)
atexit.register(client.close, 5000)


def application(environ: dict[str, str], start_response: Callable[..., object]) -> Iterable[bytes]:
    asked = parse_qs(environ["QUERY_STRING"])
    try:
        call = client.calls.send(asked["agent"][0], "+" + asked["number"][0])
        status, text = "200 OK", str(trillet.call_id(call))
    except trillet.TrilletError as error:
        status, text = "502 Bad Gateway", f"{error.type}, sent: {error.sent}"
    start_response(status, [("Content-Type", "text/plain")])
    return [text.encode()]
