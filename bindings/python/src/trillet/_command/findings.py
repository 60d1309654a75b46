"""What ``trillet doctor`` finds on this machine, before anything is sent."""

from __future__ import annotations

import os
import platform
import resource
from typing import TYPE_CHECKING, NamedTuple

from .. import LibraryError, __version__, library_info

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .. import LibraryInfo

OK, PROBLEM, SKIPPED = "ok", "problem", "skipped"

# A client opens up to 64 connections; its host has files of its own.
_FEW_FILES = 256


class Finding(NamedTuple):
    """One thing that was looked at.

    Attributes:
        name: What it is, in a word or two.
        state: ``"ok"``, ``"problem"`` or ``"skipped"``.
        found: What was found.
        advice: What to do about a problem; empty if there is none.
    """

    name: str
    state: str
    found: str
    advice: str = ""


def machine_findings(url: str) -> Iterator[Finding]:
    """Python, the library and what it runs with, certificates for the address, limits."""
    yield Finding("Python", OK, f"{platform.python_version()} ({platform.python_implementation()})")
    try:
        info = library_info()
    except LibraryError as error:
        yield Finding("library", PROBLEM, error.message, "Everything else needs it.")
    else:
        yield _library(info)
        yield _libcurl(info)
        yield _certificates(info, url)
    yield _glibc()
    yield _open_files()


def _library(info: LibraryInfo) -> Finding:
    found = f"{info['version']}, {info['kind']}: {info['path']} ({info['why']})"
    if info["version"] == __version__:
        return Finding("library", OK, found)
    advice = f"This package has version {__version__}: install both in the same version."
    return Finding("library", PROBLEM, found, advice)


def _libcurl(info: LibraryInfo) -> Finding:
    if info["libcurl"] is None:
        return Finding("libcurl", SKIPPED, "the library does not say which one it uses")
    http2 = "" if info["http2"] is None else f", HTTP/2 {'yes' if info['http2'] else 'no'}"
    found = f"{info['libcurl']}, TLS by {info['tls'] or 'nothing'}{http2}"
    if info["tls"] is None:
        advice = "Use a libcurl with TLS, or the one of the wheel: TRILLET_LIBRARY=bundled."
        return Finding("libcurl", PROBLEM, found, advice)
    return Finding("libcurl", OK, found)


def _certificates(info: LibraryInfo, url: str) -> Finding:
    if url.lower().startswith("http://"):
        return Finding("certificates", OK, "not needed: the service has no https address")
    file = info["ca_file"]
    if file is None and info["kind"] == "system":
        return Finding("certificates", OK, "those of the system's libcurl")
    advice = (
        "Install ca-certificates (or certifi, by pip), or name a file in SSL_CERT_FILE or ca_file."
    )
    if file is None:
        return Finding("certificates", PROBLEM, "none: no https service is trusted", advice)
    if not os.access(file, os.R_OK):
        return Finding("certificates", PROBLEM, f"{file} cannot be read", advice)
    return Finding("certificates", OK, file)


def _glibc() -> Finding:
    name, version = platform.libc_ver()
    found = f"{name} {version}".strip() or "unknown"
    return Finding("C library", OK, f"{found}, {platform.machine()}")


def _open_files() -> Finding:
    limit, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return Finding("open files", OK, "no limit")
    if limit >= _FEW_FILES:
        return Finding("open files", OK, f"at most {limit}")
    allowed = "more" if most == resource.RLIM_INFINITY else f"up to {most}"
    advice = f"Each connection is one: `ulimit -n 1024` in the shell that starts it ({allowed})."
    return Finding("open files", PROBLEM, f"at most {limit}", advice)
