"""Builds what is uploaded for Python: the wheels with their libraries or program, and the sdist.

    python Tools/release/python_packages.py --out DIR trillet --system LIB --bundled LIB --notices F
    python Tools/release/python_packages.py --out DIR sandbox --program FILE --notices FILE

The time of everything inside is SOURCE_DATE_EPOCH. Building twice gives the same bytes.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from archives import Member, read_wheel, rewrite_source_archive, tag_wheel, write_wheel
from elf import platform_tag

ROOT = Path(__file__).resolve().parents[2]
NOTICES = "THIRD-PARTY-NOTICES"
# What a checkout may have lying around.
IGNORED = shutil.ignore_patterns(
    "__pycache__", "*.egg-info", "*.so", "*.so.*", "tests", "build", "dist", ".*", NOTICES
)


def version() -> str:
    header = (ROOT / "include" / "trillet.h").read_text()
    found = re.search(r'^#define TRILLET_VERSION "(.*)"', header, re.M)
    if found is None:
        raise SystemExit("include/trillet.h has no TRILLET_VERSION")
    return found[1]


def build(hook: str, sources: Path, out: Path) -> Path:
    """Has the backend build in a process of its own: it changes its folder and its modules."""
    program = (
        "import sys; from setuptools import build_meta; "
        f"print(build_meta.{hook}(sys.argv[1]), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(out)], cwd=sources, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise SystemExit(f"{hook} in {sources} failed:\n{done.stdout}{done.stderr}")
    return out / done.stderr.split()[-1]


def with_files(pure: Path, out: Path, files: dict[str, Path], programs: set[str]) -> Path:
    """The wheel with the files in it, named for the machines that these run on."""
    added: dict[str, Member] = {
        name: (path.read_bytes(), name in programs) for name, path in files.items()
    }
    tag = platform_tag(files.values())
    name = pure.name.replace("-py3-none-any.whl", f"-py3-none-{tag}.whl")
    if name == pure.name:
        raise SystemExit(f"{pure.name} is not the wheel of a pure package")
    wheel = out / name
    write_wheel(wheel, tag_wheel({**read_wheel(pure), **added}, tag), epoch())
    return wheel


def epoch() -> int:
    try:
        return int(os.environ["SOURCE_DATE_EPOCH"])
    except (KeyError, ValueError):
        raise SystemExit("SOURCE_DATE_EPOCH is not set to the time of the release") from None


def add_licence_file(project: Path, name: str) -> None:
    """A backend may refuse a project that names a licence file which is not there."""
    text = project.read_text()
    own = 'license-files = ["LICENSE"]'
    if text.count(own) != 1:
        raise SystemExit(f"{project} does not have the line {own}")
    project.write_text(text.replace(own, f'license-files = ["LICENSE", "{name}"]'))


def build_trillet(given: argparse.Namespace, folder: Path) -> list[Path]:
    sources = folder / "sources"
    shutil.copytree(ROOT / "bindings" / "python", sources, ignore=IGNORED)
    source_archive = given.out / build("build_sdist", sources, given.out).name
    rewrite_source_archive(source_archive, epoch())
    # Of what the libraries contain: the sdist has none.
    shutil.copy(given.notices, sources / NOTICES)
    add_licence_file(sources / "pyproject.toml", NOTICES)
    pure = build("build_wheel", sources, folder)
    files = {
        "trillet/libtrillet.so.1": given.system,
        "trillet/libtrillet-bundled.so.1": given.bundled,
    }
    return [with_files(pure, given.out, files, set()), source_archive]


def build_sandbox(given: argparse.Namespace, folder: Path) -> list[Path]:
    sources = folder / "sources"
    shutil.copytree(ROOT / "packaging" / "python-sandbox", sources, ignore=IGNORED)
    (sources / "VERSION").write_text(version() + "\n")
    shutil.copy(given.notices, sources / NOTICES)
    pure = build("build_wheel", sources, folder)
    program = "trillet_sandbox/trillet-sandbox"
    return [with_files(pure, given.out, {program: given.program}, {program})]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, required=True)
    packages = parser.add_subparsers(required=True)
    trillet = packages.add_parser("trillet")
    trillet.add_argument("--system", type=Path, required=True)
    trillet.add_argument("--bundled", type=Path, required=True)
    trillet.set_defaults(build=build_trillet)
    sandbox = packages.add_parser("sandbox")
    sandbox.add_argument("--program", type=Path, required=True)
    sandbox.set_defaults(build=build_sandbox)
    for package in (trillet, sandbox):
        package.add_argument("--notices", type=Path, required=True)
    given = parser.parse_args()
    given.out = given.out.resolve()
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="trillet-release-") as folder:
        for made in given.build(given, Path(folder)):
            print(f"{made.stat().st_size:>10}  {made}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
