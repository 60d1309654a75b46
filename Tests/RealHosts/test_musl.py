"""The library for musl: the core as it is, and the C shims compiled with musl's headers.

libcurl is a stand-in that has its names alone: Debian has none for musl.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from hosts import interpreter
from places import ROOT

MUSL = Path("/usr/include/x86_64-linux-musl")
SHIMS = ROOT / "Sources/CTrillet"
CORE = ROOT / "build/objects/embedded/trillet.o"
TARGET = ["--target=x86_64-linux-musl"]
STRICT = ["-std=c11", "-D_GNU_SOURCE", "-O2", "-fPIC", "-fvisibility=hidden"]
STRICT += ["-Wall", "-Wextra", "-pedantic", "-Werror"]
LINK = [
    "-shared",
    "-nostdlib",
    "-fuse-ld=lld",
    "-Wl,-soname,libtrillet.so.1",
    "-Wl,-z,defs",
    "-Wl,--gc-sections",
]
LINK += [f"-Wl,--version-script={ROOT}/Sources/trillet.map", "-Wl,--no-undefined-version"]
LINK += ["-Wl,--wrap=posix_memalign", "-Wl,--wrap=free", "-L/usr/lib/x86_64-linux-musl", "-lc"]
PROGRAM = r"""
#include <stdio.h>
#include <string.h>
#include <trillet.h>

int main(void)
{
    const char *file = "phone_number\n+12025550164\n12\n";
    char *answer = trillet_csv_check(file, strlen(file), NULL);
    puts(answer);
    trillet_free(answer);
    answer = trillet_call(NULL, "agents.list", NULL, NULL);
    puts(answer);
    trillet_free(answer);
    return 0;
}
"""


def made(command: list[str]) -> str:
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def headers(folder: Path) -> list[str]:
    """Where musl's headers are, the kernel's and libcurl's, without glibc's beside them."""
    include = folder / "include"
    include.mkdir()
    system = Path("/usr/include")
    for name in ("linux", "asm-generic"):
        (include / name).symlink_to(system / name)
    for name in ("asm", "curl"):
        found = system / "x86_64-linux-gnu" / name
        (include / name).symlink_to(found if found.exists() else system / name)
    return ["-nostdlibinc", "-isystem", str(MUSL), "-isystem", str(include)]


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Made for musl, in the test's folder."""
    clang = interpreter("clang", "clang")
    if not MUSL.exists() or shutil.which("musl-gcc") is None:
        pytest.skip("needs musl: apt install musl-tools")
    flags = [*TARGET, *STRICT, *headers(tmp_path), "-I", str(SHIMS / "include")]
    objects = [str(CORE)]
    for source in sorted(SHIMS.glob("*.c")):
        objects.append(str(tmp_path / f"{source.stem}.o"))
        made([clang, *flags, "-c", str(source), "-o", objects[-1]])
    names = set(made(["nm", "--undefined-only", "--just-symbols", *objects]).split())
    stand_in = tmp_path / "curl.c"
    stand_in.write_text(
        "".join(f"void {name}(void) {{}}\n" for name in sorted(names) if name.startswith("curl_"))
    )
    curl = str(tmp_path / "libcurl.so.4")
    made(
        [clang, *TARGET, "-shared", "-fPIC", "-nostdlib", "-fuse-ld=lld", str(stand_in), "-o", curl]
    )
    library = tmp_path / "libtrillet.so.1"
    made([clang, *TARGET, *objects, curl, *LINK, "-o", str(library)])
    return library


def test_a_musl_program_checks_contacts_and_is_told_its_mistakes(library: Path) -> None:
    source, program = library.with_name("program.c"), library.with_name("program")
    source.write_text(PROGRAM)
    command = ["musl-gcc", "-I", str(ROOT / "include"), str(source), str(library)]
    command += [f"-Wl,-rpath,{library.parent}", "-Wl,--allow-shlib-undefined", "-o", str(program)]
    made(command)
    assert "/lib/ld-musl-x86_64.so.1" in made(["readelf", "--program-headers", str(program)])
    checked, refused = (json.loads(line) for line in made([str(program)]).splitlines())
    assert (checked["data"]["rows"]["accepted"], checked["data"]["rows"]["rejected"]) == (1, 1)
    assert (refused["error"]["type"], refused["error"]["sent"]) == ("invalid_argument", "no")
