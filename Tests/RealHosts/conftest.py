"""Programs of others that host clients, each with its own needs: see `make test-hosts-full`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from calls_service import CallsService, calls_service
from places import LIBRARY, PYTHON, ROOT

__all__ = ["LIBRARY", "ROOT"]


@pytest.fixture
def calls() -> Iterator[CallsService]:
    with calls_service() as service:
        yield service


@pytest.fixture
def python() -> str:
    if not PYTHON.exists():
        pytest.skip("needs a Python with Tests/RealHosts/requirements.txt: make test-hosts-full")
    return str(PYTHON)
