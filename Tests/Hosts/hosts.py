"""What other languages and event loops need, and how their examples are started."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import LIBRARY, ROOT

EXAMPLES = ROOT / "examples/hosts"
STRICT = ["-std=gnu99", "-Wall", "-Wextra", "-pedantic", "-Werror"]


def interpreter(program: str, package: str, probe: list[str] | None = None) -> str:
    """The interpreter's path; skips the test where it, or what the probe asks for, is missing."""
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"needs {program}: apt install {package}")
    if probe and subprocess.run([path, *probe], capture_output=True, timeout=60).returncode:
        pytest.skip(f"needs a module for {program}: apt install {package}")
    return path


def ruby() -> str:
    return interpreter("ruby", "ruby", ["-e", 'require "fiddle"'])


def perl() -> str:
    return interpreter("perl", "libffi-platypus-perl", ["-MFFI::Platypus 2.00", "-e", "1"])


def php() -> str:
    return interpreter("php", "php-cli", ["-r", "exit(extension_loaded('FFI') ? 0 : 1);"])


def luajit() -> str:
    return interpreter("luajit", "luajit", ["-e", 'require("ffi")'])


def node() -> str:
    return interpreter("node", "nodejs")


def beginning(example: Path) -> str:
    """An example up to its client."""
    whole = example.read_text()
    return whole[: whole.index("\n\n", whole.index("no client:"))] + "\n"


def with_pkg_config(module: str, package: str) -> list[str]:
    """The compiler's arguments for a C library; skips the test where it is missing."""
    command = [interpreter("pkg-config", "pkg-config"), "--cflags", "--libs", module]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if found.returncode:
        pytest.skip(f"needs {module}: apt install {package}")
    return found.stdout.split()


def node_headers() -> list[str]:
    """The compiler's arguments for an addon."""
    folder = Path(node()).resolve().parents[1] / "include/node"
    if not (folder / "node_api.h").exists():
        pytest.skip(f"needs {folder}/node_api.h: apt install libnode-dev")
    # Node's own headers are not pedantic.
    return ["-shared", "-fPIC", "-isystem", str(folder)]


def compiled(source: Path, program: Path, arguments: list[str]) -> Path:
    """Compiles with the library under test."""
    compiler = interpreter("cc", "gcc")
    command = [compiler, *STRICT, "-I", str(ROOT / "include"), "-o", str(program), str(source)]
    command += [*arguments, str(LIBRARY), f"-Wl,-rpath,{LIBRARY.parent}"]
    made = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert made.returncode == 0, made.stderr
    return program
