"""Finding and loading the native library: each place, and each way it can fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import trillet
from conftest import ROOT

PACKAGE = Path(trillet.__file__).parent
SHOW = """
import trillet
try:
    print("version", trillet.version())
except trillet.LibraryError as error:
    print(type(error).__name__, error)
"""


def run(program: str, *, path: Path = PACKAGE.parent, library: object = None) -> str:
    """The output of a program in a fresh interpreter."""
    environment = {name: value for name, value in os.environ.items() if name != "TRILLET_LIBRARY"}
    environment["PYTHONPATH"] = str(path)
    environment.pop("LD_LIBRARY_PATH", None)
    if library is not None:
        environment["TRILLET_LIBRARY"] = str(library)
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=path,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return done.stdout


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the package outside of any checkout."""
    shutil.copytree(PACKAGE, tmp_path / "trillet", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.fixture
def built() -> Path:
    library = ROOT / "build" / "lib" / "libtrillet.so.1"
    if not library.exists():
        pytest.skip(f"{library} is missing; run `make`")
    return library


def test_the_library_tells_its_version() -> None:
    assert trillet.version() == trillet.__version__ == "0.1.0"


def test_the_library_of_the_source_checkout_is_found(built: Path) -> None:
    assert run(SHOW) == "version 0.1.0\n"


def test_the_library_named_by_the_environment_is_used(built: Path, copied: Path) -> None:
    assert run(SHOW, path=copied, library=built) == "version 0.1.0\n"


def test_the_library_next_to_the_package_is_used(built: Path, copied: Path) -> None:
    shutil.copy(built, copied / "trillet" / "libtrillet.so.1")
    assert run(SHOW, path=copied) == "version 0.1.0\n"


def test_a_missing_library_names_every_place_looked_at(copied: Path) -> None:
    shown = run(SHOW, path=copied)
    if shown.startswith("version"):
        pytest.skip("libtrillet is installed on this system")
    assert shown.startswith("LibraryError")
    assert "TRILLET_LIBRARY is not set" in shown
    assert str(copied / "trillet" / "libtrillet.so.1") in shown
    assert "not inside a source checkout" in shown
    assert "the system's loader" in shown
    assert "pip install --only-binary=trillet" in shown
    assert "install libtrillet" in shown


def test_a_wrong_path_in_the_environment_is_not_papered_over(built: Path) -> None:
    shown = run(SHOW, library="/nowhere/libtrillet.so.1")
    assert shown.startswith("LibraryError")
    assert "/nowhere/libtrillet.so.1 does not exist" in shown


def test_a_file_that_is_no_library_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "libtrillet.so.1"
    text.write_text("not a library")
    assert run(SHOW, library=text).startswith("LibraryError")


def compiled(directory: Path, source: str) -> Path:
    if shutil.which("cc") is None:
        pytest.skip("no C compiler: cc")
    (directory / "other.c").write_text(source)
    library = directory / "libother.so"
    command = ["cc", "-shared", "-fPIC", "-o", str(library), str(directory / "other.c")]
    subprocess.run(command, check=True)
    return library


def test_another_library_is_recognised(tmp_path: Path) -> None:
    shown = run(SHOW, library=compiled(tmp_path, "int other(void) { return 1; }"))
    assert shown.startswith("LibraryError")
    assert "is not libtrillet" in shown


def test_another_abi_is_refused(tmp_path: Path) -> None:
    shown = run(SHOW, library=compiled(tmp_path, "int trillet_abi(void) { return 2; }"))
    assert "has ABI 2, but this package needs ABI 1" in shown


def test_an_older_library_is_refused_with_the_function_it_lacks(tmp_path: Path) -> None:
    shown = run(SHOW, library=compiled(tmp_path, "int trillet_abi(void) { return 1; }"))
    assert "has no function trillet_" in shown
    assert "same version" in shown


def test_importing_loads_neither_the_library_nor_slow_modules() -> None:
    program = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "import trillet\n"
        "print(*sorted(set(sys.modules) - before))\n"
        "print('libtrillet' in open('/proc/self/maps').read())\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    done = subprocess.run(
        [sys.executable, "-S", "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    modules, mapped = done.stdout.splitlines()
    slow = {"asyncio", "ctypes", "dataclasses", "inspect", "json", "logging", "re", "typing"}
    assert slow.isdisjoint(modules.split())
    assert "trillet.types" not in modules.split()
    own = [name for name in modules.split() if name.startswith("trillet")]
    # Each costs every program that imports the package; new ones are imported when they are used.
    assert len(own) <= 29, own
    assert mapped == "False"


def test_what_is_loaded_late_is_there_when_asked_for() -> None:
    assert trillet.types.__name__ == "trillet.types"
    assert "timeout_ms" in trillet.RequestOptions.__annotations__
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        trillet.nothing  # type: ignore[attr-defined]  # noqa: B018


def test_every_exported_name_exists() -> None:
    for name in trillet.__all__:
        assert getattr(trillet, name) is not None
