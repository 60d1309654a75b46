"""The other campaigns of an account: whoever looks at its calls looks for all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .policy import Policy
from .tally import OPEN

if TYPE_CHECKING:
    from .context import Context


def kin(context: Context, campaign: int) -> Context | None:
    """That campaign, as this worker sees it; None if the account does not have it."""
    if campaign == context.campaign:
        return context
    with context.database.read() as transaction:
        found = transaction.row(
            "SELECT agent, policy FROM campaign WHERE id = ? AND account = ?",
            campaign,
            context.account,
        )
    if found is None:
        return None
    return replace(context, campaign=campaign, agent=found[0], policy=Policy.read(found[1]))


def waiting_for_ends(context: Context) -> list[Context]:
    """The campaigns of the account of which it is not known how some call has ended."""
    with context.database.read() as transaction:
        found = transaction.rows(
            "SELECT DISTINCT campaign FROM attempt"
            f" WHERE account = ? AND state IN {OPEN} ORDER BY campaign",
            context.account,
        )
    listed = (kin(context, int(campaign)) for (campaign,) in found)
    return [each for each in listed if each is not None]
