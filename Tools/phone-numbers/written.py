"""What the writers of tables share: write the table, or compare it with what is committed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path


def write_or_check(summary: str | None, path: Path, table: Callable[[], str]) -> int:
    """Runs a writer's command line; its exit status is 1 when the file is not current."""
    parser = argparse.ArgumentParser(description=(summary or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    is_check = parser.parse_args().check
    text = table()
    if is_check:
        if path.read_text() == text:
            return 0
        print(f"{path} is not current: run `make phone-numbers`", file=sys.stderr)
        return 1
    path.write_text(text)
    return 0
