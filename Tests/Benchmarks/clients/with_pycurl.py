"""pycurl: one handle used again, and a multi handle with 64 of them."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from clients import IN_FLIGHT, Batch, Client, Send, ca_file, check
from suite import service


class Transfer:
    """A handle with the text that it receives."""

    def __init__(self, url: str) -> None:
        import pycurl

        self.handle: Any = pycurl.Curl()
        self.handle.setopt(pycurl.URL, url + service.PATH)
        lines = [f"{name}: {value}" for name, value in service.HEADERS.items()]
        self.handle.setopt(pycurl.HTTPHEADER, lines)
        self.handle.setopt(pycurl.NOSIGNAL, 1)
        self.handle.setopt(pycurl.PROXY, "")
        self.handle.setopt(pycurl.TIMEOUT_MS, 60000)
        if (authority := ca_file()) is not None:
            self.handle.setopt(pycurl.CAINFO, authority)
            self.handle.setopt(pycurl.PIPEWAIT, 1)
        self._target, self._body = pycurl.WRITEDATA, pycurl.POSTFIELDS
        self._status = pycurl.RESPONSE_CODE
        self.started = 0.0

    def prepare(self) -> None:
        self.started = time.perf_counter()
        self._buffer = io.BytesIO()
        self.handle.setopt(self._target, self._buffer)
        self.handle.setopt(self._body, service.encode(service.FIELDS))

    def check(self) -> None:
        status = self.handle.getinfo(self._status)
        if status != 200:
            raise SystemExit(f"pycurl: status {status}")
        check(json.loads(self._buffer.getvalue()), "status", "success")


@contextmanager
def blocking(url: str) -> Iterator[Send]:
    transfer = Transfer(url)

    def send() -> None:
        transfer.prepare()
        transfer.handle.perform()
        transfer.check()

    yield send
    transfer.handle.close()


@contextmanager
def batch(url: str) -> Iterator[Batch]:
    import pycurl

    multi: Any = pycurl.CurlMulti()
    transfers = [Transfer(url) for _ in range(IN_FLIGHT)]
    by_handle = {transfer.handle: transfer for transfer in transfers}

    def begin(transfer: Transfer) -> None:
        transfer.prepare()
        multi.add_handle(transfer.handle)

    def send(count: int) -> list[float]:
        latencies: list[float] = []
        begun = min(count, IN_FLIGHT)
        for transfer in transfers[:begun]:
            begin(transfer)
        while len(latencies) < count:
            multi.perform()
            waiting = 1
            while waiting:
                waiting, ended, failed = multi.info_read()
                if failed:
                    raise SystemExit(f"pycurl: {failed}")
                for handle in ended:
                    transfer = by_handle[handle]
                    transfer.check()
                    latencies.append(time.perf_counter() - transfer.started)
                    multi.remove_handle(handle)
                    if begun < count:
                        begun += 1
                        begin(transfer)
            if len(latencies) < count:
                multi.select(1.0)
        return latencies

    yield send
    multi.close()


CLIENT = Client(
    "pycurl", "pycurl", "pycurl", blocking=blocking, batch=batch, wires=("plain", "tls", "h2")
)
