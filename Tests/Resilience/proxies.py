"""Proxies of our own: the ways in which they lead to a service, and fail to."""

from __future__ import annotations

import socket
import ssl
import threading
from dataclasses import dataclass, field

from recording_server import Connection, Reply

_STANDS = b"HTTP/1.1 200 Connection established\r\n\r\n"
_LONGEST_PIECE = 65536


@dataclass
class Tunnel:
    """The reply to CONNECT that leads to a port of this machine, whatever host was asked for."""

    port: int
    opening: bytes = _STANDS
    _ended: threading.Event = field(default_factory=threading.Event)
    _over: list[threading.Event] = field(default_factory=list)

    def __call__(self, connection: Connection) -> bool:
        over = threading.Event()
        self._over.append(over)
        with socket.create_connection(("127.0.0.1", self.port)) as service:
            connection.send(self.opening)
            join(connection, service, self._ended)
        connection.channel.shutdown(socket.SHUT_RDWR)
        over.set()
        return False

    def end(self) -> None:
        """Closes every tunnel that stands; later ones are not touched."""
        self._ended.set()
        assert all(over.wait(10) for over in self._over)
        self._ended = threading.Event()


def join(connection: Connection, service: socket.socket, ended: threading.Event) -> None:
    """Carries bytes both ways until one side closes."""
    channel = connection.channel
    over = threading.Event()

    def carry(source: socket.socket, target: socket.socket) -> None:
        source.settimeout(0.05)
        try:
            while not (over.is_set() or ended.is_set() or connection.stopping.is_set()):
                try:
                    piece = source.recv(_LONGEST_PIECE)
                except (TimeoutError, socket.timeout, ssl.SSLWantReadError):
                    continue
                if not piece:
                    break
                target.sendall(piece)
        except OSError:
            pass
        over.set()

    back = threading.Thread(target=carry, args=(service, channel), daemon=True)
    back.start()
    carry(channel, service)
    back.join()


def tunnel_that_closes() -> Reply:
    """The tunnel stands and ends before the service has said anything."""

    def reply(connection: Connection) -> bool:
        connection.send(_STANDS)
        connection.channel.recv(1)
        return False

    return reply


def tunnel_to_silence() -> Reply:
    """The tunnel stands and nobody is behind it."""

    def reply(connection: Connection) -> bool:
        connection.send(_STANDS)
        connection.channel.settimeout(0.05)
        while not connection.stopping.is_set():
            try:
                if not connection.channel.recv(_LONGEST_PIECE):
                    break
            except (TimeoutError, socket.timeout):
                continue
        return False

    return reply


def words(text: bytes, *, then: bytes = b"") -> Reply:
    """Any bytes in place of an answer; more of them until the client has gone."""

    def reply(connection: Connection) -> bool:
        connection.send(text)
        while then and not connection.stopping.is_set():
            connection.send(then * 100)
        return False

    return reply


class SocksProxy:
    """A SOCKS 5 proxy that asks for a login and takes none."""

    def __enter__(self) -> SocksProxy:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.logins: list[bytes] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                channel, _ = self._listener.accept()
            except OSError:
                return
            with channel:
                channel.settimeout(10)
                self._refuse(channel)

    def _refuse(self, channel: socket.socket) -> None:
        try:
            channel.recv(_LONGEST_PIECE)
            channel.sendall(b"\x05\x02")  # a user name and a password, please
            login = channel.recv(_LONGEST_PIECE)
            self.logins.append(login)
            channel.sendall(b"\x01\x01")  # refused
            channel.recv(1)
        except OSError:
            return
