"""The software of others that is inside an artifact, or that it needs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Component:
    name: str
    version: str
    licence: str
    source: str
    is_inside: bool = True


SWIFT = "Apache-2.0 WITH Swift-exception"
# Of Debian's source packages that the bundled library is built from.
BUNDLED_LICENCES = {"curl": "curl", "openssl": "Apache-2.0", "nghttp2": "MIT", "zlib": "Zlib"}
# Of the packages of the sandbox that are not under the licence of most.
SANDBOX_LICENCES = {"grdb.swift": "MIT", "yams": "MIT"}


def inside(files: Mapping[str, bytes], root: Path, swift: str) -> list[Component]:
    """By the files of an artifact, libraries and the sandbox, that Swift of this version made."""
    libraries = [
        name
        for name, content in files.items()
        if re.search(r"libtrillet[^/]*\.so(\.[\d.]+)?$", name) and content[:4] == b"\x7fELF"
    ]
    sandboxes = [
        content
        for name, content in files.items()
        if name.rpartition("/")[2] == "trillet-sandbox" and content[:4] == b"\x7fELF"
    ]
    # The sandbox of the Debian package asks the system for libcurl; the others have it inside.
    takes_libcurl = ["bundled" not in name for name in libraries]
    takes_libcurl += [b"libcurl.so.4\0" in content for content in sandboxes]
    parts: list[Component] = []
    if libraries or sandboxes:
        source = "https://github.com/swiftlang/swift"
        parts.append(Component("Swift standard library", swift, SWIFT, source))
    if any(takes_libcurl):
        parts.append(Component("libcurl", "", "curl", "https://curl.se", is_inside=False))
    if not all(takes_libcurl):
        parts += _bundled(root / "packaging/bundled/sources.txt")
    if sandboxes:
        parts += _sandbox(root / "Tools/.build/workspace-state.json", swift)
    return parts


def _bundled(pinned: Path) -> Iterator[Component]:
    for line in pinned.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            name, version = line.split()[:2]
            source = f"https://packages.debian.org/source/{name}"
            yield Component(name, version, BUNDLED_LICENCES.get(name, "NOASSERTION"), source)


def _sandbox(state: Path, swift: str) -> Iterator[Component]:
    yield Component("Foundation and libdispatch", swift, SWIFT, "https://github.com/swiftlang")
    yield Component("SQLite", "", "blessing", "https://www.sqlite.org")
    if not state.exists():
        return
    packages = json.loads(state.read_text("utf-8"))["object"]["dependencies"]
    for package in sorted(packages, key=lambda one: str(one["packageRef"]["identity"])):
        reference = package["packageRef"]
        version = (package["state"].get("checkoutState") or {}).get("version", "")
        name = reference["identity"]
        licence = SANDBOX_LICENCES.get(name, "Apache-2.0")
        location = reference["location"]
        source = location if location.startswith("https://") else ""
        yield Component(name, version, licence, source)
