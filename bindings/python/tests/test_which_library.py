"""Which of the two libraries of a wheel is loaded, and what the package tells of it."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import trillet

PACKAGE = Path(trillet.__file__).parent
SHOW = """
import json, trillet
try:
    print(json.dumps(trillet.library_info()))
except trillet.LibraryError as error:
    print(json.dumps({"error": str(error)}))
"""
# What the fake one says of itself, and no more.
LIBCURL = """
static struct { int age; const char *version; unsigned number; const char *host; int features; }
    info = {0, "%(text)s", %(number)s, "here", %(features)s};
void *curl_version_info(int age) { (void)age; return &info; }
"""


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """The package as a wheel installs it, with a stand-in for the bundled library.

    The stand-in needs a libcurl of another name, which is the system's: nothing that these tests
    do to libcurl.so.4 reaches it.
    """
    built = Path(trillet.library_info()["path"])
    if b"libcurl.so.4" not in built.read_bytes() or shutil.which("cc") is None:
        pytest.skip("needs a library that uses the system's libcurl, and a C compiler")
    ignored = shutil.ignore_patterns("__pycache__", "*.so.*")
    shutil.copytree(PACKAGE, tmp_path / "trillet", ignore=ignored)
    shutil.copy(built, tmp_path / "trillet" / "libtrillet.so.1")
    other = built.read_bytes().replace(b"libcurl.so.4", b"libcurl.so.X")
    (tmp_path / "trillet" / "libtrillet-bundled.so.1").write_bytes(other)
    (tmp_path / "libcurl.so.X").symlink_to(path_of_libcurl())
    return tmp_path


def path_of_libcurl() -> Path:
    ctypes.CDLL("libcurl.so.4")
    maps = Path("/proc/self/maps").read_text().splitlines()
    return next(Path(line.split()[-1]) for line in maps if "/libcurl.so.4" in line)


def info(
    wheel: Path, choice: str | None = None, program: str = SHOW, **variables: str
) -> dict[str, Any]:
    """What a fresh process prints that imports the package from there."""
    environment = {name: value for name, value in os.environ.items() if name != "TRILLET_LIBRARY"}
    environment.update(PYTHONPATH=str(wheel), LD_LIBRARY_PATH=str(wheel), **variables)
    if choice is not None:
        environment["TRILLET_LIBRARY"] = choice
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=wheel,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def put_libcurl(wheel: Path, text: str, number: str, features: str = "4") -> None:
    source = wheel / "curl.c"
    source.write_text(LIBCURL % {"text": text, "number": number, "features": features})
    command = ["cc", "-shared", "-fPIC", "-o", str(wheel / "libcurl.so.4"), str(source)]
    subprocess.run(command, check=True, timeout=60)


def test_the_systems_libcurl_is_used_where_it_is_new_enough(wheel: Path) -> None:
    told = info(wheel)
    assert told["path"] == str(wheel / "trillet" / "libtrillet.so.1")
    assert told["kind"] == "system"
    assert "new enough" in told["why"]


def test_the_bundled_library_is_used_where_the_systems_libcurl_is_too_old(wheel: Path) -> None:
    put_libcurl(wheel, "7.79.1", "0x074f01")
    told = info(wheel)
    assert told["path"] == str(wheel / "trillet" / "libtrillet-bundled.so.1")
    assert told["why"] == "the system's libcurl 7.79.1 is older than 7.80"


def test_the_bundled_library_is_used_where_the_systems_libcurl_has_no_tls(wheel: Path) -> None:
    put_libcurl(wheel, "8.9.0", "0x080900", features="0")
    told = info(wheel)
    assert told["path"].endswith("libtrillet-bundled.so.1")
    assert told["why"] == "the system's libcurl 8.9.0 has no TLS"


def test_the_bundled_library_is_used_where_there_is_no_libcurl(wheel: Path) -> None:
    (wheel / "libcurl.so.4").write_text("not a library")
    told = info(wheel)
    assert told["path"].endswith("libtrillet-bundled.so.1")
    assert told["why"] == "the system has no libcurl"


def test_a_library_that_is_no_libcurl_is_not_taken_for_one(wheel: Path) -> None:
    (wheel / "other.c").write_text("int other(void) { return 1; }")
    command = ["cc", "-shared", "-fPIC", "-o", str(wheel / "libcurl.so.4"), str(wheel / "other.c")]
    subprocess.run(command, check=True, timeout=60)
    assert info(wheel)["why"] == "the system's libcurl.so.4 is not libcurl"


def test_a_library_that_cannot_be_loaded_leaves_the_other(wheel: Path) -> None:
    (wheel / "trillet" / "libtrillet.so.1").write_text("not a library")
    told = info(wheel)
    assert told["path"].endswith("libtrillet-bundled.so.1")
    assert "could not be loaded" in told["why"]


@pytest.mark.parametrize(
    ("choice", "file"),
    [("bundled", "libtrillet-bundled.so.1"), ("system", "libtrillet.so.1")],
)
def test_the_environment_chooses_one_of_the_two(wheel: Path, choice: str, file: str) -> None:
    told = info(wheel, choice)
    assert told["path"] == str(wheel / "trillet" / file)
    assert told["why"] == f"TRILLET_LIBRARY is {choice}"


def test_a_bundled_library_that_is_not_there_is_an_error_that_names_its_place(wheel: Path) -> None:
    (wheel / "trillet" / "libtrillet-bundled.so.1").unlink()
    error = info(wheel, "bundled")["error"]
    assert "libtrillet-bundled.so.1 does not exist" in error
    assert "the system's loader" not in error


def test_the_versions_are_told(wheel: Path) -> None:
    told = info(wheel)
    assert told["version"] == trillet.__version__
    assert told["abi"] == 1
    assert told["libcurl"].count(".") == 2
    assert "/" in told["tls"]
    assert told["http2"] in (True, False)
    assert told["glibc"] is None or told["glibc"].startswith("2.")


def test_every_member_is_described() -> None:
    assert set(trillet.LibraryInfo.__annotations__) == set(trillet.library_info())


CLIENT = """
import json, trillet
with trillet.Trillet("sandbox-key", "sandbox-workspace") as client:
    pass
print(json.dumps(trillet.library_info()))
"""


def test_a_client_of_the_library_for_the_systems_libcurl_needs_no_certifi(wheel: Path) -> None:
    (wheel / "certifi.py").write_text("raise RuntimeError('imported')")
    assert info(wheel, "system", CLIENT)["kind"] == "system"
