"""Fills in what vcpkg and Conan want to know of a release: its version, place and checksums.

python Tools/release/ports.py build/release/libtrillet-….tar.xz --url URL build/ports
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(description="Writes the ports of a release.")
    parser.add_argument("archive", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--url", required=True, help="the folder where it can be fetched from")
    given = parser.parse_args()
    content = given.archive.read_bytes()
    header = (ROOT / "include/trillet.h").read_text("utf-8")
    values = {
        "VERSION": re.findall(r'TRILLET_VERSION "(.+)"', header)[0],
        "ARCHIVE": given.archive.name,
        "URL": f"{given.url.rstrip('/')}/{given.archive.name}",
        "SHA256": hashlib.sha256(content).hexdigest(),
        "SHA512": hashlib.sha512(content).hexdigest(),
    }
    for port in ("vcpkg", "conan"):
        for path in sorted((ROOT / "packaging" / port).rglob("*")):
            if (
                path.is_file()
                and path.suffix not in {".pyc", ".txt"}
                or path.name == "CMakeLists.txt"
            ):
                _write(path, given.folder / path.relative_to(ROOT / "packaging"), values)
    return 0


def _write(source: Path, target: Path, values: dict[str, str]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix != ".in":
        shutil.copyfile(source, target)
        return
    text = re.sub(r"@([A-Z0-9]+)@", lambda found: values[found[1]], source.read_text("utf-8"))
    target.with_suffix("").write_text(text, "utf-8")


if __name__ == "__main__":
    sys.exit(main())
