"""A WSGI program that places calls, for gunicorn, uWSGI and mod_wsgi; each opens its client.

gunicorn --chdir examples/hosts/wsgi calls
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import parse_qs

import trillet

clients: list[trillet.Trillet] = []


def open_client() -> None:
    """In each worker, after the fork: a client belongs to the process that made it."""
    # Less than the 30 s after which the servers kill a worker.
    clients.append(trillet.Trillet(timeout_ms=20_000, max_retries=0))


def close_client() -> None:
    """At a worker's end: calls on the wire have five seconds for their answers."""
    while clients:
        clients.pop().close(5000)


def application(environ: dict[str, str], start_response: Callable[..., object]) -> Iterable[bytes]:
    asked = parse_qs(environ["QUERY_STRING"])
    try:
        call = clients[0].calls.send(asked["agent"][0], "+" + asked["number"][0])
        status, text = "200 OK", str(trillet.call_id(call))
    except trillet.TrilletError as error:
        status, text = "502 Bad Gateway", f"{error.type}, sent: {error.sent}"
    start_response(status, [("Content-Type", "text/plain")])
    return [text.encode()]
