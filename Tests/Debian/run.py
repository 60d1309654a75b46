"""Installs the Debian packages in a copy of each Debian, and uses them there.

The folders are those of `make-root`, and stay as they are; a log of each run lies beside the copy.

    python Tests/Debian/run.py --packages build/release --releases bookworm trixie
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DISTRIBUTIONS = ROOT / "build" / "distributions"
COPIES = ROOT / "build" / "deb" / "roots"
INSIDE = ROOT / "Tests" / "Distributions" / "inside"
# Most of it is apt, which downloads what the packages need.
SECONDS = 900


def copy_root(release: str) -> Path:
    root = COPIES / release
    shutil.rmtree(root, ignore_errors=True)
    COPIES.mkdir(parents=True, exist_ok=True)
    source = DISTRIBUTIONS / release
    subprocess.run(["cp", "-a", "--reflink=auto", str(source), str(root)], check=True)
    # Python looks for pytest and others there; a package would be hidden by them, too.
    for folder in root.glob("usr/local/lib/python3.*/dist-packages"):
        shutil.rmtree(folder)
        folder.mkdir()
    resolver = Path("/etc/resolv.conf")
    if resolver.is_file():
        shutil.copy(resolver, root / "etc" / "resolv.conf")
    return root


def run_release(release: str, packages: Path) -> bool:
    root = copy_root(release)
    log = COPIES / f"{release}.log"
    with log.open("wb") as output:
        try:
            status = subprocess.run(
                [str(INSIDE), str(root), "/project/Tests/Debian/use-packages", "/data"],
                env={**os.environ, "TRILLET_TEST_DATA": str(packages)},
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=SECONDS,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            status = 124
    lines = log.read_text(errors="replace").splitlines()
    told = [line for line in lines if line.startswith(("FAILED", "    "))] + lines[-1:]
    print("\n".join([f"== {release}", *told]), flush=True)
    if status != 0:
        print(f"ended with {status}; all of it: {log}", flush=True)
        return False
    shutil.rmtree(root)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--releases", nargs="+", default=["bookworm", "trixie"])
    chosen = parser.parse_args()
    packages = chosen.packages.resolve()
    return 0 if all([run_release(release, packages) for release in chosen.releases]) else 1


if __name__ == "__main__":
    sys.exit(main())
