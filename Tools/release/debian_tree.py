"""Makes the folder that the Debian packages are built in: the sources, what the Makefile has built
of them, and `debian/` with the version, the changes and the symbols of now.

    python Tools/release/debian_tree.py --version 0.1.0 --library FILE --sandbox FILE FOLDER
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import textwrap
from email.utils import formatdate
from pathlib import Path

import notices

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging" / "debian"
# Nobody reads mail there: whoever builds packages for others names himself.
DEFAULT_MAINTAINER = "libtrillet maintainers <maintainers@libtrillet.invalid>"
MAP_NODE = re.compile(r"^(\w+) \{(.*?)^\}", re.MULTILINE | re.DOTALL)
SYMBOL = re.compile(r"^ (\w+)@(\w+) (\S+)$", re.MULTILINE)


def sources() -> list[Path]:
    """The files of the project, relative to its root: those of git, else all but what was built."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        names = {Path(os.fsdecode(name)) for name in listed.stdout.split(b"\0") if name}
        return sorted(name for name in names if (ROOT / name).is_file())
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in ("build", ".build", "__pycache__")]
        found += [(Path(folder) / name).relative_to(ROOT) for name in files]
    return sorted(found)


def copy_sources(target: Path) -> None:
    """Without their dates: dpkg leaves those before the commit's, as in a checkout that the commit
    was made in."""
    for name in sources():
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, place, follow_symlinks=False)
    debian = target / "debian"
    shutil.copytree(PACKAGING, debian, copy_function=shutil.copy, dirs_exist_ok=True)


def without_licence_expression(project: str) -> str:
    """The description of the Python package as the setuptools of Debian 12 can read it.

    It knows the licence as a table alone, and takes the newer form for a mistake.
    """
    project = re.sub(
        r'^license = ("[^"]*")$', r"license = { text = \1 }", project, flags=re.MULTILINE
    )
    return re.sub(r"^license-files = .*\n", "", project, flags=re.MULTILINE)


def prepare_python(folder: Path) -> None:
    project = folder / "pyproject.toml"
    project.write_text(without_licence_expression(project.read_text()))
    # A Debian package has its licence in debian/copyright, and no second one beside its modules.
    (folder / "LICENSE").unlink(missing_ok=True)


def changes(text: str, version: str) -> list[str]:
    """The list items of a version in the changelog; before its release those of [Unreleased]."""
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    named = {section.partition("]")[0].lstrip("["): section for section in sections}
    section = named.get(version) or named.get("Unreleased", "")
    items = re.findall(r"^- (.*(?:\n  .*)*)", section, re.MULTILINE)
    return [" ".join(item.split()) for item in items]


def debian_changelog(text: str, version: str, maintainer: str, seconds: int) -> str:
    lines = [f"libtrillet ({version}-1) unstable; urgency=medium", ""]
    for item in changes(text, version):
        lines += textwrap.wrap(
            item, 78, initial_indent="  * ", subsequent_indent="    ", break_on_hyphens=False
        )
    lines += ["", f" -- {maintainer}  {formatdate(seconds)}", ""]
    return "\n".join(lines)


def debian_symbols(known: str, linker_map: str, version: str) -> str:
    """The symbols file with what the linker's map has beyond it, as new in this version."""
    mapped = {
        (name, node)
        for node, names in MAP_NODE.findall(linker_map)
        for name in re.findall(r"^\s+(trillet_\w+);", names, re.MULTILINE)
    }
    since = {(name, node): first for name, node, first in SYMBOL.findall(known)}
    lost = sorted(name for name, node in since if (name, node) not in mapped)
    if lost:
        sys.exit(
            f"Sources/trillet.map has lost {', '.join(lost)}, which released programs may call: "
            "that takes a new soname, and a new package."
        )
    header = [line for line in known.splitlines() if not line.startswith(" ")]
    lines = [f" {name}@{node} {since.get((name, node), version)}" for name, node in sorted(mapped)]
    return "\n".join([*header, *lines, ""])


def for_older_setuptools(project: str) -> str:
    """pyproject.toml for Debian 12, whose setuptools does not know how licences are named now."""
    changed = re.sub(
        r'^license = "(.*)"$', r'license = { text = "\1" }', project, flags=re.MULTILINE
    )
    changed = re.sub(r"^license-files = .*\n", "", changed, flags=re.MULTILINE)
    return changed.replace('requires = ["setuptools>=77"]', 'requires = ["setuptools>=61"]')


def write_debian(target: Path, version: str, seconds: int, checkouts: Path) -> None:
    name, mail = os.environ.get("DEBFULLNAME"), os.environ.get("DEBEMAIL")
    maintainer = f"{name} <{mail}>" if name and mail else DEFAULT_MAINTAINER
    debian = target / "debian"
    control = (debian / "control").read_text()
    (debian / "control").write_text(control.replace("@MAINTAINER@", maintainer))
    changelog = (ROOT / "CHANGELOG.md").read_text()
    (debian / "changelog").write_text(debian_changelog(changelog, version, maintainer, seconds))
    known = (debian / "libtrillet1.symbols").read_text()
    linker_map = (ROOT / "Sources" / "trillet.map").read_text()
    (debian / "libtrillet1.symbols").write_text(debian_symbols(known, linker_map, version))
    project = target / "bindings" / "python" / "pyproject.toml"
    project.write_text(for_older_setuptools(project.read_text()))
    (debian / "THIRD-PARTY-NOTICES").write_text(notices.of_sandbox(checkouts))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--version", required=True)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--sandbox", type=Path, required=True)
    parser.add_argument("--checkouts", type=Path, default=ROOT / "Tools" / ".build" / "checkouts")
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args()
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH") or 0)
    if not seconds:
        sys.exit("SOURCE_DATE_EPOCH is not set: it is the date of the packages, the last commit's.")
    shutil.rmtree(chosen.folder, ignore_errors=True)
    copy_sources(chosen.folder)
    prepare_python(chosen.folder / "bindings" / "python")
    for built, place in ((chosen.library, "lib/libtrillet.so.1"), (chosen.sandbox, "bin")):
        target = chosen.folder / "build" / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if place == "bin":
            target.mkdir(exist_ok=True)
        shutil.copy(built, target)
    write_debian(chosen.folder, chosen.version, seconds, chosen.checkouts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
