"""The recording server over HTTP/2, with the frames in the hands of its replies.

A reply written for HTTP/1.1 works unchanged: what it sends is turned into frames. A reply that
needs more finds it in `Stream`. Each runs on a thread of its own, for streams are independent.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import h2.settings
from h2.errors import ErrorCodes
from hyperframe.frame import Frame

from recording_server import Connection, RecordingServer, Reply, Request
from secure_server import reset_unread

_ONE_READ = 65536


class Http2Connection:
    """The server's end of one connection. Any thread may write to it."""

    def __init__(self, channel: socket.socket, tls: ssl.SSLContext) -> None:
        self.raw = channel
        self.lock = threading.RLock()
        self.ended = threading.Event()
        # The highest stream whose request was taken, and the last that may be.
        self.highest = 0
        self.last = 2**31 - 1
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        # OpenSSL does not read and write one connection at the same time; so under the lock.
        self._tls = tls.wrap_bio(self._incoming, self._outgoing, server_side=True)
        configuration = h2.config.H2Configuration(
            client_side=False, header_encoding="utf-8", validate_outbound_headers=False
        )
        self.protocol = h2.connection.H2Connection(configuration)

    def shake_hands(self) -> None:
        while True:
            try:
                self._tls.do_handshake()
                return
            except ssl.SSLWantReadError:
                self._transmit()
                self._take(self.raw.recv(_ONE_READ))
            finally:
                self._transmit()

    @property
    def speaks_http2(self) -> bool:
        """Whether the client has agreed to it."""
        return self._tls.selected_alpn_protocol() == "h2"

    def read(self) -> list[h2.events.Event] | None:
        """What came, or None at the end of the connection."""
        while True:
            with self.lock:
                data = self._read_ready()
                if data is not None:
                    return self._events(data)
            self._take(self.raw.recv(_ONE_READ))

    def read_bytes(self) -> bytes:
        """The same below HTTP/2; empty at the end of the connection."""
        while True:
            with self.lock:
                data = self._read_ready()
            if data is not None:
                return data
            self._take(self.raw.recv(_ONE_READ))

    def _read_ready(self) -> bytes | None:
        try:
            return self._tls.read(_ONE_READ)
        except ssl.SSLWantReadError:
            return None

    def _events(self, data: bytes) -> list[h2.events.Event] | None:
        if not data:
            return None
        events = self.protocol.receive_data(data)
        for event in events:
            if isinstance(event, h2.events.DataReceived) and event.flow_controlled_length:
                self.protocol.acknowledge_received_data(
                    event.flow_controlled_length, event.stream_id
                )
        self.flush()
        return events

    def _take(self, data: bytes) -> None:
        with self.lock:
            if data:
                self._incoming.write(data)
            else:
                self._incoming.write_eof()
                self.ended.set()

    def flush(self) -> None:
        """Sends what the protocol has ready."""
        with self.lock:
            self.write(self.protocol.data_to_send())

    def write(self, data: bytes) -> None:
        """Sends bytes of our own; the protocol's state does not know of them."""
        with self.lock:
            if data:
                self._tls.write(data)
            self._transmit()

    def frame(self, *frames: Frame) -> None:
        self.write(b"".join(frame.serialize() for frame in frames))

    def _transmit(self) -> None:
        if data := self._outgoing.read():
            self.raw.sendall(data)

    def say_goodbye(self) -> None:
        """The end as TLS has it; without it the end looks like an attack."""
        with self.lock:
            try:
                self._tls.unwrap()
            except ssl.SSLError:
                pass
            finally:
                self._transmit()

    def close(self) -> None:
        """Ends the connection for whoever waits for it, too."""
        self.ended.set()
        try:
            if self.raw.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)[:1] == b"\0":
                self.raw.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.raw.close()


class _Channel:
    """What the replies of HTTP/1.1 do with a socket: wait until it ends."""

    def __init__(self, ended: threading.Event) -> None:
        self._ended = ended
        self._patience = 0.05

    def settimeout(self, seconds: float) -> None:
        self._patience = seconds

    def recv(self, _: int) -> bytes:
        if self._ended.wait(self._patience):
            return b""
        raise TimeoutError


class _Http1Channel:
    """A connection without HTTP/2, as the replies of HTTP/1.1 use a socket."""

    def __init__(self, on: Http2Connection) -> None:
        self._on = on
        self.settimeout, self.setsockopt = on.raw.settimeout, on.raw.setsockopt

    def recv(self, _: int) -> bytes:
        return self._on.read_bytes()

    def sendall(self, data: bytes) -> None:
        self._on.write(data)


class Stream(Connection):
    """One request's stream. `send` takes an answer in the form of HTTP/1.1."""

    def __init__(self, on: Http2Connection, number: int, stopping: threading.Event) -> None:
        super().__init__(cast(socket.socket, _Channel(on.ended)), stopping)
        self.on = on
        self.number = number
        self._head = b""
        self._missing: int | None = None

    def send(self, data: bytes) -> None:
        if self._missing is None:
            self._head += data
            head, found, data = self._head.partition(b"\r\n\r\n")
            if not found:
                return
            self._start(head.decode("latin-1"))
            if not data:
                return
        self.data(data)

    def _start(self, text: str) -> None:
        line, *fields = text.split("\r\n")
        status = line.split(" ")[1]
        headers = [(":status", status)]
        length = 0
        for name, _, value in (each.partition(":") for each in fields):
            if name.lower() == "content-length":
                length = int(value)
            headers.append((name.lower(), value.strip()))
        self._missing = length
        with self.on.lock:
            self.on.protocol.send_headers(self.number, headers, end_stream=length == 0)
            self.on.flush()

    def data(self, data: bytes) -> None:
        assert self._missing is not None
        self._missing -= len(data)
        with self.on.lock:
            self.on.protocol.send_data(self.number, data, end_stream=self._missing == 0)
            self.on.flush()

    def end(self, code: ErrorCodes) -> None:
        """Ends this stream alone."""
        with self.on.lock:
            self.on.protocol.reset_stream(self.number, code)
            self.on.flush()

    def reset(self) -> None:
        self.on.raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@dataclass(repr=False)
class Http2Server(RecordingServer):
    """A `RecordingServer` that speaks HTTP/2 over TLS, and HTTP/1.1 with whoever asks for that.

    ``at_the_head`` replies before the request's body is read. ``at_once`` acts on a connection
    whose handshake is done. ``most_streams`` is what it allows on one connection.
    """

    at_the_head: Reply | None = None
    at_once: Callable[[Http2Connection], None] | None = None
    most_streams: int | None = None

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def _serve(self, channel: socket.socket, number: int) -> None:
        assert self.tls is not None
        try:
            if self.resets_connections:
                reset_unread(self.tls.wrap_socket(channel, server_side=True))
                return
            connection = Http2Connection(channel, self.tls)
            try:
                connection.shake_hands()
                if connection.speaks_http2:
                    self._converse(connection, number)
                else:
                    channel = cast(socket.socket, _Http1Channel(connection))
                    self._answer_requests(channel, number)
            finally:
                connection.close()
        except (OSError, h2.exceptions.ProtocolError):
            return

    def _converse(self, connection: Http2Connection, number: int) -> None:
        connection.protocol.initiate_connection()
        if self.most_streams is not None:
            limit: dict[h2.settings.SettingCodes | int, int] = {
                h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: self.most_streams
            }
            connection.protocol.update_settings(limit)
        connection.flush()
        if self.at_once is not None:
            self.at_once(connection)
        under_way: dict[int, list[bytes]] = {}
        while (events := connection.read()) is not None:
            for event in events:
                if isinstance(event, h2.events.RequestReceived):
                    if self._refuses(connection, event.stream_id):
                        continue
                    under_way[event.stream_id] = [_head_of(event)]
                    if self.at_the_head is not None:
                        self._answer(connection, event.stream_id, under_way, number)
                elif isinstance(event, h2.events.DataReceived):
                    under_way.get(event.stream_id, []).append(event.data)
                elif isinstance(event, h2.events.StreamEnded):
                    self._answer(connection, event.stream_id, under_way, number)

    def _refuses(self, connection: Http2Connection, stream: int) -> bool:
        """A stream that the client opened before it knew the limit."""
        open_streams = connection.protocol.open_inbound_streams
        if self.most_streams is None or open_streams <= self.most_streams:
            return False
        Stream(connection, stream, self._stopping).end(ErrorCodes.REFUSED_STREAM)
        return True

    def _answer(
        self,
        connection: Http2Connection,
        stream: int,
        under_way: dict[int, list[bytes]],
        number: int,
    ) -> None:
        pieces = under_way.pop(stream, None)
        if pieces is None:
            return
        with connection.lock:
            if stream > connection.last:
                return
            connection.highest = max(connection.highest, stream)
            reply = self._record(Request(b"".join(pieces), number))
        if self.at_the_head is not None:
            reply = self.at_the_head
        end = Stream(connection, stream, self._stopping)

        def run() -> None:
            try:
                if not reply(end):
                    connection.close()
            except (OSError, h2.exceptions.ProtocolError):
                return  # the client went away

        self._start(run)


def _head_of(event: h2.events.RequestReceived) -> bytes:
    """The head as HTTP/1.1 would have it."""
    headers = dict(cast("list[tuple[str, str]]", event.headers))
    lines = [f"{headers.pop(':method')} {headers.pop(':path')} HTTP/2"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
