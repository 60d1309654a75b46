"""Builds the archives that are linked into the bundled library: libcurl with HTTP alone, OpenSSL
with TLS 1.2 and 1.3 alone, nghttp2 and zlib.

    bundled_archives.py --sources FOLDER --clang FILE [--jobs 2] OUT

OUT gets lib/*.a and include/. What is built is kept, and built again once its version, its settings
or the compiler have changed.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from debian_sources import BUNDLED, SourcePackage, pinned_packages

ROOT = Path(__file__).resolve().parents[2]
FLOOR = ROOT / "Sources" / "CTrillet" / "glibc_floor.h"
# OpenSSL writes it into the library. What is built is kept while commits go on, and must not differ
# from what a later one builds: so it is no commit's.
DATE = "0"


def words(name: str) -> list[str]:
    """The settings in a file of packaging/bundled, which says why they are there."""
    lines = (BUNDLED / name).read_text(encoding="ascii").splitlines()
    return [word for line in lines if not line.startswith("#") for word in line.split()]


def patches(name: str) -> list[Path]:
    """What Debian's source needs besides Debian's patches; each says what for."""
    return sorted(BUNDLED.glob(f"{name}-*.patch"))


@dataclass(frozen=True)
class Workshop:
    sources: Path
    out: Path
    clang: Path
    jobs: int

    @property
    def compiler(self) -> Path:
        return self.out / "bin" / "trillet-cc"

    def write_compiler(self) -> None:
        """OpenSSL writes the compiler's command into the library, which must name no folder."""
        mapped = f"-ffile-prefix-map={self.out}/=bundled/"
        flags = " ".join([*words("compiler-flags.txt"), mapped, f"-include {FLOOR}"])
        self.compiler.parent.mkdir(parents=True, exist_ok=True)
        self.compiler.write_text(f'#!/bin/sh\nexec {self.clang} "$@" {flags}\n', encoding="utf-8")
        self.compiler.chmod(0o755)

    def run(self, command: list[str], folder: Path) -> None:
        own = {
            "PATH": f"{self.compiler.parent}:{self.clang.parent}:{os.environ['PATH']}",
            "SOURCE_DATE_EPOCH": DATE,
            "LC_ALL": "C",
            "HOME": "/nonexistent",
        }
        log = self.out / f"{folder.name}.log"
        with log.open("a", encoding="utf-8") as output:
            done = subprocess.run(
                command, cwd=folder, env=own, stdout=output, stderr=output, check=False
            )
        if done.returncode != 0:
            print(*log.read_text("utf-8").splitlines()[-30:], sep="\n", file=sys.stderr)
            sys.exit(f"The build of {folder.name} failed; all of its output is in {log}")

    def compile(self, folder: Path, sources: list[Path], flags: list[str], archive: str) -> None:
        # One file name a line of the archive: ar takes the last of two that are called alike.
        for source in sources:
            self.run(["trillet-cc", *flags, "-c", str(source.relative_to(folder))], folder)
        objects = sorted(path.name for path in folder.glob("*.o"))
        self.run(["llvm-ar", "rcsD", str(self.out / "lib" / archive), *objects], folder)


def build_openssl(shop: Workshop, folder: Path) -> None:
    options = words("openssl-options.txt")
    places = ["--prefix=/nonexistent", "--openssldir=/nonexistent/ssl", "--libdir=lib"]
    shop.run(["./Configure", "linux-x86_64", "CC=trillet-cc", *places, *options], folder)
    shop.run(["make", f"-j{shop.jobs}", "build_generated", "libcrypto.a", "libssl.a"], folder)
    for archive in ("libcrypto.a", "libssl.a"):
        shutil.copy(folder / archive, shop.out / "lib")
    shutil.copytree(folder / "include", shop.out / "include", dirs_exist_ok=True)


def build_zlib(shop: Workshop, folder: Path) -> None:
    shop.compile(folder, sorted(folder.glob("*.c")), ["-DHAVE_UNISTD_H"], "libz.a")
    for header in ("zlib.h", "zconf.h"):
        shutil.copy(folder / header, shop.out / "include")


def build_nghttp2(shop: Workshop, folder: Path) -> None:
    version = _nghttp2_version(folder)
    template = folder / "lib" / "includes" / "nghttp2" / "nghttp2ver.h.in"
    number = "0x" + "".join(f"{int(part):02x}" for part in version.split("."))
    text = template.read_text("utf-8")
    text = text.replace("@PACKAGE_VERSION@", version).replace("@PACKAGE_VERSION_NUM@", number)
    template.with_suffix("").write_text(text, encoding="utf-8")
    present = ("ARPA_INET", "NETINET_IN", "TIME", "UNISTD")
    flags = ["-Ilib/includes", "-DNGHTTP2_STATICLIB", *(f"-DHAVE_{name}_H" for name in present)]
    shop.compile(folder, sorted((folder / "lib").glob("*.c")), flags, "libnghttp2.a")
    target = shop.out / "include" / "nghttp2"
    target.mkdir(parents=True, exist_ok=True)
    for header in (folder / "lib" / "includes" / "nghttp2").glob("*.h"):
        shutil.copy(header, target)


def _nghttp2_version(folder: Path) -> str:
    for line in (folder / "configure.ac").read_text("utf-8").splitlines():
        if line.startswith("AC_INIT("):
            return line.split("[")[2].split("]")[0]
    sys.exit(f"{folder}/configure.ac does not say which version it is")


def build_curl(shop: Workshop, folder: Path) -> None:
    # Debian's patches made sources of the generated files newer than these.
    for path in sorted(folder.rglob("*.in")) + [folder / "aclocal.m4", folder / "configure"]:
        path.touch()
    # libcurl is to find the packages above and none of the machine's.
    search = [f"CPPFLAGS=-I{shop.out}/include -DNGHTTP2_STATICLIB"]
    search += [f"LDFLAGS=-fuse-ld=lld -L{shop.out}/lib"]
    search += [f"--with-{name}={shop.out}" for name in ("openssl", "zlib", "nghttp2")]
    programs = ["CC=trillet-cc", "AR=llvm-ar", "RANLIB=llvm-ranlib", "PKG_CONFIG=/bin/false"]
    fixed = ["--host=x86_64-pc-linux-gnu", "--prefix=/nonexistent", "LIBS=-ldl -lpthread"]
    options = words("curl-options.txt")
    shop.run(["./configure", *fixed, *programs, *search, *options], folder)
    shop.run(["make", f"-j{shop.jobs}", "-C", "lib", "libcurl.la"], folder)
    shutil.copy(folder / "lib" / ".libs" / "libcurl.a", shop.out / "lib")
    target = shop.out / "include" / "curl"
    target.mkdir(parents=True, exist_ok=True)
    for header in (folder / "include" / "curl").glob("*.h"):
        shutil.copy(header, target)


# Whoever needs another comes after it.
BUILDERS: dict[str, Callable[[Workshop, Path], None]] = {
    "zlib": build_zlib,
    "nghttp2": build_nghttp2,
    "openssl": build_openssl,
    "curl": build_curl,
}


def build(shop: Workshop, package: SourcePackage, key: str) -> None:
    stamp = shop.out / f"{package.name}.built"
    if stamp.exists() and stamp.read_text("ascii") == key:
        return
    print(f"Building {package.name} {package.version}", flush=True)
    folder = shop.out / package.name
    shutil.rmtree(folder, ignore_errors=True)
    (shop.out / f"{package.name}.log").unlink(missing_ok=True)
    shutil.copytree(package.folder(shop.sources), folder, symlinks=True)
    for patch in patches(package.name):
        shop.run(["patch", "--strip=1", "--forward", f"--input={patch}"], folder)
    BUILDERS[package.name](shop, folder)
    stamp.write_text(key, encoding="ascii")


def settings_key(shop: Workshop, name: str) -> str:
    """What the archives of a package depend on besides its version, as a number to compare."""
    compiler = subprocess.run([shop.clang, "--version"], capture_output=True, check=True).stdout
    digest = hashlib.sha256(compiler)
    digest.update(FLOOR.read_bytes())
    digest.update(DATE.encode())
    options = f"{name}-options.txt"
    for file in ("compiler-flags.txt", options):
        if (BUNDLED / file).exists():
            digest.update(" ".join(words(file)).encode())
    for patch in patches(name):
        digest.update(patch.read_bytes())
    return digest.hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sources", type=Path, required=True)
    parser.add_argument("--clang", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    shop = Workshop(options.sources.resolve(), options.out.resolve(), options.clang, options.jobs)
    for name in ("lib", "include"):
        (shop.out / name).mkdir(parents=True, exist_ok=True)
    shop.write_compiler()
    packages = {package.name: package for package in pinned_packages()}
    for name in BUILDERS:
        build(shop, packages[name], f"{packages[name].version} {settings_key(shop, name)}")


if __name__ == "__main__":
    main()
