"""The client that a command works with."""

from __future__ import annotations

from typing import Any

from .. import Trillet


def client_of_command(**options: Any) -> Trillet:
    """A client with the settings of the environment."""
    return Trillet(**options)
