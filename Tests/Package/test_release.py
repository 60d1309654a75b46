"""The archives of a release: what is in them, that they can be made again, and what lists them."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from conftest import EPOCH, LIBRARY, ROOT, TREE, VERSION, files_below, packed, run, succeed


@pytest.fixture(scope="module")
def source_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (ROOT / ".git").exists():
        pytest.skip("the archive of the sources is made from git")
    folder = tmp_path_factory.mktemp("source")
    succeed("make", "-s", "source-tarball", f"RELEASE={folder}")
    return folder / f"libtrillet-{VERSION}.tar.xz"


def test_two_folders_make_the_same_archive(archive: Path, tmp_path: Path) -> None:
    other = packed(tmp_path / "another folder".replace(" ", "-"), 0o077)
    assert other.read_bytes() == archive.read_bytes()


def test_the_archive_is_one_tree_of_nobody(archive: Path) -> None:
    lines = succeed("tar", "tvf", archive, more={"TZ": "UTC"}).splitlines()
    assert all(" 0/0 " in line or " root/root " in line for line in lines)
    assert all(f" {TREE}/" in line for line in lines)
    assert all("2023-11-14 22:13" in line for line in lines)


def test_the_archive_has_library_headers_manual_and_licences(archive: Path, tmp_path: Path) -> None:
    succeed("tar", "xf", archive, "-C", tmp_path)
    tree = tmp_path / TREE
    wanted = {
        "LICENSE",
        "README",
        "THIRD-PARTY-NOTICES",
        "include/trillet.h",
        "include/trillet.hpp",
        "include/trillet_requests.hpp",
        "include/trillet/module.modulemap",
        "lib/libtrillet.so",
        "lib/libtrillet.so.1",
        "lib/cmake/trillet/trillet-config.cmake",
        "lib/pkgconfig/trillet.pc",
        "share/man/man3/trillet.h.3",
        "share/man/man3/trillet_submit.3",
    }
    assert wanted <= set(files_below(tree))
    assert (tree / "lib/libtrillet.so.1").read_bytes() == LIBRARY.read_bytes()


def test_the_sources_are_the_same_bytes_twice(source_archive: Path, tmp_path: Path) -> None:
    succeed("make", "-s", "source-tarball", f"RELEASE={tmp_path}")
    assert (tmp_path / source_archive.name).read_bytes() == source_archive.read_bytes()


def test_the_sources_know_the_time_of_their_commit_without_git(
    source_archive: Path, tmp_path: Path
) -> None:
    succeed("tar", "xf", source_archive, "-C", tmp_path)
    tree = tmp_path / f"libtrillet-{VERSION}"
    epoch = (tree / "packaging/commit-date").read_text("utf-8").strip()
    assert epoch == succeed("git", "log", "-1", "--format=%ct").strip()
    succeed("make", "-s", "manual", "NO_INSTALL=1", folder=tree)
    page = (tree / "build/man/man3/trillet_free.3").read_text("utf-8")
    day = succeed("date", "-u", "-d", f"@{epoch}", "+%Y-%m-%d").strip()
    assert day in page
    assert run("make", "-s", "source-tarball", folder=tree).returncode != 0


@pytest.fixture(scope="module")
def listed(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("build") / "release"
    folder.mkdir()
    shutil.copy(archive, folder)
    (folder / "SHA256SUMS").write_text("of an earlier release\n", "utf-8")
    succeed("make", "-s", "release-lists", f"RELEASE={folder}", f"SOURCE_DATE_EPOCH={EPOCH}")
    return folder


def test_the_checksums_are_those_of_everything_else(listed: Path) -> None:
    text = succeed("sha256sum", "-c", "SHA256SUMS", folder=listed)
    named = [line.partition(":")[0] for line in text.splitlines()]
    assert named == [name for name in files_below(listed) if name != "SHA256SUMS"]
    assert files_below(listed.parent) == [f"release/{name}" for name in files_below(listed)]


def sbom(listed: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((listed / f"{TREE}.tar.xz.spdx.json").read_text("utf-8"))
    return document


def test_the_sbom_has_the_checksum_of_each_file(listed: Path, tmp_path: Path) -> None:
    succeed("tar", "xf", listed / f"{TREE}.tar.xz", "-C", tmp_path)
    document = sbom(listed)
    there = {
        f"./{name}": hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
        for name in files_below(tmp_path)
        if not (tmp_path / name).is_symlink()
    }
    told = {
        file["fileName"]: next(
            one["checksumValue"] for one in file["checksums"] if one["algorithm"] == "SHA256"
        )
        for file in document["files"]
    }
    assert told == there


def test_the_sbom_names_what_is_inside_and_what_is_needed(listed: Path) -> None:
    document = sbom(listed)
    parts = {part["name"]: part for part in document["packages"]}
    assert set(parts) == {"libtrillet", "Swift standard library", "libcurl"}
    assert parts["libtrillet"]["versionInfo"] == VERSION
    related = {
        (one["relationshipType"], one["relatedSpdxElement"]) for one in document["relationships"]
    }
    assert ("CONTAINS", "SPDXRef-Swift-standard-library") in related
    assert ("DEPENDS_ON", "SPDXRef-libcurl") in related


def test_the_sbom_names_the_version_of_swift(listed: Path) -> None:
    (version,) = (
        part.get("versionInfo", "")
        for part in sbom(listed)["packages"]
        if part["name"] == "Swift standard library"
    )
    assert f"Swift version {version} " in succeed("swiftc", "--version")


@pytest.mark.parametrize(
    ("needs", "inside"),
    [(b"", {"curl", "openssl", "nghttp2", "zlib"}), (b"libcurl.so.4\0", {"libcurl"})],
    ids=["a sandbox with libcurl inside", "a sandbox that asks the system for libcurl"],
)
def test_the_sbom_says_where_the_sandbox_has_its_libcurl_from(
    needs: bytes, inside: set[str], tmp_path: Path
) -> None:
    program = tmp_path / "bin" / "trillet-sandbox"
    program.parent.mkdir()
    program.write_bytes(b"\x7fELF" + needs)
    folder = tmp_path / "build" / "release"
    folder.mkdir(parents=True)
    name = "trillet-sandbox-0.0.0.tar.gz"
    succeed("tar", "czf", folder / name, "-C", tmp_path, "bin")
    succeed("make", "-s", "release-lists", f"RELEASE={folder}")
    told = json.loads((folder / f"{name}.spdx.json").read_text("utf-8"))
    named = {part["name"] for part in told["packages"]}
    assert inside <= named
    assert not named & ({"curl", "libcurl", "openssl", "nghttp2", "zlib"} - inside)


def test_each_element_that_the_sbom_relates_is_in_it_once(listed: Path) -> None:
    document = sbom(listed)
    names = [one["SPDXID"] for one in (*document["packages"], *document["files"])]
    assert len(names) == len(set(names))
    known = {*names, "SPDXRef-DOCUMENT"}
    for one in document["relationships"]:
        assert {one["spdxElementId"], one["relatedSpdxElement"]} <= known
