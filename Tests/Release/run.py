"""Tries every artifact of a release where strangers are: in Debian folders, and without libcurl.

    python Tests/Release/run.py --release build/release [--only PART…] [--places PLACE…]

Each part of each place has a log in build/release-roots; the table says what became of it.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from debian_folder import inside
from elf import Elf
from roots import COPIES, PLACES, ROOT, ready
from services import Services, running

HERE = "/project/Tests/Release"
LIBRARIES = ROOT / "build" / "release-libraries"
SUITE_SECONDS = 3600
# The packages ask for a libcurl that Debian 11 does not have.
DEBIAN_PACKAGES = ("bookworm", "trixie")


class Outcome(NamedTuple):
    text: str
    is_good: bool
    seconds: float


class Part(NamedTuple):
    """Something that is tried: its name, where, and how."""

    name: str
    applies: Callable[[str], bool]
    run: Callable[[str, Path, Services], tuple[str, int]]


def counting(
    name: str, root: Path, services: Services, script: str, *arguments: str, most: int
) -> tuple[str, int]:
    """A script whose twenty calls the plain server counts, with the connections that they took."""
    before, sent = services.plain.connections, len(services.plain.requests)
    urls = (services.plain.url, services.tls_url)
    command = ["env", *services.variables, f"{HERE}/{script}", *arguments, *urls]
    output, status = inside(root, *command, data=services.data)
    took = services.plain.connections - before
    sent = len(services.plain.requests) - sent
    output = f"{sent} POSTs took {took} connection{'s' if took != 1 else ''}\n{output}"
    if sent != 20 or not 1 <= took <= most:
        return f"FAILED: twenty calls go over {most} connection\n{output}", status or 1
    return output, status


def archive(name: str, root: Path, services: Services) -> tuple[str, int]:
    place = PLACES[name]
    version = version_of(services.data)
    arguments, most = (place.archive, version), place.most_connections
    return counting(name, root, services, "use-archive", *arguments, most=most)


def wheel(name: str, root: Path, services: Services) -> tuple[str, int]:
    return counting(name, root, services, "use-wheel", PLACES[name].wheel, most=1)


def suite(which: str, library: str) -> Callable[[str, Path, Services], tuple[str, int]]:
    def run(name: str, root: Path, services: Services) -> tuple[str, int]:
        folder = f"LIBRARY_DIR=/project/build/release-libraries/{library}"
        command = ["env", folder, "/project/Tests/Distributions/run-suite", which]
        # The files of JSON's conformance, where the machine has them.
        data = os.environ.get("TRILLET_TEST_DATA")
        return inside(root, *command, data=data, seconds=SUITE_SECONDS)

    return run


def debian(name: str, root: Path, services: Services) -> tuple[str, int]:
    """apt takes the packages into a copy of its own, from which it removes them again."""
    command = [sys.executable, str(ROOT / "Tests/Debian/run.py"), "--releases", name]
    packages = ["--packages", str(services.release)]
    done = subprocess.run(
        [*command, *packages],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SUITE_SECONDS,
        check=False,
    )
    return done.stdout, done.returncode


def has_compiler_and_curl(name: str) -> bool:
    return PLACES[name].archive == "system"


# The suites' own servers need no libcurl, but what the folder lacks is not what they look at.
PARTS = [
    Part("archive", lambda name: True, archive),
    Part("wheel", lambda name: True, wheel),
    Part("deb", lambda name: name in DEBIAN_PACKAGES, debian),
    *(
        Part(f"{which}-{library}", has_compiler_and_curl, suite(which, library))
        for which in ("c", "guest")
        for library in ("system", "bundled")
    ),
]


def version_of(data: Path) -> str:
    (found,) = data.glob("libtrillet-*-linux-*.tar.xz")
    return found.name.split("-")[1]


def outcome(output: str, status: int, seconds: float) -> Outcome:
    counts = [line for line in output.splitlines() if re.search(r"\d+ (passed|failed)", line)]
    text = counts[-1].strip("= ") if counts else f"ended with {status}"
    connections = re.match(r"20 POSTs took (\d+) connections?", output)
    if connections:
        text += f"; 20 POSTs: {connections[1]} connection{'s' if connections[1] != '1' else ''}"
    is_good = status == 0 and bool(counts)
    return Outcome(text if is_good else f"FAILED: {text}", is_good, seconds)


def try_part(name: str, part: Part, root: Path, services: Services) -> Outcome:
    began = time.monotonic()
    output, status = part.run(name, root, services)
    log = COPIES / f"{name}-{part.name}.log"
    log.write_text(output)
    result = outcome(output, status, time.monotonic() - began)
    print(f"{PLACES[name].title}, {part.name}: {result.text} ({result.seconds:.0f} s)", flush=True)
    if not result.is_good:
        told = [line for line in output.splitlines() if line.startswith(("FAILED", "    "))]
        print("\n".join([*told[:40], f"all of it: {log}"]), flush=True)
    return result


def table(rows: list[tuple[str, str, Outcome]]) -> str:
    head = ("place", "part", "outcome", "seconds")
    lines = [head] + [
        (PLACES[at].title, part, one.text, f"{one.seconds:.0f}") for at, part, one in rows
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def floors() -> str:
    """The oldest glibc that each library of the release can be loaded with, and its size."""
    lines = []
    for library in sorted(LIBRARIES.glob("*/libtrillet.so.1")):
        versions = [
            tuple(map(int, name.removeprefix("GLIBC_").split(".")))
            for name in Elf(library).needed_versions
            if name.startswith("GLIBC_")
        ]
        floor = ".".join(map(str, max(versions)))
        lines.append(f"{library.stat().st_size:>10}  {library.parent.name} library, glibc {floor}")
    return "\n".join(lines)


def sizes(release: Path) -> str:
    files = [path for path in sorted(release.iterdir()) if not path.name.endswith(".spdx.json")]
    return "\n".join(f"{path.stat().st_size:>10}  {path.name}" for path in files)


def main() -> int:
    names = [part.name for part in PARTS]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--release", type=Path, required=True)
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="PART")
    parser.add_argument("--places", nargs="+", choices=PLACES, default=list(PLACES))
    chosen = parser.parse_args()
    release = chosen.release.resolve()
    check = ["sha256sum", "--quiet", "--check", "SHA256SUMS"]
    if subprocess.run(check, cwd=release, timeout=300).returncode != 0:
        sys.exit(f"{release} is not what its SHA256SUMS says: run `make release`.")
    rows = []
    with (
        tempfile.TemporaryDirectory(prefix="trillet-strangers-") as folder,
        running(release, Path(folder)) as services,
    ):
        for name in chosen.places:
            root = ready(name)
            for part in PARTS:
                if part.name in chosen.only and part.applies(name):
                    rows.append((name, part.name, try_part(name, part, root, services)))
    print(f"\n{table(rows)}\n\n{sizes(release)}\n{floors()}")
    return 0 if rows and all(result.is_good for _, _, result in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
