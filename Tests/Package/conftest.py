"""What the tests of an installation share: one, and the programs that are built against it."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VERSION = re.findall(r'TRILLET_VERSION "(.+)"', (ROOT / "include/trillet.h").read_text("utf-8"))[0]
LIBRARY = Path(os.environ.get("TRILLET_LIBRARY") or ROOT / "build/lib/libtrillet.so.1").resolve()
TREE = f"libtrillet-{VERSION}-linux-{platform.machine()}"
EPOCH = "1700000000"

# What the make that runs this suite says to its own children is not for these.
PLAIN = {
    name: value
    for name, value in os.environ.items()
    if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "LD_LIBRARY_PATH", "PKG_CONFIG_PATH"}
}


def run(
    *command: str | Path, more: Mapping[str, str] | None = None, folder: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env={**PLAIN, **(more or {})},
        capture_output=True,
        text=True,
        timeout=300,
    )


def succeed(
    *command: str | Path, more: Mapping[str, str] | None = None, folder: Path = ROOT
) -> str:
    done = run(*command, more=more, folder=folder)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}"
    return done.stdout


def make(*words: str | Path) -> str:
    return succeed("make", "-s", *words)


def files_below(folder: Path) -> list[str]:
    found = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]
    return sorted(str(path.relative_to(folder)) for path in found)


def words_of(text: str) -> Sequence[str]:
    return text.split()


@pytest.fixture(scope="session")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation below a folder of its own."""
    folder = tmp_path_factory.mktemp("installed") / "prefix"
    make("install", f"PREFIX={folder}")
    return folder


@pytest.fixture(scope="session")
def moved(prefix: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same files at a place that `make install` did not know, with a space in its name."""
    folder = tmp_path_factory.mktemp("moved") / "another place"
    succeed("cp", "-a", prefix, folder)
    return folder


def packed(folder: Path, umask: int) -> Path:
    """The archive of the library that is tested, made in a copy of the sources."""
    copy = folder / "sources"
    copy.mkdir(parents=True)
    for name in ("Makefile", "LICENSE", "CHANGELOG.md", "Sources", "Tools", "include", "packaging"):
        place = ROOT / name
        if place.is_dir():
            ignored = shutil.ignore_patterns(".build", "__pycache__")
            shutil.copytree(place, copy / name, ignore=ignored)
        else:
            shutil.copy(place, copy)
    package = "bindings/python/src/trillet"
    shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    library = f"RELEASED_LIBRARY={LIBRARY}"
    command = f"umask {umask:03o}; make -s binary-tarball '{library}' RELEASED_BUNDLED="
    succeed("sh", "-c", command, more={"SOURCE_DATE_EPOCH": EPOCH}, folder=copy)
    return copy / f"build/release/{TREE}.tar.xz"


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packed(tmp_path_factory.mktemp("one"), 0o022)


C_PROGRAM = """\
#include <stdio.h>
#include <string.h>
#include <trillet.h>

int main(void)
{
    trillet_client *client = trillet_client_new("{\\"apiKey\\":\\"sandbox-key\\"}", NULL);
    trillet_client_free(client);
    puts(trillet_version());
    return client != NULL && strcmp(trillet_version(), TRILLET_VERSION) == 0 ? 0 : 1;
}
"""

CPP_PROGRAM = """\
#include <iostream>
#include <trillet.hpp>

int main()
{
    trillet::Client client({{"apiKey", "sandbox-key"}});
    std::cout << trillet_version() << '\\n';
    return std::string(trillet_version()) == TRILLET_VERSION ? 0 : 1;
}
"""
