"""The files in an artifact of a release, whatever its format."""

from __future__ import annotations

import io
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

FORMATS = (".tar.xz", ".tar.gz", ".whl", ".deb")


def files_of(artifact: Path) -> Iterator[tuple[str, bytes]]:
    """Their names and contents; links and folders are none."""
    if artifact.suffix == ".whl":
        with zipfile.ZipFile(artifact) as wheel:
            for entry in wheel.infolist():
                if not entry.is_dir():
                    yield entry.filename, wheel.read(entry)
    elif artifact.suffix == ".deb":
        command = ["dpkg-deb", "--fsys-tarfile", str(artifact)]
        data = subprocess.run(command, check=True, capture_output=True, timeout=120).stdout
        with tarfile.open(fileobj=io.BytesIO(data)) as tree:
            yield from _members(tree)
    else:
        with tarfile.open(artifact) as tree:
            yield from _members(tree)


def _members(tree: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    for entry in tree:
        content = tree.extractfile(entry) if entry.isfile() else None
        if content is not None:
            yield entry.name.removeprefix("./"), content.read()
