"""The service that the guest tests talk to: plain and TLS, in a process of its own.

Everything a request wants stands in its own fields (JSON body, or query), so that cases which share
the service do not meet:

    id        comes back in the answer, to tell whose answer it is
    tag       counts the request under this name, see /journal
    delayMs   the answer comes that much later
    hold      the answer comes after /release of the tag
    bytes     so many bytes of text in the answer
    depth     so many nested lists in the answer
    fault     "close" without an answer, "half" of one and close, "reset"

POST /refuse resets the connection before the body has been read.

The first line of output is {"plain": port, "secure": port}. Ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
import sys
from urllib.parse import parse_qsl, unquote

Fields = dict[str, object]


class Journal:
    """What came in, by tag, and who waits for a release."""

    def __init__(self) -> None:
        self.requests: dict[str, list[object]] = {}
        self.connections: dict[str, set[int]] = {}
        self.held: dict[str, list[Connection]] = {}
        self.released: set[str] = set()
        self.opened = 0

    def note(self, tag: str, identifier: object, connection: int) -> None:
        self.requests.setdefault(tag, []).append(identifier)
        self.connections.setdefault(tag, set()).add(connection)

    def summary(self, tag: str) -> Fields:
        seen = self.requests.get(tag, [])
        return {
            "requests": len(seen),
            "different": len({json.dumps(identifier) for identifier in seen}),
            "connections": len(self.connections.get(tag, ())),
        }

    def release(self, tag: str) -> None:
        self.released.add(tag)
        for connection in self.held.pop(tag, []):
            connection.finish()


def number(fields: Fields, name: str) -> int:
    return int(str(fields.get(name, 0)))


class Connection(asyncio.Protocol):
    """One connection; requests on it are answered one after the other."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.transport: asyncio.Transport | None = None
        self.received = b""
        self.pending: tuple[Fields, bytes] | None = None
        self.number = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.journal.opened += 1
        self.number = self.journal.opened

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None

    def data_received(self, data: bytes) -> None:
        self.received += data
        self.take()

    def take(self) -> None:
        """Starts on the next request when it is there whole."""
        if self.pending is not None:
            return
        head, separator, rest = self.received.partition(b"\r\n\r\n")
        if not separator:
            return
        lines = head.decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines[1:])
        }
        length = int(headers.get("content-length", 0))
        _, target, _ = lines[0].split(" ", 2)
        path, _, query = target.partition("?")
        if path == "/refuse":
            self.reset()
            return
        if len(rest) < length:
            return
        self.received = rest[length:]
        fields: Fields = dict(parse_qsl(query))
        if "json" in headers.get("content-type", ""):
            fields.update(json.loads(rest[:length]))
        self.act(unquote(path), fields, headers, rest[:length])

    def act(self, path: str, fields: Fields, headers: dict[str, str], body: bytes) -> None:
        tag = str(fields.get("tag", ""))
        if path == "/journal":
            self.pending = ({}, json.dumps(self.journal.summary(tag)).encode())
            self.finish()
            return
        if path == "/release":
            self.journal.release(tag)
            self.pending = ({}, b"{}")
            self.finish()
            return
        self.journal.note(tag, fields.get("id"), self.number)
        answer: Fields = {
            "id": fields.get("id"),
            "connection": self.number,
            "key": headers.get("x-api-key"),
            "received": body.decode("utf-8", "replace") if len(body) < 4096 else len(body),
        }
        if "bytes" in fields:
            answer["text"] = "x" * number(fields, "bytes")
        text = json.dumps(answer)
        if "depth" in fields:
            depth = number(fields, "depth")
            text = text[:-1] + ', "nested": ' + "[" * depth + "]" * depth + "}"
        self.pending = (fields, text.encode())
        if fields.get("hold") and tag not in self.journal.released:
            self.journal.held.setdefault(tag, []).append(self)
        elif "delayMs" in fields:
            asyncio.get_running_loop().call_later(number(fields, "delayMs") / 1000, self.finish)
        else:
            self.finish()

    def finish(self) -> None:
        """Answers the request, or does instead what its `fault` says."""
        if self.pending is None or self.transport is None:
            return
        fields, body = self.pending
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode()
        fault = fields.get("fault")
        if fault is None:
            self.transport.write(head + body)
            self.pending = None
            self.take()
            return
        if fault == "half":
            self.transport.write(head + body[: len(body) // 2])
        if fault == "reset":
            self.reset()
        else:
            self.transport.close()

    def reset(self) -> None:
        assert self.transport is not None
        own = self.transport.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


async def serve(certificate: str, key: str) -> None:
    loop = asyncio.get_running_loop()
    journal = Journal()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    ports: dict[str, int] = {}
    for name, tls in (("plain", None), ("secure", context)):
        server = await loop.create_server(
            lambda: Connection(journal), "127.0.0.1", 0, ssl=tls, backlog=1024
        )
        ports[name] = server.sockets[0].getsockname()[1]
    print(json.dumps(ports), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2]))
