"""What the loaded library says of itself, and the certificates that it needs from elsewhere."""

from __future__ import annotations

import os

from .._json.encoding import read
from .imports import no_fork
from .library import Library, load
from .places import BUNDLED_NAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._model.library_info import LibraryInfo


def library_info() -> LibraryInfo:
    """The native library in use: path, kind, versions, certificates.

    Raises:
        LibraryError: The native library cannot be used.
    """
    library = load()
    told = _told(library)
    version: bytes = library.call("trillet_version")
    return {
        "path": library.path,
        "kind": "bundled" if told.get("bundled") else "system",
        "why": library.why,
        "version": version.decode("utf-8"),
        "abi": library.call("trillet_abi"),
        "libcurl": told.get("libcurl") or None,
        "tls": told.get("tls") or None,
        "http2": told.get("http2"),
        "ca_file": told.get("caFile") or _certifi(told),
        "glibc": _glibc(),
    }


def certificates(library: Library) -> str | None:
    """The certificates to name to a client that was given none; None leaves it to the library.

    A system without libcurl often has no certificates either.
    """
    told = _told(library)
    return None if told.get("caFile") else _certifi(told)


def _certifi(told: dict[str, Any]) -> str | None:
    if not told.get("bundled"):
        return None
    try:
        with no_fork():
            import certifi
    except ImportError:
        return None
    file: str = certifi.where()
    return file


def _told(library: Library) -> dict[str, Any]:
    if library.has("trillet_library_info"):
        told: dict[str, Any] = read(library.text("trillet_library_info"))
        return told
    # A library from before that function: what libcurl says, unless it is hidden inside.
    words = library.libcurl_words().split()
    named = dict(word.partition("/")[::2] for word in words)
    return {
        "bundled": os.path.basename(library.path) == BUNDLED_NAME,
        "libcurl": named.get("libcurl"),
        "tls": words[1] if len(words) > 1 else None,
        "http2": "nghttp2" in named if words else None,
    }


def _glibc() -> str | None:
    try:
        name = os.confstr("CS_GNU_LIBC_VERSION")
    except (AttributeError, OSError, ValueError):
        return None
    return name.rpartition(" ")[2] if name else None
