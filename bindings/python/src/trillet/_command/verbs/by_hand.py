"""Verbs that are no single operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..batch import add_batch_commands
from .call_verbs import add_find, add_wait
from .known_batches import add_list

if TYPE_CHECKING:
    from collections.abc import Callable

BY_HAND: dict[str, tuple[Callable[[Any], None], ...]] = {
    "batch_calls": (add_batch_commands, add_list),
    "calls": (add_find, add_wait),
}
