"""A folder is applied while requests fail and processes are killed: nothing twice, nothing lost."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from code_folders import new_sandbox
from code_storm import survives

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("routes", "flags"), [("overview", ()), ("published", ("--quirks", "--strict-put"))]
)
def test_an_apply_that_is_killed_among_failing_requests_makes_each_object_once(
    tmp_path: Path, routes: str, flags: tuple[str, ...]
) -> None:
    with new_sandbox("--routes", routes, *flags) as sandbox:
        result = survives(sandbox, tmp_path, count=5, kills=2, seed=_seed(), routes=routes)
    assert result.kills == 2
    assert result.faults > 0


def _seed() -> int:
    return int(os.environ.get("TRILLET_TEST_SEED", "20310402"))
