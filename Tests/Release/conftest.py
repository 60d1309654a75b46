"""The release library under test: that of TRILLET_LIBRARY, as every suite in Python has it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from elf import Elf


@pytest.fixture(scope="session")
def library() -> Path:
    return Path(os.environ["TRILLET_LIBRARY"]).resolve()


@pytest.fixture(scope="session")
def elf(library: Path) -> Elf:
    return Elf(library)


@pytest.fixture(scope="session")
def is_bundled(elf: Elf) -> bool:
    return "libcurl.so.4" not in elf.needed


@pytest.fixture(autouse=True)
def no_certificates_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def only_bundled(is_bundled: bool) -> None:
    if not is_bundled:
        pytest.skip("of the library with libcurl inside")


@pytest.fixture
def only_system(is_bundled: bool) -> None:
    if is_bundled:
        pytest.skip("of the library that needs the system's libcurl")
