"""R, whose code may only run on R's own thread."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import hosts
from places import EXAMPLES
from watched_service import WatchedService, watched_service

HEADERS = Path("/usr/share/R/include")
OUTPUT = "call: 200\ncontacts: 1\ndone: 200\nnext: 200\n"


@pytest.fixture
def watched() -> Iterator[WatchedService]:
    with watched_service() as service:
        yield service


def test_r_gets_answers_in_functions_and_fetches_them(
    watched: WatchedService, tmp_path: Path
) -> None:
    rscript = hosts.interpreter("Rscript", "r-base-core")
    arguments = ["-shared", "-fPIC", "-isystem", str(HEADERS)]
    shim = hosts.compiled(EXAMPLES / "r/trillet_r.c", tmp_path / "trillet_r.so", arguments)
    ended = watched.run([rscript, str(EXAMPLES / "r/calls.R"), str(shim)])
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, OUTPUT, "")
    assert not [name for names in watched.threads for name in names if "trillet" in name]
