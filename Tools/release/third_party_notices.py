"""Writes what the licences of the packages inside the sandbox ask for: their notices and texts.

python Tools/release/third_party_notices.py Tools/.build/checkouts > THIRD-PARTY-NOTICES
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

APACHE = "Apache License"
RULE = "=" * 78
HEAD = """\
The program trillet-sandbox contains the packages below, Swift's standard
library and Foundation (Copyright 2014-2026 Apple Inc. and the Swift project
authors; Apache-2.0 with Runtime Library Exception; https://swift.org), with
Unicode's ICU (Copyright 1991-2026 Unicode, Inc.; Unicode-3.0), and SQLite,
which is in the public domain.

Where a package names no other licence, it is under the Apache License,
Version 2.0, which stands at the end.
"""


def versions(checkouts: Path) -> dict[str, str]:
    """The version of each package by the name of its folder."""
    state = checkouts.parent / "workspace-state.json"
    if not state.is_file():
        return {}
    found = {}
    for dependency in json.loads(state.read_text())["object"]["dependencies"]:
        checkout = dependency["state"].get("checkoutState") or {}
        found[Path(dependency["subpath"]).name] = checkout.get("version") or ""
    return found


def texts(package: Path) -> list[str]:
    """The notice of a package, and its licences but for the Apache License itself."""
    files = sorted([*package.glob("NOTICE*"), *package.glob("LICENSE*")])
    files += sorted(path for path in package.glob("Sources/**/LICENSE*") if path.is_file())
    found = []
    for path in files:
        content = path.read_text().strip("\n")
        is_apache = APACHE in content[:200] and path.name.startswith("LICENSE")
        if not is_apache:
            found.append(content)
    return found


def apache(checkouts: Path) -> str:
    """The text of the Apache License that the packages have."""
    return (Path(checkouts) / "swift-nio" / "LICENSE.txt").read_text().strip("\n")


def text(checkouts: Path) -> str:
    packages = sorted(path for path in checkouts.iterdir() if path.is_dir())
    if not packages:
        sys.exit(f"{checkouts} has no packages; 'make tools' fetches them.")
    known = versions(checkouts)
    parts = [HEAD]
    for package in packages:
        title = f"{package.name} {known.get(package.name, '')}".strip()
        parts.append("\n".join([RULE, title, RULE, "", *"\n\n".join(texts(package)).split("\n")]))
    parts.append("\n".join([RULE, "Apache License, Version 2.0", RULE, "", apache(checkouts)]))
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text(Path(sys.argv[1])))
