"""A CONNECT proxy that fails as it is told to, or lets through."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType

Behaviour = Callable[[socket.socket], None]


class ConnectProxy:
    """Serves each connection on a thread; `behaviours` are taken in turn, the last one for good."""

    def __init__(self, *behaviours: Behaviour | None) -> None:
        self._behaviours = behaviours
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._sockets: list[socket.socket] = []
        self._is_open = True
        self.heads: list[bytes] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> ConnectProxy:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_open = False
        # A thread in accept would keep the socket open.
        socket.create_connection(self._listener.getsockname()).close()
        self._thread.join()
        self._listener.close()
        for each in self._sockets:
            each.close()

    def _serve(self) -> None:
        while True:
            accepted, _ = self._listener.accept()
            if not self._is_open:
                accepted.close()
                return
            self._sockets.append(accepted)
            threading.Thread(target=self._take, args=(accepted,), daemon=True).start()

    def _take(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = client.recv(4096)
            if not piece:
                return
            head += piece
        self.heads.append(head)
        behaviour = self._behaviours[min(len(self.heads), len(self._behaviours)) - 1]
        if behaviour is not None:
            behaviour(client)
            return
        host, port = head.split(b" ")[1].rsplit(b":", 1)
        service = socket.create_connection((host.decode(), int(port)))
        self._sockets.append(service)
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=_pass_on, args=(service, client), daemon=True)
        back.start()
        _pass_on(client, service)


def refuse(status: int) -> Behaviour:
    """Answers CONNECT with a status and a page."""

    def behave(client: socket.socket) -> None:
        head = f"HTTP/1.1 {status} Refused\r\nContent-Length: 6\r\nConnection: close\r\n\r\n"
        client.sendall(head.encode() + b"<html>")
        close(client)

    return behave


def close(client: socket.socket) -> None:
    """Closes without an answer; the client may have been first."""
    with contextlib.suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)


def stay_silent(client: socket.socket) -> None:
    pass


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
