"""What is in the files of a release, and that building them again makes the same bytes."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import shutil
import subprocess
import tarfile
import zipfile
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

from conftest import RELEASE, ROOT, Environment

TOOLS = ROOT / "build" / "release-venv" / "bin" / "python"
LIBRARIES = ROOT / "build" / "release-libraries"
SANDBOX = ROOT / "build" / "release-sandbox" / "trillet-sandbox"
NAMES = ["trillet", "trillet_sandbox"]
# Above this, neither Debian 11 nor Red Hat 8 could install it.
NEWEST_GLIBC = {"trillet": (2, 17), "trillet_sandbox": (2, 28)}


@pytest.fixture(scope="module")
def source_archive() -> Path:
    (found,) = RELEASE.glob("trillet-*.tar.gz")
    return found


def members(wheel: Path) -> list[str]:
    return zipfile.ZipFile(wheel).namelist()


@pytest.mark.parametrize("name", NAMES)
def test_the_record_is_that_of_the_files(wheels: dict[str, Path], name: str) -> None:
    wheel = zipfile.ZipFile(wheels[name])
    (record,) = (each for each in wheel.namelist() if each.endswith(".dist-info/RECORD"))
    rows = {row[0]: row[1:] for row in csv.reader(io.StringIO(wheel.read(record).decode()))}
    assert set(rows) == set(wheel.namelist())
    assert rows.pop(record) == ["", ""]
    for path, (digest, size) in rows.items():
        data = wheel.read(path)
        right = urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        assert (digest, int(size)) == (f"sha256={right}", len(data)), path


@pytest.mark.parametrize("name", NAMES)
def test_the_name_says_which_systems_can_load_what_is_inside(
    wheels: dict[str, Path], name: str
) -> None:
    found = re.search(r"-py3-none-manylinux_(\d+)_(\d+)_(x86_64|aarch64)", wheels[name].name)
    assert found is not None, wheels[name].name
    assert (int(found[1]), int(found[2])) <= NEWEST_GLIBC[name]
    wheel = zipfile.ZipFile(wheels[name])
    (tags,) = (each for each in wheel.namelist() if each.endswith(".dist-info/WHEEL"))
    text = wheel.read(tags).decode()
    assert "Root-Is-Purelib: false" in text
    for platform in wheels[name].stem.split("-")[-1].split("."):
        assert f"Tag: py3-none-{platform}\n" in text


def test_the_wheel_has_both_libraries_and_the_licences(wheels: dict[str, Path]) -> None:
    inside = members(wheels["trillet"])
    assert "trillet/libtrillet.so.1" in inside
    assert "trillet/libtrillet-bundled.so.1" in inside
    licences = {each.split("/licenses/")[1] for each in inside if "/licenses/" in each}
    assert licences == {"LICENSE", "THIRD-PARTY-NOTICES"}


def test_the_notices_name_what_is_inside(wheels: dict[str, Path]) -> None:
    for name, expected in (
        ("trillet", ("curl", "nghttp2", "OpenSSL", "zlib")),
        ("trillet_sandbox", ("swift-nio", "hummingbird", "GRDB", "SQLite", "ICU", "OpenSSL")),
    ):
        wheel = zipfile.ZipFile(wheels[name])
        (path,) = (each for each in wheel.namelist() if each.endswith("/THIRD-PARTY-NOTICES"))
        text = wheel.read(path).decode()
        for word in expected:
            assert word.lower() in text.lower(), (name, word)
        assert "Apache License" in text


def test_the_sandbox_in_the_wheel_is_a_program_that_needs_little(
    wheels: dict[str, Path], tmp_path: Path
) -> None:
    wheel = zipfile.ZipFile(wheels["trillet_sandbox"])
    assert wheel.getinfo("trillet_sandbox/trillet-sandbox").external_attr >> 16 & 0o111
    program = wheel.extract("trillet_sandbox/trillet-sandbox", tmp_path)
    needed = subprocess.run(
        ["readelf", "-d", program], capture_output=True, text=True, check=True
    ).stdout
    for library in ("libcurl", "libcrypto", "libssl", "libsqlite3", "libstdc++", "swift"):
        assert not re.search(rf"NEEDED.*{re.escape(library)}", needed), library


@pytest.mark.parametrize("name", NAMES)
def test_no_path_of_the_machine_that_built_it_is_inside(wheels: dict[str, Path], name: str) -> None:
    wheel = zipfile.ZipFile(wheels[name])
    for path in wheel.namelist():
        if not path.endswith("/trillet-sandbox"):
            assert os.fsencode(ROOT) not in wheel.read(path), path


def test_the_source_archive_has_no_library(source_archive: Path) -> None:
    with tarfile.open(source_archive) as archive:
        names = archive.getnames()
        assert not [each for each in names if ".so" in Path(each).name]
        assert any(each.endswith("/src/trillet/__init__.py") for each in names)
        assert any(each.endswith("/LICENSE") for each in names)
        assert {(info.uid, info.gid, info.uname) for info in archive.getmembers()} == {(0, 0, "")}


def test_the_source_archive_says_what_to_do_where_there_is_no_library(
    source_archive: Path, empty: Environment
) -> None:
    with tarfile.open(source_archive) as archive:
        archive.extractall(empty.here, filter="data")
    (sources,) = empty.here.glob("trillet-*/src")
    program = "import trillet; trillet.version()"
    done = empty.run("python", "-c", program, variables={"PYTHONPATH": str(sources)})
    if done.returncode == 0:
        pytest.skip("libtrillet is installed on this system")
    assert "LibraryError" in done.stderr
    assert "pip install --only-binary=trillet" in done.stderr


def build(root: Path, out: Path) -> dict[str, str]:
    """Builds everything from a tree; the hashes by name."""
    program = [str(TOOLS), str(root / "Tools/release/python_packages.py"), "--out", str(out)]
    notices = ROOT / "build" / "notices"
    libraries = [f"{LIBRARIES}/{kind}/libtrillet.so.1" for kind in ("system", "bundled")]
    for command in (
        ["trillet", "--system", libraries[0], "--bundled", libraries[1], "--notices"],
        ["sandbox", "--program", str(SANDBOX), "--notices"],
    ):
        file = notices / ("bundled" if command[0] == "trillet" else "sandbox")
        variables = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
        subprocess.run(
            [*program, *command, str(file)], check=True, env=variables, capture_output=True
        )
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in out.iterdir()}


def test_building_in_another_folder_makes_the_same_bytes(tmp_path: Path) -> None:
    other = tmp_path / "somewhere" / "else"
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for folder in ("bindings/python", "packaging", "Tools/release", "include"):
        shutil.copytree(ROOT / folder, other / folder, symlinks=True, ignore=ignored)
    shutil.copy(ROOT / "LICENSE", other)
    first, second = build(ROOT, tmp_path / "first"), build(other, tmp_path / "second")
    assert len(first) == 3
    assert first == second
