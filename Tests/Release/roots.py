"""Folders with a Debian in them, as a stranger has it: copies of those that make-root makes."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from debian_folder import inside

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ROOT / "build" / "distributions"
COPIES = ROOT / "build" / "release-roots"
APT = "DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends"
# The packages of the development files go along with the library. xz is what an archive asks for.
WITHOUT_LIBCURL = f"{APT} purge '^libcurl4.*' && ! ldconfig -p | grep -F libcurl.so.4"


def installing(*packages: str) -> str:
    command = f"{APT} install {' '.join(packages)}"
    return f"{{ {command} || {{ apt-get -qq update && {command}; }}; }}"


class Place(NamedTuple):
    """A Debian, and which library is the right one there."""

    title: str
    copy_of: str
    # What the wheel takes by itself.
    wheel: str
    # What the archive can be used with.
    archive: str
    # libcurl 7.74 may open a connection for each POST.
    most_connections: int = 1


PLACES = {
    "bullseye": Place("Debian 11", "bullseye", "bundled", "system", 20),
    "bookworm": Place("Debian 12", "bookworm", "system", "system"),
    "trixie": Place("Debian 13", "trixie", "system", "system"),
    "bare": Place("Debian 12 without libcurl", "bookworm", "bundled", "bundled"),
}


def ready(name: str) -> Path:
    """The copy for a place, made unless it is there and was made by this file as it stands."""
    place = PLACES[name]
    source, root = FOLDERS / place.copy_of, COPIES / name
    made_by = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    made_by += (source / "made-by").read_text()
    stamp = root / "copied-by"
    if stamp.is_file() and stamp.read_text() == made_by:
        return root
    shutil.rmtree(root, ignore_errors=True)
    COPIES.mkdir(parents=True, exist_ok=True)
    command = ["cp", "-a", "-x", "--reflink=auto", str(source), str(root)]
    subprocess.run(command, check=True)
    resolver = Path("/etc/resolv.conf")
    if resolver.is_file():
        shutil.copy(resolver, root / "etc" / "resolv.conf")
    is_bare = place.archive == "bundled"
    change = f"{installing('xz-utils')} && {WITHOUT_LIBCURL}"
    change = change if is_bare else installing("xz-utils", "cmake")
    output, status = inside(root, "bash", "-c", change)
    if status != 0:
        sys.exit(f"{place.title} could not be made ready ({status}):\n{output[-2000:]}")
    stamp.write_text(made_by)
    return root
