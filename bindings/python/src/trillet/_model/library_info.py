"""What the package tells of the native library."""

from __future__ import annotations

from typing import Literal, TypedDict


class LibraryInfo(TypedDict):
    """The native library in use, and what it runs with; what it does not tell is None.

    Attributes:
        path: The file, or its name where the system's loader found it.
        kind: ``"system"`` uses the system's libcurl; ``"bundled"`` has libcurl and TLS inside.
        why: Why this library was taken.
        version: Its version.
        abi: The version of its C interface.
        libcurl: The version of libcurl in use.
        tls: The TLS library in use, for instance ``"OpenSSL/3.0.13"``.
        http2: Whether HTTP/2 is possible.
        ca_file: The certificates that a client without ``ca_file`` trusts.
        glibc: The version of the system's C library; None with another than glibc.
    """

    path: str
    kind: Literal["system", "bundled"]
    why: str
    version: str
    abi: int
    libcurl: str | None
    tls: str | None
    http2: bool | None
    ca_file: str | None
    glibc: str | None
