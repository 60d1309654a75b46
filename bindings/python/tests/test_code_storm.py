"""A folder is applied while requests fail and processes are killed: nothing twice, nothing lost."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from code_folders import new_sandbox
from code_storm import survives

if TYPE_CHECKING:
    from pathlib import Path


def test_an_apply_that_is_killed_among_failing_requests_makes_each_object_once(
    tmp_path: Path,
) -> None:
    with new_sandbox() as sandbox:
        result = survives(sandbox, tmp_path, count=10, kills=2, seed=_seed())
    assert result.kills == 2
    assert result.faults > 5


def _seed() -> int:
    return int(os.environ.get("TRILLET_TEST_SEED", "20310402"))
