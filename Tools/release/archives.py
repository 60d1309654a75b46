"""Wheels and source archives whose bytes follow from their contents alone."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import tarfile
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

# A file's contents, and whether it is a program.
Member = tuple[bytes, bool]

# A zip cannot tell an earlier time.
_FIRST_ZIP_TIME = 315_532_800


def read_wheel(path: Path) -> dict[str, Member]:
    with zipfile.ZipFile(path) as wheel:
        infos = [info for info in wheel.infolist() if not info.is_dir()]
        return {
            info.filename: (wheel.read(info), bool(info.external_attr >> 16 & 0o111))
            for info in infos
        }


def tag_wheel(members: Mapping[str, Member], platform: str) -> dict[str, Member]:
    """The members of the wheel for one platform."""
    name = next(name for name in members if name.endswith(".dist-info/WHEEL"))
    kept = [
        line
        for line in members[name][0].decode().splitlines()
        if line and not line.startswith(("Tag:", "Root-Is-Purelib:"))
    ]
    tags = [f"Tag: py3-none-{each}" for each in platform.split(".")]
    text = "\n".join([*kept, "Root-Is-Purelib: false", *tags]) + "\n"
    return {**members, name: (text.encode(), False)}


def write_wheel(path: Path, members: Mapping[str, Member], epoch: int) -> None:
    """Writes a wheel with a new RECORD; what describes it comes last, as the format advises."""
    record = next(name for name in members if name.endswith(".dist-info/RECORD"))
    contents = {name: member for name, member in members.items() if name != record}
    ordered = sorted(contents, key=lambda name: (".dist-info/" in name, name))
    lines = [f"{name},{_hash(contents[name][0])},{len(contents[name][0])}" for name in ordered]
    contents[record] = ("\n".join([*lines, f"{record},,"]) + "\n").encode(), False
    when = time.gmtime(max(epoch, _FIRST_ZIP_TIME))[:6]
    with zipfile.ZipFile(path, "w") as wheel:
        for name in [*ordered, record]:
            data, is_program = contents[name]
            info = zipfile.ZipInfo(name, when)
            info.create_system = 3
            info.external_attr = (0o100755 if is_program else 0o100644) << 16
            wheel.writestr(info, data, zipfile.ZIP_DEFLATED, 9)


def _hash(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest())
    return f"sha256={digest.rstrip(b'=').decode()}"


def rewrite_source_archive(path: Path, epoch: int) -> None:
    """Writes a .tar.gz again: sorted, of nobody, of one time."""
    with tarfile.open(path) as archive:
        files = {
            info.name: (extracted.read(), bool(info.mode & 0o111))
            for info in archive.getmembers()
            if info.isfile() and (extracted := archive.extractfile(info)) is not None
        }
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(files):
            data, is_program = files[name]
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), epoch
            info.mode = 0o755 if is_program else 0o644
            archive.addfile(info, io.BytesIO(data))
    path.write_bytes(gzip.compress(plain.getvalue(), 9, mtime=epoch))
