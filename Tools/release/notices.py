"""Writes THIRD-PARTY-NOTICES: the licences and notices of what a program or library contains.

    python Tools/release/notices.py sandbox --checkouts Tools/.build/checkouts [--sources DIR] FILE
    python Tools/release/notices.py bundled --sources build/bundled-sources FILE

Each text is the package's own, from the sources that were built; one without any is a mistake.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

# The first that is there.
LICENCES = ("LICENSE*", "LICENCE*", "COPYING*", "debian/copyright")
# The second is of what a package has taken into its own sources.
NOTICES = ("NOTICE*", "Sources/*/LICENSE*")
RULE = "=" * 80

# Linked from the toolchain or the system, without a folder of sources here.
OF_THE_TOOLCHAIN = """\
The Swift standard library, Foundation and libdispatch
https://www.swift.org
Copyright Apple Inc. and the Swift project authors. Licensed under the Apache License, Version 2.0,
with the Runtime Library Exception (https://www.swift.org/LICENSE.txt).

ICU, inside Foundation
https://icu.unicode.org
Copyright Unicode, Inc. Licensed under the Unicode License V3
(https://www.unicode.org/license.txt).

SQLite
https://www.sqlite.org
In the public domain.

The GNU C++ library and libgcc
https://gcc.gnu.org
Copyright Free Software Foundation, Inc. Licensed under the GNU General Public License, version 3,
with the GCC Runtime Library Exception, version 3.1.
"""
# Packages that are inside the bundled library, by how their folders of sources begin.
BUNDLED = ("curl", "nghttp2", "openssl", "zlib")


def texts(folder: Path) -> list[str]:
    """The licence of a package, and its notices."""
    found: list[Path] = []
    for pattern in LICENCES:
        found = sorted(path for path in folder.glob(pattern) if path.is_file())
        if found:
            break
    if not found:
        raise SystemExit(f"{folder} has no licence")
    for pattern in NOTICES:
        found += sorted(path for path in folder.glob(pattern) if path.is_file())
    return [path.read_text("utf-8", errors="replace").strip() for path in found]


def versions(checkouts: Path) -> dict[str, str]:
    """The version of each Swift package by the name of its folder."""
    state = json.loads((checkouts.parent / "workspace-state.json").read_text("utf-8"))
    found = {}
    for dependency in state["object"]["dependencies"]:
        checkout = dependency["state"].get("checkoutState") or {}
        found[Path(dependency["subpath"]).name] = checkout.get("version") or ""
    return found


def sections(folders: list[Path], known: dict[str, str]) -> list[str]:
    """One for each package; the same text is written once, for all that have it."""
    written: dict[str, str] = {}
    made = []
    for folder in folders:
        title = f"{folder.name} {known.get(folder.name, '')}".strip()
        parts = [f"{RULE}\n{title}\n{RULE}"]
        for text in texts(folder):
            if text in written:
                parts.append(f"(The text under {written[text]}, word for word.)")
            else:
                written[text] = folder.name
                parts.append(text)
        made.append("\n\n".join(parts) + "\n")
    return made


def bundled_folders(sources: Path) -> list[Path]:
    folders = []
    for name in BUNDLED:
        found = sorted(path for path in sources.glob(f"{name}-*") if path.is_dir())
        if len(found) != 1:
            raise SystemExit(f"{sources} has {len(found)} folders of {name}, not one")
        folders += found
    return folders


def of_bundled(sources: Path) -> str:
    head = "The library with libcurl inside contains the following software of others.\n"
    return "\n".join([head, *sections(bundled_folders(sources), {})])


def of_sandbox(checkouts: Path, sources: Path | None = None) -> str:
    """Of the sandbox: with `sources`, of the one that is linked with the bundled libcurl."""
    packages = [path for path in checkouts.iterdir() if path.is_dir()]
    if not packages:
        raise SystemExit(f"{checkouts} has no packages; 'make tools' fetches them")
    folders = sorted(packages, key=lambda path: path.name.lower())
    folders += [] if sources is None else bundled_folders(sources)
    head = "trillet-sandbox contains the following software of others.\n"
    return "\n".join([head, OF_THE_TOOLCHAIN, *sections(folders, versions(checkouts))])


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("sandbox", "bundled"))
    parser.add_argument("--checkouts", type=Path)
    parser.add_argument("--sources", type=Path)
    parser.add_argument("file", type=Path)
    given = parser.parse_args()
    if given.what == "sandbox":
        if given.checkouts is None:
            parser.error("the sandbox needs --checkouts")
        text = of_sandbox(given.checkouts, given.sources)
    else:
        if given.sources is None:
            parser.error("the bundled library needs --sources")
        text = of_bundled(given.sources)
    given.file.parent.mkdir(parents=True, exist_ok=True)
    given.file.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
