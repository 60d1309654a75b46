"""The vcpkg port and the Conan recipe, filled in for an archive on this machine."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from conftest import C_PROGRAM, LIBRARY, ROOT, VERSION, files_below, run, succeed


@pytest.fixture(scope="module")
def ports(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ports")
    script = ROOT / "Tools/release/ports.py"
    succeed("python3", script, archive, folder, "--url", f"file://{archive.parent}")
    return folder


def test_the_ports_have_the_version_and_the_checksums_of_the_archive(
    ports: Path, archive: Path
) -> None:
    port = json.loads((ports / "vcpkg/vcpkg.json").read_text("utf-8"))
    assert (port["name"], port["version"]) == ("libtrillet", VERSION)
    sums = {command: succeed(command, archive).split()[0] for command in ("sha256sum", "sha512sum")}
    assert sums["sha512sum"] in (ports / "vcpkg/portfile.cmake").read_text("utf-8")
    assert sums["sha256sum"] in (ports / "conan/conandata.yml").read_text("utf-8")
    for name in files_below(ports):
        assert not re.search(r"@[A-Z0-9]+@", (ports / name).read_text("utf-8")), name


# vcpkg's functions, as far as the port uses them.
VCPKG = """\
cmake_minimum_required(VERSION 3.20)
function(vcpkg_download_distfile variable)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "FILENAME;SHA512" "URLS")
    set(place "${DOWNLOADS}/${arg_FILENAME}")
    file(DOWNLOAD ${arg_URLS} "${place}" EXPECTED_HASH SHA512=${arg_SHA512})
    set(${variable} "${place}" PARENT_SCOPE)
endfunction()
function(vcpkg_extract_source_archive variable)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "ARCHIVE" "")
    file(ARCHIVE_EXTRACT INPUT "${arg_ARCHIVE}" DESTINATION "${DOWNLOADS}/tree")
    file(GLOB only "${DOWNLOADS}/tree/*")
    set(${variable} "${only}" PARENT_SCOPE)
endfunction()
function(vcpkg_fixup_pkgconfig)
endfunction()
function(vcpkg_install_copyright)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "FILE_LIST")
    foreach(file IN LISTS arg_FILE_LIST)
        file(READ "${file}" text)
        file(APPEND "${CURRENT_PACKAGES_DIR}/share/libtrillet/copyright" "${text}")
    endforeach()
endfunction()
include("${PORT}/portfile.cmake")
"""

CONSUMER = f"""\
cmake_minimum_required(VERSION 3.20)
project(consumer C)
find_package(trillet {VERSION} CONFIG REQUIRED)
add_executable(program program.c)
target_link_libraries(program PRIVATE trillet::trillet)
"""


def test_what_the_vcpkg_port_installs_is_found_and_linked(ports: Path, tmp_path: Path) -> None:
    (tmp_path / "vcpkg.cmake").write_text(VCPKG, "utf-8")
    installed = tmp_path / "installed"
    folders = (
        f"-DPORT={ports / 'vcpkg'}",
        f"-DDOWNLOADS={tmp_path / 'downloads'}",
        f"-DCURRENT_PACKAGES_DIR={installed}",
    )
    succeed("cmake", *folders, "-P", tmp_path / "vcpkg.cmake")
    assert not (installed / "lib/cmake").exists()
    assert (installed / "lib/libtrillet.so").is_symlink()
    consumer = tmp_path / "consumer"
    consumer.mkdir()
    (consumer / "CMakeLists.txt").write_text(CONSUMER, "utf-8")
    (consumer / "program.c").write_text(C_PROGRAM, "utf-8")
    build = consumer / "build"
    # vcpkg's toolchain file says where share is.
    where = f"-DCMAKE_PREFIX_PATH={installed}"
    succeed("cmake", "-S", consumer, "-B", build, where)
    succeed("cmake", "--build", build)
    assert succeed(build / "program") == f"{VERSION}\n"


@pytest.fixture
def conan(tmp_path: Path) -> str:
    found = shutil.which("conan") or shutil.which("conan", path=str(Path(sys.executable).parent))
    if found is None:
        pytest.skip("conan is not installed: pip install -r packaging/conan/requirements.txt")
    return found


def test_conan_creates_the_package_and_runs_a_program_with_it(
    ports: Path, conan: str, tmp_path: Path
) -> None:
    more = {"CONAN_HOME": str(tmp_path / "home")}
    succeed(conan, "profile", "detect", more=more)
    recipe = shutil.copytree(ports / "conan", tmp_path / "recipe")
    create = (conan, "create", recipe, "--version", VERSION)
    done = run(*create, more=more)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"libtrillet {VERSION}" in done.stdout + done.stderr
    libraries = list((tmp_path / "home").glob("p/b/*/p/lib/libtrillet.so.1"))
    assert [path.read_bytes() for path in libraries] == [LIBRARY.read_bytes()]
    # An archive without that library is refused, and not packaged without one.
    refused = run(*create, "-o", "libtrillet/*:bundled=True", more=more)
    assert refused.returncode != 0
    assert "no library in lib/bundled" in refused.stdout + refused.stderr
