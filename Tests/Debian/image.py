"""Does the steps of the sandbox's Dockerfile in a folder, and uses what they make, without Docker.

The folder is entered with chroot, the container's network is a namespace of its own.

    python Tests/Debian/image.py packaging/docker/Dockerfile build/deb/roots/image
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ROOT / "build" / "distributions" / "packages"
RUN_IMAGE = Path(__file__).resolve().parent / "run-image"
SECONDS = 900
# A shell in the folder, with what programs expect to find.
ENTER = """
set -e
mount --make-rprivate / && mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev"
exec chroot "$0" /usr/bin/env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    DEBIAN_FRONTEND=noninteractive sh -c "$1"
"""


class Image(NamedTuple):
    """What a container of the image runs."""

    user: str
    folder: str
    port: str
    command: list[str]
    health: list[str]


def instructions(text: str) -> list[tuple[str, str]]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n", " ", "\n".join(lines))
    return [
        (name, rest.strip())
        for name, _, rest in (line.partition(" ") for line in joined.splitlines() if line.strip())
    ]


def make_base(name: str, root: Path) -> None:
    known = re.fullmatch(r"debian:(\w+)-slim", name)
    if not known:
        sys.exit(f"FROM {name}: only Debian's slim images can be made of its packages")
    mirror = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")
    PACKAGES.mkdir(parents=True, exist_ok=True)
    run(
        ["debootstrap", "--variant=minbase", f"--cache-dir={PACKAGES}", known[1], str(root), mirror]
    )
    shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")


def run(command: list[str]) -> None:
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"{done.stdout[-3000:]}\nended with {done.returncode}: {shlex.join(command)}")


def copy(arguments: str, root: Path) -> None:
    words = shlex.split(arguments)
    modes = [word.partition("=")[2] for word in words if word.startswith("--chmod=")]
    *patterns, place = [word for word in words if not word.startswith("--")]
    found = [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]
    if not found:
        sys.exit(f"COPY {arguments}: there is no such file; 'make deb' builds the packages")
    for path in found:
        target = root / place.lstrip("/") / (path.name if place.endswith("/") else "")
        shutil.copyfile(path, target)
        target.chmod(int(modes[0], 8) if modes else path.stat().st_mode)


def build(text: str, root: Path) -> Image:
    said: dict[str, str] = {}
    for name, rest in instructions(text):
        if name == "FROM":
            make_base(rest, root)
        elif name == "COPY":
            copy(rest, root)
        elif name == "RUN":
            run(["unshare", "--mount", "--pid", "--fork", "bash", "-c", ENTER, str(root), rest])
        elif name in ("USER", "WORKDIR", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT"):
            said[name] = rest
        else:
            sys.exit(f"{name} is not known here: teach it to {Path(__file__).name}")
    return Image(
        user=said["USER"],
        folder=said["WORKDIR"],
        port=said["EXPOSE"],
        command=json.loads(said["ENTRYPOINT"]),
        health=json.loads(said["HEALTHCHECK"].partition(" CMD ")[2]),
    )


def main() -> int:
    dockerfile, root = Path(sys.argv[1]), Path(sys.argv[2]).resolve()
    shutil.rmtree(root, ignore_errors=True)
    root.parent.mkdir(parents=True, exist_ok=True)
    image = build(dockerfile.read_text(), root)
    status = subprocess.run(
        ["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", str(RUN_IMAGE)]
        + [str(root), image.user, image.folder, image.port]
        + [shlex.join(image.command), shlex.join(image.health)],
        timeout=120,
        check=False,
    ).returncode
    if status == 0:
        shutil.rmtree(root)
    return status


if __name__ == "__main__":
    sys.exit(main())
