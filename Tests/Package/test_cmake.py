"""find_package(trillet) in projects of C and C++, from an installation that was moved."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import C_PROGRAM, CPP_PROGRAM, ROOT, VERSION, make, run, succeed

MAJOR, MINOR, PATCH = (int(part) for part in VERSION.split("."))
SERIES = f"{MAJOR}.{MINOR}"

# What is asked for, and whether this version may answer.
ASKED = {
    "": True,
    SERIES: True,
    VERSION: True,
    f"{VERSION} EXACT": True,
    f"{MAJOR}": True,
    f"{SERIES}...{MAJOR + 1}": True,
    f"{MAJOR}.{MINOR + 1}": False,
    f"{MAJOR + 1}.0": False,
    f"{VERSION}.1": False,
    f"{SERIES}.{PATCH + 1}": False,
    f"{SERIES}.{PATCH + 1} EXACT": False,
    f"0.0...<{VERSION}": False,
    f"{MAJOR}.{MINOR + 1}...{MAJOR + 1}": False,
    **({"0.0.9": False} if MAJOR == 0 and MINOR > 0 else {}),
}


def configured(project: Path, where: Path, *flags: str) -> str:
    return succeed(
        "cmake", "-S", project, "-B", project / "build", f"-DCMAKE_PREFIX_PATH={where}", *flags
    )


def project(folder: Path, text: str, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "CMakeLists.txt").write_text(f"cmake_minimum_required(VERSION 3.13)\n{text}", "utf-8")
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_text(content, "utf-8")
    return folder


def test_a_version_is_refused_unless_it_is_of_the_same_series(moved: Path, tmp_path: Path) -> None:
    lines = ["project(versions LANGUAGES NONE)", "cmake_policy(VERSION 3.19) # ranges"]
    for at, asked in enumerate(ASKED):
        lines.append("unset(trillet_DIR CACHE)")
        lines.append(f"find_package(trillet {asked} CONFIG QUIET)")
        lines.append(f'message(STATUS "asked {at}: ${{trillet_FOUND}}")')
    told = configured(project(tmp_path / "versions", "\n".join(lines)), moved)
    found = {asked: f"asked {at}: 1" in told for at, asked in enumerate(ASKED)}
    assert found == ASKED


def test_the_refusal_names_the_version_that_is_there(moved: Path, tmp_path: Path) -> None:
    text = "project(p LANGUAGES NONE)\nfind_package(trillet 99.0 REQUIRED)\n"
    where = project(tmp_path / "refused", text)
    done = run("cmake", "-S", where, "-B", where / "build", f"-DCMAKE_PREFIX_PATH={moved}")
    assert done.returncode != 0
    assert f"version: {VERSION}" in done.stderr


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_a_project_of_c_alone_is_built_and_runs(moved: Path, tmp_path: Path, compiler: str) -> None:
    text = (
        "project(consumer C)\n"
        f"find_package(trillet {SERIES} REQUIRED)\n"
        "add_executable(program program.c)\n"
        "target_link_libraries(program PRIVATE trillet::trillet)\n"
    )
    where = project(tmp_path / "c", text, program_c=C_PROGRAM)
    configured(where, moved, f"-DCMAKE_C_COMPILER={compiler}")
    succeed("cmake", "--build", where / "build")
    assert succeed(where / "build/program") == f"{VERSION}\n"


@pytest.mark.parametrize("compiler", ["g++", "clang++"])
def test_a_project_of_cpp_is_built_and_runs(moved: Path, tmp_path: Path, compiler: str) -> None:
    text = (
        "project(consumer CXX)\n"
        f"find_package(trillet {SERIES} CONFIG REQUIRED)\n"
        "find_package(trillet CONFIG REQUIRED) # as another part of a project would\n"
        "add_executable(program program.cpp)\n"
        "target_compile_features(program PRIVATE cxx_std_17)\n"
        "target_link_libraries(program PRIVATE trillet::trillet)\n"
    )
    where = project(tmp_path / "cpp", text, program_cpp=CPP_PROGRAM)
    configured(where, moved, f"-DCMAKE_CXX_COMPILER={compiler}")
    succeed("cmake", "--build", where / "build")
    assert succeed(where / "build/program") == f"{VERSION}\n"


SHOW = """\
project(show LANGUAGES NONE)
find_package(trillet REQUIRED)
get_target_property(include trillet::trillet INTERFACE_INCLUDE_DIRECTORIES)
get_target_property(library trillet::trillet IMPORTED_LOCATION)
message(STATUS "include ${include}")
message(STATUS "library ${library}")
"""


def test_it_is_found_through_a_symbolic_link_to_the_folder_of_libraries(tmp_path: Path) -> None:
    root = tmp_path / "root"
    make("install", f"DESTDIR={root}", "PREFIX=/usr", "LIBDIR=/usr/lib/x86_64-linux-gnu")
    (root / "lib").symlink_to("usr/lib")
    where = project(tmp_path / "show", SHOW)
    told = configured(where, root, f"-Dtrillet_DIR={root}/lib/x86_64-linux-gnu/cmake/trillet")
    assert f"include {root}/usr/include\n" in told
    assert f"library {root}/usr/lib/x86_64-linux-gnu/libtrillet.so.{VERSION}\n" in told


def test_an_installation_without_its_library_is_not_found(prefix: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    succeed("cp", "-a", prefix, broken)
    (broken / f"lib/libtrillet.so.{VERSION}").unlink()
    where = project(tmp_path / "show", SHOW)
    done = run("cmake", "-S", where, "-B", where / "build", f"-DCMAKE_PREFIX_PATH={broken}")
    assert done.returncode != 0
    assert "the installation of libtrillet is not complete" in " ".join(done.stderr.split())


def test_the_bundled_library_is_a_target_where_it_is_installed(
    prefix: Path, tmp_path: Path
) -> None:
    text = "project(p LANGUAGES NONE)\nfind_package(trillet REQUIRED COMPONENTS bundled)\n"
    where = project(tmp_path / "bundled", text)
    done = run("cmake", "-S", where, "-B", where / "build", f"-DCMAKE_PREFIX_PATH={prefix}")
    assert "trillet::bundled is not installed here" in " ".join(done.stderr.split())
    both = tmp_path / "both"
    succeed("cp", "-a", prefix, both)
    (both / "lib/bundled").mkdir()
    succeed("cp", ROOT / "build/lib/libtrillet.so.1", both / "lib/bundled")
    configured(where, both, "-Utrillet_DIR")
