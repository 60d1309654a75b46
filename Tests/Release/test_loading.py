"""Where a release library can be loaded, and what it leaves visible there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from elf import Elf

OLDEST_GLIBC = (2, 17)
LARGEST_SYSTEM_LIBRARY = 524_288

LOAD = """
import ctypes, sys
library = ctypes.CDLL(sys.argv[1])
library.trillet_version.restype = ctypes.c_char_p
print(library.trillet_version().decode())
"""

CYCLES = """
import ctypes, resource, sys, _ctypes

def cycle():
    handle = ctypes.CDLL(sys.argv[1])
    handle.trillet_client_new.restype = ctypes.c_void_p
    client = handle.trillet_client_new(
        b'{"apiKey":"sandbox-key","baseUrl":"http://127.0.0.1:9","env":false}', None)
    assert client
    handle.trillet_client_free(ctypes.c_void_p(client))
    _ctypes.dlclose(handle._handle)

def kilobytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() // 1024

for _ in range(3):
    cycle()
before = kilobytes()
for _ in range(10):
    cycle()
print(kilobytes() - before)
"""


def run(program: str, library: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, str(library)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_it_needs_no_newer_glibc_than_it_says(elf: Elf) -> None:
    versions = [name for name in elf.needed_versions if name.startswith("GLIBC_")]
    assert versions
    newer = [
        name
        for name in versions
        if tuple(int(part) for part in name.removeprefix("GLIBC_").split(".")) > OLDEST_GLIBC
    ]
    assert newer == []


def test_it_asks_for_versions_of_glibc_alone(elf: Elf) -> None:
    assert [name for name in elf.needed_versions if not name.startswith("GLIBC_")] == []


def test_it_shows_its_own_functions_alone(elf: Elf) -> None:
    assert elf.exports
    assert [name for name in elf.exports if not name.startswith("trillet_")] == []


def test_it_is_named_after_its_abi(elf: Elf) -> None:
    assert elf.name == "libtrillet.so.1"


def test_it_needs_libcurl_and_libc_alone(only_system: None, elf: Elf) -> None:
    assert set(elf.needed) <= {"libcurl.so.4", "libc.so.6", "libpthread.so.0"}


def test_it_needs_nothing_that_a_slim_image_lacks(only_bundled: None, elf: Elf) -> None:
    assert set(elf.needed) <= {"libc.so.6", "libpthread.so.0", "libdl.so.2"}
    assert "libpthread.so.0" in elf.needed


def test_it_stays_small(only_system: None, library: Path) -> None:
    assert library.stat().st_size <= LARGEST_SYSTEM_LIBRARY


def test_it_loads_silently_with_a_libcurl_without_versions(
    only_system: None, library: Path, tmp_path: Path
) -> None:
    names = subprocess.run(
        ["objdump", "--dynamic-syms", str(library)], capture_output=True, text=True, check=True
    ).stdout.split()
    used = sorted({name for name in names if name.startswith("curl_")})
    source = tmp_path / "curl.c"
    source.write_text("".join(f"void {name}(void) {{}}\n" for name in used), encoding="ascii")
    command = ["gcc", "-shared", "-fPIC", "-Wl,-soname,libcurl.so.4", str(source)]
    subprocess.run([*command, "-o", str(tmp_path / "libcurl.so.4")], check=True)
    loaded = run(LOAD, library, LD_LIBRARY_PATH=str(tmp_path), LD_BIND_NOW="1")
    assert (loaded.stderr, loaded.returncode) == ("", 0)


def test_it_loads_silently_with_the_libcurl_of_this_machine(library: Path) -> None:
    loaded = run(LOAD, library, LD_BIND_NOW="1")
    assert (loaded.stderr, loaded.returncode) == ("", 0)


def test_it_loads_silently_with_the_libcurl_of_gnutls(
    only_system: None, library: Path, tmp_path: Path
) -> None:
    found = next(Path("/usr/lib").glob("*/libcurl-gnutls.so.4"), None)
    if found is None:
        pytest.skip("libcurl3-gnutls is not installed")
    (tmp_path / "libcurl.so.4").symlink_to(found)
    loaded = run(LOAD, library, LD_LIBRARY_PATH=str(tmp_path), LD_BIND_NOW="1")
    assert (loaded.stderr, loaded.returncode) == ("", 0)


def test_ten_times_loaded_and_unloaded_it_leaves_no_more_memory(library: Path) -> None:
    done = run(CYCLES, library)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 256


def test_openssl_is_never_unloaded(only_bundled: None, elf: Elf) -> None:
    assert elf.is_never_unloaded


def test_no_folder_and_no_name_of_the_builder_is_inside(library: Path) -> None:
    root = str(Path(__file__).resolve().parents[2])
    debug = library.with_name(f"{library.name}.debug")
    readable = library.with_name("debug-sections")
    subprocess.run(
        ["objcopy", "--decompress-debug-sections", str(debug), str(readable)], check=True
    )
    try:
        for file in (library, readable):
            content = file.read_bytes()
            for word in (root, str(Path.home()) + "/", "/tmp/"):
                assert word.encode() not in content, f"{word} in {file.name}"
    finally:
        readable.unlink()


def test_gdb_finds_the_lines_of_the_source(library: Path, elf: Elf) -> None:
    debug = library.with_name(f"{library.name}.debug")
    assert Elf(debug).build_id == elf.build_id
    gdb = shutil.which("gdb")
    if gdb is None:
        pytest.skip("gdb is not installed")
    command = [gdb, "--batch", "--nx", "-ex", "info line trillet_call", str(library)]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert "RequestDoors.swift" in shown.stdout, shown.stdout + shown.stderr
