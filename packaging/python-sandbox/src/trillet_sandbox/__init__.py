"""The program trillet-sandbox: a Trillet service on this machine, for tests.

    from trillet.testing import Sandbox    # starts it, and finds it here

`program` is its path, and ``python -m trillet_sandbox`` runs it.
"""

from __future__ import annotations

import os
import sys

__all__ = ["main", "program"]


def program() -> str:
    """The path of the program."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "trillet-sandbox")


def main() -> None:
    """Becomes the program, with this process's arguments."""
    os.execv(program(), ["trillet-sandbox", *sys.argv[1:]])
