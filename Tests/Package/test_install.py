"""`make install` and `make uninstall`, and what pkg-config and clang make of what they leave."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from conftest import (
    C_PROGRAM,
    CPP_PROGRAM,
    ROOT,
    VERSION,
    files_below,
    make,
    run,
    succeed,
    words_of,
)

FILES = [
    "include/trillet.h",
    "include/trillet.hpp",
    "include/trillet/module.modulemap",
    "include/trillet_requests.hpp",
    "include/trillet_sandbox.hpp",
    "lib/cmake/trillet/trillet-config-version.cmake",
    "lib/cmake/trillet/trillet-config.cmake",
    "lib/libtrillet.so",
    "lib/libtrillet.so.1",
    f"lib/libtrillet.so.{VERSION}",
    "lib/pkgconfig/trillet.pc",
    "share/bash-completion/completions/trillet",
    "share/doc/trillet/LICENSE",
    "share/fish/vendor_completions.d/trillet.fish",
    "share/man/man1/trillet.1",
    "share/man/man3/trillet.h.3",
    "share/man/man3/trillet_calls_send.3",
    "share/trillet/thread-sanitizer.supp",
    "share/zsh/site-functions/_trillet",
]
SANDBOX_FILES = ["bin/trillet-sandbox", "share/man/man1/trillet-sandbox.1"]


def test_everything_is_below_the_prefix(prefix: Path) -> None:
    expected = FILES + (SANDBOX_FILES if (ROOT / "build/bin/trillet-sandbox").exists() else [])
    assert set(expected) <= set(files_below(prefix))


def test_nothing_says_where_it_was_installed_or_built(prefix: Path) -> None:
    for name in files_below(prefix):
        if name.startswith("bin/"):
            continue
        content = (prefix / name).read_bytes()
        assert str(prefix).encode() not in content, name
        assert str(ROOT).encode() not in content, name


def test_everybody_may_read_what_is_installed(prefix: Path) -> None:
    for name in files_below(prefix):
        assert (prefix / name).stat().st_mode & 0o444 == 0o444, name


def test_uninstall_leaves_nothing_in_multiarch_folders_below_destdir(tmp_path: Path) -> None:
    where = (f"DESTDIR={tmp_path}", "PREFIX=/usr", "LIBDIR=/usr/lib/x86_64-linux-gnu")
    make("install", *where)
    assert (tmp_path / "usr/lib/x86_64-linux-gnu/pkgconfig/trillet.pc").exists()
    strange = [name for name in files_below(tmp_path) if not name.startswith("usr/")]
    assert strange == []
    pc = succeed(
        "pkg-config",
        "--cflags",
        "trillet",
        more={"PKG_CONFIG_PATH": str(tmp_path / "usr/lib/x86_64-linux-gnu/pkgconfig")},
    )
    include = pc.split("-I")[1].strip()
    assert os.path.realpath(include) == str(tmp_path / "usr/include")
    make("uninstall", *where)
    assert files_below(tmp_path) == []


def test_the_pc_file_is_relocatable_and_asks_for_no_other_package(prefix: Path) -> None:
    text = (prefix / "lib/pkgconfig/trillet.pc").read_text("utf-8")
    assert not re.search(r"^Requires", text, re.M)
    assert not re.search(r"=/|-I/|-L/", text)
    assert f"Version: {VERSION}\n" in text
    assert "@" not in text


@pytest.mark.parametrize(
    ("compiler", "flags", "ending", "program"),
    [
        ("gcc", "-std=c99", "c", C_PROGRAM),
        ("clang", "-std=c11", "c", C_PROGRAM),
        ("g++", "-std=c++17", "cpp", CPP_PROGRAM),
        ("clang++", "-std=c++17", "cpp", CPP_PROGRAM),
    ],
    ids=["gcc", "clang", "g++", "clang++"],
)
def test_a_program_is_built_with_pkg_config_and_runs(
    prefix: Path, tmp_path: Path, compiler: str, flags: str, ending: str, program: str
) -> None:
    source = tmp_path / f"program.{ending}"
    source.write_text(program, "utf-8")
    # pkg-config and a shell do not agree about a space in a folder's name.
    place = tmp_path / "moved"
    succeed("cp", "-a", prefix, place)
    told = succeed(
        "pkg-config",
        "--cflags",
        "--libs",
        "trillet",
        more={"PKG_CONFIG_PATH": str(place / "lib/pkgconfig")},
    )
    strict = ("-Wall", "-Wextra", "-pedantic", "-Werror")
    built = tmp_path / "program"
    succeed(compiler, flags, *strict, source, *words_of(told), "-o", built)
    assert succeed(built, more={"LD_LIBRARY_PATH": str(place / "lib")}) == f"{VERSION}\n"


def test_clang_imports_the_module_of_an_installation(moved: Path, tmp_path: Path) -> None:
    source = tmp_path / "program.m"
    source.write_text(
        "@import CTrillet;\nint main(void) { return trillet_abi() == TRILLET_ABI ? 0 : 1; }\n",
        "utf-8",
    )
    flags = ("-fmodules", f"-fmodules-cache-path={tmp_path / 'cache'}", "-Wall", "-Werror")
    succeed("clang", *flags, "-I", moved / "include/trillet", "-fsyntax-only", source)


def test_swift_imports_the_module_of_an_installation(moved: Path, tmp_path: Path) -> None:
    source = tmp_path / "main.swift"
    source.write_text(
        "import CTrillet\nprint(String(cString: trillet_version()))\n"
        "precondition(trillet_abi() == TRILLET_ABI)\n",
        "utf-8",
    )
    built = tmp_path / "program"
    cache = ("-module-cache-path", tmp_path / "cache")
    where = ("-I", moved / "include/trillet", "-L", moved / "lib")
    succeed("swiftc", *cache, *where, source, "-o", built, folder=tmp_path)
    assert succeed(built, more={"LD_LIBRARY_PATH": str(moved / "lib")}) == f"{VERSION}\n"


def test_no_install_installs_nothing_and_names_what_is_missing(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("bash", "dirname", "flock", "id", "readlink"):
        (tools / name).symlink_to(Path("/usr/bin") / name)
    called = tmp_path / "called"
    for name in ("apt-get", "sudo"):
        (tools / name).write_text(f"#!/bin/bash\necho {name} >>'{called}'\n", "utf-8")
        (tools / name).chmod(0o755)
    done = run(
        ROOT / "Tools/install-packages", "package", more={"PATH": str(tools), "NO_INSTALL": "1"}
    )
    assert done.returncode != 0
    assert "cmake" in done.stdout
    assert "NO_INSTALL" in done.stderr
    assert not called.exists()


def test_no_install_calls_no_pip(tmp_path: Path) -> None:
    (tmp_path / "stamps").mkdir()
    (tmp_path / "stamps/packages-test").touch()
    done = run("make", "-s", "NO_INSTALL=1", f"BUILD={tmp_path}", f"{tmp_path}/venv/ready")
    assert done.returncode != 0
    assert "Tests/requirements.txt" in done.stderr
    assert not (tmp_path / "venv").exists()
