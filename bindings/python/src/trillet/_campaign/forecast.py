"""When a campaign will be over, if it goes on as it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._model.errors import ConfigurationError
from .openings import end_of
from .waiting import next_contact

if TYPE_CHECKING:
    from .context import Context
    from .database import Transaction


def over_at(context: Context, transaction: Transaction, seconds: float) -> float | None:
    """When so many seconds of calling have gone by; None for what is too far away. Windows are
    those of the next contact's time zone: most others have it, or one near it."""
    now = transaction.now() / 1000
    following = next_contact(context, transaction)
    zones = following[1] if following else context.policy.time_zone or ""
    if not zones:
        return now + seconds
    try:
        return end_of(context.policy.windows, zones, now, seconds)
    except ConfigurationError:
        return None
