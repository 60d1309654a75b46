"""What a request travels over: the versions of HTTP and TLS, as a dimension of the tests."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from typing import Any

from certificates import Certificate
from http2_service import Http2Server
from recording_server import RecordingServer
from secure_server import SecureServer


@dataclass(frozen=True)
class Wire:
    """One combination; `tls` is None for plain text."""

    name: str
    tls: ssl.TLSVersion | None = None
    speaks_http2: bool = False

    def __repr__(self) -> str:
        return self.name


PLAIN = Wire("plain")
TLS12 = Wire("tls12", ssl.TLSVersion.TLSv1_2)
TLS13 = Wire("tls13", ssl.TLSVersion.TLSv1_3)
HTTP2 = Wire("h2", ssl.TLSVersion.TLSv1_3, speaks_http2=True)
_ALL = {wire.name: wire for wire in (PLAIN, TLS12, TLS13, HTTP2)}


def _chosen() -> list[Wire]:
    """`TRILLET_TEST_WIRES=h2,tls13` limits a run, for a libcurl that cannot speak all of them."""
    names = os.environ.get("TRILLET_TEST_WIRES") or ",".join(_ALL)
    return [_ALL[name] for name in names.split(",")]


WIRES = _chosen()
TLS_WIRES = [wire for wire in WIRES if wire.tls is not None]
HTTP2_WIRES = [wire for wire in WIRES if wire.speaks_http2]
HTTP1_WIRES = [wire for wire in WIRES if not wire.speaks_http2]


class Line:
    """A wire with a certificate: makes servers, and the options of clients that trust them."""

    def __init__(self, wire: Wire, certificate: Certificate) -> None:
        self.wire = wire
        self._certificate = certificate
        secure = wire.tls is not None
        self.scheme = "https" if secure else "http"
        self.options: dict[str, Any] = {"caFile": str(certificate.authority)} if secure else {}

    def __repr__(self) -> str:
        return self.wire.name

    def server(self, port: int = 0) -> RecordingServer:
        """A server of our own, not yet started."""
        if self.wire.tls is None:
            return RecordingServer(port=port)
        kind = Http2Server if self.wire.speaks_http2 else SecureServer
        return kind(port=port, tls=self.context())

    def context(self) -> ssl.SSLContext:
        version = self.wire.tls
        assert version is not None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = context.maximum_version = version
        context.load_cert_chain(self._certificate.chain, self._certificate.key)
        protocols = ["h2", "http/1.1"] if self.wire.speaks_http2 else ["http/1.1"]
        context.set_alpn_protocols(protocols)
        return context
