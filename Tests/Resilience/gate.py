"""Replies that wait at a gate, and requests that can be told apart."""

from __future__ import annotations

import threading
from typing import Any

from operations import AGENT
from recording_server import Connection, RecordingServer, Request, json_answer

SEND = {"agentId": AGENT, "toNumber": "+12025550164"}
LIST = {"batchId": "batch_1"}


class Gate:
    """A reply that is given when the gate opens, and counts who waits at it."""

    def __init__(self, server: RecordingServer) -> None:
        self._open = threading.Event()
        self._count = threading.Condition()
        self.waiting = 0
        self.most = 0
        server.otherwise = self._reply

    def open(self) -> None:
        self._open.set()

    def wait_for(self, count: int) -> None:
        with self._count:
            assert self._count.wait_for(lambda: self.waiting >= count, 20)

    def _reply(self, connection: Connection) -> bool:
        with self._count:
            self.waiting += 1
            self.most = max(self.most, self.waiting)
            self._count.notify_all()
        while not self._open.wait(0.05) and not connection.stopping.is_set():
            pass
        with self._count:
            self.waiting -= 1
        return json_answer({})(connection)


def token(request: Request) -> str:
    return request.headers["x-request-id"]


def tokens(server: RecordingServer) -> list[str]:
    return [token(request) for request in server.requests]


def named(name: str) -> dict[str, Any]:
    return {"headers": {"x-request-id": name}}
