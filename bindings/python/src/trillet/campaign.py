"""Campaigns: lists of contacts that are called over days, by one machine or many.

A campaign is a ledger, in one file or in PostgreSQL. Every decision to call is in it before the
call is placed, so that no worker, however it ends, makes a phone ring twice. ``import trillet``
does not import this module.
"""

from __future__ import annotations

from ._campaign.adding import Added
from ._campaign.auditing import Audit
from ._campaign.campaign import Campaign
from ._campaign.doubts import Doubt
from ._campaign.listing import Attempt, Contact
from ._campaign.policy import Policy, Retry
from ._campaign.preflight import Preflight
from ._campaign.status import Failure, Status
from ._campaign.summary import Summary
from ._campaign.windows import Window

__all__ = [
    "Added",
    "Attempt",
    "Audit",
    "Campaign",
    "Contact",
    "Doubt",
    "Failure",
    "Policy",
    "Preflight",
    "Retry",
    "Status",
    "Summary",
    "Window",
]
