"""requests: a session, and 64 threads that share it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from clients import IN_FLIGHT, Client, Send, ca_file, check
from suite import service


@contextmanager
def blocking(url: str) -> Iterator[Send]:
    import requests
    from requests.adapters import HTTPAdapter

    with requests.Session() as session:
        session.trust_env = False
        session.headers.update(service.HEADERS)
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(pool_maxsize=IN_FLIGHT))
        session.verify = ca_file() or True

        def send() -> None:
            answer = session.post(
                url + service.PATH, data=service.encode(service.FIELDS).encode(), timeout=60
            )
            answer.raise_for_status()
            check(answer.json(), "status", "success")

        yield send


CLIENT = Client(
    "requests", "requests", "requests", blocking=blocking, threads=True, wires=("plain", "tls")
)
