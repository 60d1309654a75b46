"""What a slice of a campaign has done."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Summary:
    """What a slice has done.

    Attributes:
        placed: Calls that the service has taken.
        unknown: Calls that may have been placed.
        refused: Calls that the service refused.
        unsent: Calls that did not leave this machine; they are due again.
        passed: Contacts that were not called now, by reason.
        ended: Calls of which it became known how they ended.
        reason: Why the slice ended.
        next_due_ms: When another slice has something to do; None for nothing that is known.
    """

    placed: int = 0
    unknown: int = 0
    refused: int = 0
    unsent: int = 0
    passed: Counter[str] = field(default_factory=Counter)
    ended: int = 0
    reason: str = "time"
    next_due_ms: int | None = None
