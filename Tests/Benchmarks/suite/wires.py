"""What lies between a client and the server: the protocol, with or without TLS."""

from __future__ import annotations

import pathlib
import subprocess
from typing import NamedTuple

from clients import CA_VARIABLE


class Wire(NamedTuple):
    """One protocol; `key` names it in `--wires` and in the page's sections."""

    key: str
    title: str
    is_secure: bool
    # What nginx's `listen` is given beside the address.
    listen: str


PLAIN = Wire("plain", "HTTP/1.1", False, "")
TLS = Wire("tls", "HTTP/1.1 + TLS", True, " ssl")
H2 = Wire("h2", "HTTP/2 + TLS", True, " ssl http2")
WIRES = {wire.key: wire for wire in (PLAIN, TLS, H2)}


class Address(NamedTuple):
    """Where a server listens, and what its clients have to know of it."""

    wire: Wire
    port: int
    certificate: pathlib.Path

    @property
    def url(self) -> str:
        return f"{'https' if self.wire.is_secure else 'http'}://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return {CA_VARIABLE: str(self.certificate)} if self.wire.is_secure else {}

    def through(self, port: int) -> Address:
        """The same server behind another port."""
        return self._replace(port=port)


def make_certificate(folder: pathlib.Path) -> pathlib.Path:
    """A certificate for loopback that signs itself, beside its key."""
    certificate = folder / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=benchmark"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(folder / "key.pem"), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return certificate
