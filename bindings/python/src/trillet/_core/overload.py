"""`typing.overload` without importing typing, which takes longer than all the rest."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import overload as overload
else:

    def overload(signature):
        """Only type checkers read what this decorates."""
        return signature
