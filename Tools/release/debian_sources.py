"""Fetches the Debian source packages that the bundled library is made of.

    debian_sources.py FOLDER

Each package ends up in FOLDER/NAME-VERSION with Debian's patches applied; what is there is left
alone. apt checks signatures and checksums. Its lists lie in FOLDER too: nothing of the machine's
own apt changes, and no root is needed.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

BUNDLED = Path(__file__).resolve().parents[2] / "packaging" / "bundled"


@dataclass(frozen=True)
class SourcePackage:
    name: str
    version: str

    def folder(self, parent: Path) -> Path:
        # An epoch's colon would end a path in a make rule and in PATH.
        return parent / f"{self.name}-{self.version.replace(':', '_')}"


def pinned_packages() -> list[SourcePackage]:
    lines = (BUNDLED / "sources.txt").read_text(encoding="ascii").splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return [SourcePackage(name, version) for name, version in rows]


def fetch(parent: Path) -> None:
    missing = [package for package in pinned_packages() if not package.folder(parent).exists()]
    if not missing:
        return
    settings = _apt_settings(parent / "apt")
    _run(["apt-get", *settings, "-qq", "update"], parent)
    for package in missing:
        print(f"Fetching the source of {package.name} {package.version}", flush=True)
        _unpack(package, settings, parent)


def _apt_settings(state: Path) -> list[str]:
    for folder in ("lists/partial", "cache/archives/partial"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    return [
        f"-oDir::Etc::sourcelist={BUNDLED / 'apt-sources.list'}",
        "-oDir::Etc::sourceparts=/dev/null",
        f"-oDir::State::lists={state / 'lists'}",
        f"-oDir::Cache={state / 'cache'}",
        # Its own user may not write below a folder that only the builder can enter.
        "-oAPT::Sandbox::User=root",
    ]


def _unpack(package: SourcePackage, settings: list[str], parent: Path) -> None:
    download = parent / f"{package.name}.download"
    download.mkdir(exist_ok=True)
    wanted = f"{package.name}={package.version}"
    command = ["apt-get", *settings, "-qq", "--only-source", "--download-only", "source", wanted]
    if subprocess.run(command, cwd=download, check=False).returncode != 0:
        sys.exit(
            f"Debian's archive does not hand out {wanted}. If a security update has replaced it,"
            " take the new version into packaging/bundled/sources.txt. The archive has:\n"
            + _versions(package, settings)
        )
    description = next(download.glob("*.dsc"))
    # apt has compared the checksums with the signed lists; the uploaders' keys are not here.
    unpack = ["dpkg-source", "--no-check", "--extract", description.name, "unpacked"]
    _run(unpack, download, quiet=True)
    (download / "unpacked").rename(package.folder(parent))


def _versions(package: SourcePackage, settings: list[str]) -> str:
    command = ["apt-cache", *settings, "showsrc", "--only-source", package.name]
    shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return "\n".join(line for line in shown.splitlines() if line.startswith("Version: "))


def _run(command: list[str], folder: Path, quiet: bool = False) -> None:
    output = subprocess.DEVNULL if quiet else None
    if subprocess.run(command, cwd=folder, stdout=output, check=False).returncode != 0:
        sys.exit(f"This failed in {folder}: {' '.join(command)}")


if __name__ == "__main__":
    target = Path(sys.argv[1]).resolve()
    target.mkdir(parents=True, exist_ok=True)
    fetch(target)
