"""The examples of languages with threads, whose callbacks come on a thread of the library."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hosts import interpreter
from places import EXAMPLES, LIBRARY, ROOT
from watched_service import WatchedService, watched_service

OUTPUT = "call: 200\ncontacts: 1\ndone: 200\nnext: 200\n"
JNA = Path("/usr/share/java/jna.jar")


@pytest.fixture
def watched() -> Iterator[WatchedService]:
    with watched_service() as service:
        yield service


def built(command: list[str], folder: Path, more: dict[str, str] | None = None) -> None:
    made = subprocess.run(
        command, cwd=folder, env=os.environ | (more or {}), capture_output=True, timeout=300
    )
    assert made.returncode == 0, made.stderr.decode()


def runs(watched: WatchedService, command: list[str]) -> None:
    ended = watched.run(command)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, OUTPUT, "")


def test_go_calls_and_gets_answers(watched: WatchedService, tmp_path: Path) -> None:
    folder = LIBRARY.parent
    (tmp_path / "libtrillet.so").symlink_to(LIBRARY)
    environment = {
        "CGO_CFLAGS": f"-I{ROOT}/include",
        "CGO_LDFLAGS": f"-L{tmp_path} -Wl,-rpath,{folder}",
        "GOCACHE": str(ROOT / "build/hosts/go"),
        "GO111MODULE": "off",
    }
    source = str(EXAMPLES / "go/calls.go")
    program = tmp_path / "calls"
    built([interpreter("go", "golang-go"), "vet", source], tmp_path, environment)
    built(["go", "build", "-o", str(program), source], tmp_path, environment)
    runs(watched, [str(program)])


def test_java_calls_and_gets_answers(watched: WatchedService, tmp_path: Path) -> None:
    java = interpreter("java", "default-jdk-headless")
    if not JNA.exists() or shutil.which("javac") is None:
        pytest.skip(f"needs javac and {JNA}: apt install default-jdk-headless libjna-java")
    source = str(EXAMPLES / "java/Calls.java")
    built(["javac", "-Xlint:all", "-Werror", "-cp", str(JNA), "-d", ".", source], tmp_path)
    runs(watched, [java, "-cp", f"{JNA}:{tmp_path}", "Calls"])


def test_rust_calls_and_gets_answers(watched: WatchedService, tmp_path: Path) -> None:
    rustc = interpreter("rustc", "rustc")
    (tmp_path / "libtrillet.so").symlink_to(LIBRARY)
    source, program = str(EXAMPLES / "rust/calls.rs"), tmp_path / "calls"
    linked = ["-L", str(tmp_path), "-C", f"link-arg=-Wl,-rpath,{LIBRARY.parent}"]
    built([rustc, "-D", "warnings", "-o", str(program), *linked, source], tmp_path)
    runs(watched, [str(program)])


def test_swift_calls_and_gets_answers(watched: WatchedService, tmp_path: Path) -> None:
    swiftc = interpreter("swiftc", "swiftlang, or https://www.swift.org/install/linux/")
    # As it is installed: the header, and the module map in a folder beside it.
    (tmp_path / "trillet").mkdir()
    (tmp_path / "trillet.h").symlink_to(ROOT / "include/trillet.h")
    (tmp_path / "trillet/module.modulemap").symlink_to(ROOT / "packaging/clang/module.modulemap")
    (tmp_path / "libtrillet.so").symlink_to(LIBRARY)
    source, program = str(EXAMPLES / "swift/calls.swift"), tmp_path / "calls"
    paths = ["-I", "trillet", "-L", ".", "-Xlinker", "-rpath", "-Xlinker", str(LIBRARY.parent)]
    built([swiftc, "-warnings-as-errors", *paths, "-o", str(program), source], tmp_path)
    runs(watched, [str(program)])


FORMATTERS = [
    ("go", "golang-go", ["gofmt", "-l", "go/calls.go"]),
    ("rust", "rustfmt", ["rustfmt", "--check", "rust/calls.rs"]),
    ("swift", "swiftlang", ["swift", "format", "lint", "--strict", "swift/calls.swift"]),
]


@pytest.mark.parametrize(
    ("package", "command"), [row[1:] for row in FORMATTERS], ids=[row[0] for row in FORMATTERS]
)
def test_the_example_is_written_as_the_formatter_writes(package: str, command: list[str]) -> None:
    interpreter(command[0], package)
    ended = subprocess.run(command, cwd=EXAMPLES, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr
