"""requests: a session, and 64 threads that share it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from clients import IN_FLIGHT, Client, Send, check
from suite import service


@contextmanager
def blocking(url: str) -> Iterator[Send]:
    import requests
    from requests.adapters import HTTPAdapter

    with requests.Session() as session:
        session.trust_env = False
        session.headers.update(service.HEADERS)
        session.mount("http://", HTTPAdapter(pool_maxsize=IN_FLIGHT))

        def send() -> None:
            answer = session.post(
                url + service.PATH, data=service.encode(service.FIELDS).encode(), timeout=60
            )
            answer.raise_for_status()
            check(answer.json(), "status", "success")

        yield send


CLIENT = Client("requests", "requests", "requests", blocking=blocking, threads=True)
