"""A WSGI program under uWSGI; the client's 20 s must end before harakiri's 30.

uwsgi --plugin python3 --http :8000 --master --processes 2 --harakiri 30 --wsgi-file calls.py
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import parse_qs

import trillet
import uwsgi  # only there under uWSGI

clients: list[trillet.Trillet] = []


def open_client() -> None:
    """In each worker: the master has loaded this file before it forked them."""
    clients.append(trillet.Trillet(timeout_ms=20_000, max_retries=0))


uwsgi.post_fork_hook = open_client
uwsgi.atexit = lambda: clients.pop().close(5000)


def application(environ: dict[str, str], start_response: Callable[..., object]) -> Iterable[bytes]:
    asked = parse_qs(environ["QUERY_STRING"])
    try:
        call = clients[0].calls.send(asked["agent"][0], "+" + asked["number"][0])
        status, text = "200 OK", str(trillet.call_id(call))
    except trillet.TrilletError as error:
        status, text = "502 Bad Gateway", f"{error.type}, sent: {error.sent}"
    start_response(status, [("Content-Type", "text/plain")])
    return [text.encode()]
