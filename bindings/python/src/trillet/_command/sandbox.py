"""``trillet sandbox``: a service on this machine, for tests."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from .._core.sandbox_program import NAME, sandbox_program

if TYPE_CHECKING:
    from collections.abc import Sequence

_USAGE = 2


def run_sandbox(arguments: Sequence[str]) -> int:
    """Becomes the program; its signals, output and exit status are then its own."""
    try:
        program = sandbox_program()
        os.execv(program, [NAME, *arguments])
    except LookupError as error:
        print(f"trillet: {error}", file=sys.stderr)
    except OSError as error:
        print(f"trillet: {program} cannot be started: {error.strerror}", file=sys.stderr)
    return _USAGE
