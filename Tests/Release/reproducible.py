"""Builds the release of HEAD in clones in folders of different length, and compares the checksums.

    python Tests/Release/reproducible.py [--against build/release] [--archives-anew]

Whatever git does not hold is built again in each clone; downloads, and the archives inside the
bundled library, come from this folder where it has them. With --against there is one clone,
which is compared with a release that was made of the same commit elsewhere.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLONES = ROOT / "build" / "reproducible"
FOLDERS = ("a", "a-folder-whose-name-is-much-longer-than-the-other")
# What is downloaded: packages of Swift, and Debian's sources.
SWIFT_PACKAGES = ("checkouts", "repositories", "artifacts", "workspace-state.json")
BUNDLED = Path("build/bundled-sources")
# Two cores compile the sandbox in ten minutes.
SECONDS = 7200


def run(command: list[str], folder: Path, log: Path | None = None) -> int:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in ("MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS", "SOURCE_DATE_EPOCH")
    }
    # What a builder's machine may have otherwise.
    inherited.update(TZ="Asia/Tokyo", LC_ALL="C.UTF-8")
    with (log or Path(os.devnull)).open("wb") as output:
        return subprocess.run(
            command,
            cwd=folder,
            env=inherited,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            check=False,
        ).returncode


def copy(name: Path, clone: Path) -> None:
    source, target = ROOT / name, clone / name
    if not source.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    command = ["cp", "-a", "--reflink=auto", str(source), str(target)]
    subprocess.run(command, check=True)


def head() -> str:
    """The commit, asked once: a branch may go on while its release is built."""
    command = ["git", "rev-parse", "--verify", "--quiet", "HEAD"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{ROOT} is no clone of git, or has no commit.")
    return done.stdout.strip()


def clone(name: str, commit: str, archives_anew: bool) -> Path:
    folder = CLONES / name
    shutil.rmtree(folder, ignore_errors=True)
    CLONES.mkdir(parents=True, exist_ok=True)
    for command in (
        ["git", "clone", "--quiet", "--no-hardlinks", "--no-checkout", str(ROOT), str(folder)],
        ["git", "-C", str(folder), "checkout", "--quiet", "--detach", commit],
    ):
        if run(command, CLONES) != 0:
            sys.exit(f"{commit} of {ROOT} could not be cloned into {folder}.")
    for part in SWIFT_PACKAGES:
        copy(Path("Tools/.build") / part, folder)
    copy(BUNDLED, folder)
    if archives_anew:
        shutil.rmtree(folder / BUNDLED / "archives", ignore_errors=True)
    return folder


def release(folder: Path) -> Path:
    log = CLONES / f"{folder.name}.log"
    began = time.monotonic()
    print(f"Building the release in {folder}", flush=True)
    status = run(["make", "release"], folder, log)
    if status != 0:
        tail = log.read_text(errors="replace").splitlines()[-20:]
        sys.exit("\n".join([*tail, f"ended with {status}; all of it: {log}"]))
    print(f"built in {time.monotonic() - began:.0f} s", flush=True)
    return folder / "build" / "release"


def checksums(folder: Path) -> dict[str, str]:
    lines = (folder / "SHA256SUMS").read_text("ascii").splitlines()
    return {name: checksum for checksum, name in (line.split("  ", 1) for line in lines)}


def compare(one: Path, other: Path) -> bool:
    here, there = checksums(one), checksums(other)
    differing = [name for name in sorted({*here, *there}) if here.get(name) != there.get(name)]
    for name in sorted({*here, *there}):
        print(f"{'DIFFERS' if name in differing else 'same'}: {name}")
    if differing:
        print(f"\n{len(differing)} of {len(here)} differ: {one} and {other}")
    return bool(here) and not differing


def main() -> int:
    summary = (__doc__ or "").split("\n")[0]
    parser = argparse.ArgumentParser(description=summary)
    parser.add_argument("--against", type=Path, help="a release of the same commit")
    parser.add_argument(
        "--archives-anew", action="store_true", help="compile libcurl and OpenSSL again, too"
    )
    chosen = parser.parse_args()
    names = FOLDERS[1:] if chosen.against else FOLDERS
    # One after the other: each takes the whole machine, and a fault in the first ends both.
    commit = head()
    made = [release(clone(name, commit, chosen.archives_anew)) for name in names]
    other = chosen.against.resolve() if chosen.against else made[1]
    is_same = compare(made[0], other)
    if is_same:
        for name in names:
            shutil.rmtree(CLONES / name)
    return 0 if is_same else 1


if __name__ == "__main__":
    sys.exit(main())
