"""Writes an SPDX document beside each artifact of a release: what is in it, and of whom.

    python Tools/release/sbom.py --swiftc swiftc build/release

The documents are SPDX 2.3 as JSON. They depend on nothing but the artifacts, the commit's time and
the version of Swift.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from archive_files import FORMATS, files_of
from components import Component, inside

ROOT = Path(__file__).resolve().parents[2]
Json = dict[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(description="Writes an SPDX document for each artifact.")
    parser.add_argument("--swiftc", default="swiftc", help="the compiler of what is inside")
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    version = re.findall(
        r'TRILLET_VERSION "(.+)"', (ROOT / "include/trillet.h").read_text("utf-8")
    )[0]
    swift = swift_version(given.swiftc)
    for artifact in sorted(given.folder.iterdir()):
        if artifact.name.endswith(FORMATS):
            written = (
                json.dumps(document(artifact, version, swift), indent=1, ensure_ascii=False) + "\n"
            )
            artifact.with_name(f"{artifact.name}.spdx.json").write_text(written, "utf-8")
    return 0


def swift_version(compiler: str) -> str:
    told = subprocess.run(
        [compiler, "--version"], check=True, capture_output=True, text=True, timeout=120
    ).stdout
    found = re.search(r"Swift version (\d[\w.]*)", told)
    if found is None:
        sys.exit(f"{compiler} does not tell its version of Swift: {told.strip()}")
    return found[1]


def document(artifact: Path, version: str, swift: str) -> Json:
    content = artifact.read_bytes()
    checksum = hashlib.sha256(content).hexdigest()
    files = dict(files_of(artifact))
    parts = inside(files, ROOT, swift)
    entries = list(_files(files))
    day = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH") or "0"))
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": artifact.name,
        "documentNamespace": f"https://spdx.org/spdxdocs/{artifact.name}-{checksum}",
        "creationInfo": {
            "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", day),
            "creators": ["Tool: libtrillet-sbom", "Organization: libtrillet"],
        },
        "documentDescribes": ["SPDXRef-artifact"],
        "packages": [
            _artifact(artifact.name, version, content, files),
            *(_package(part) for part in parts),
        ],
        "files": entries,
        "relationships": list(_relationships(entries, parts)),
    }


def _artifact(name: str, version: str, content: bytes, files: Mapping[str, bytes]) -> Json:
    sums = sorted(hashlib.sha1(data).hexdigest() for data in files.values())
    return {
        "SPDXID": "SPDXRef-artifact",
        "name": re.split(r"[-_]\d", name)[0],
        "versionInfo": version,
        "packageFileName": name,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": True,
        # SPDX wants it to be made with SHA-1.
        "packageVerificationCode": {
            "packageVerificationCodeValue": hashlib.sha1("".join(sums).encode()).hexdigest()
        },
        "checksums": [
            {"algorithm": "SHA256", "checksumValue": hashlib.sha256(content).hexdigest()}
        ],
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "Apache-2.0",
        "licenseInfoFromFiles": ["NOASSERTION"],
        "copyrightText": "NOASSERTION",
    }


def _package(part: Component) -> Json:
    return {
        "SPDXID": _id(part),
        "name": part.name,
        **({"versionInfo": part.version} if part.version else {}),
        "downloadLocation": part.source or "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": part.licence,
        "licenseDeclared": part.licence,
        "copyrightText": "NOASSERTION",
    }


def _id(part: Component) -> str:
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", part.name)


def _files(files: Mapping[str, bytes]) -> Iterator[Json]:
    for at, (name, data) in enumerate(sorted(files.items())):
        yield {
            "SPDXID": f"SPDXRef-file-{at}",
            "fileName": f"./{name}",
            "checksums": [
                {"algorithm": "SHA1", "checksumValue": hashlib.sha1(data).hexdigest()},
                {"algorithm": "SHA256", "checksumValue": hashlib.sha256(data).hexdigest()},
            ],
            "licenseConcluded": "NOASSERTION",
            "licenseInfoInFiles": ["NOASSERTION"],
            "copyrightText": "NOASSERTION",
        }


def _relationships(files: list[Json], parts: list[Component]) -> Iterator[Json]:
    def related(one: str, kind: str, other: str) -> Json:
        return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}

    yield related("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-artifact")
    for file in files:
        yield related("SPDXRef-artifact", "CONTAINS", file["SPDXID"])
    for part in parts:
        # What is inside a library is a part of it; libcurl of the system is not.
        kind = "CONTAINS" if part.is_inside else "DEPENDS_ON"
        yield related("SPDXRef-artifact", kind, _id(part))


if __name__ == "__main__":
    sys.exit(main())
