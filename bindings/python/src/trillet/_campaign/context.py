"""What every step of a worker needs to know."""

from __future__ import annotations

import json
import os
import secrets
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .database import Database, Transaction
    from .policy import Policy


def _worker() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


@dataclass(frozen=True)
class Context:
    """A campaign, as one worker sees it."""

    database: Database
    campaign: int
    account: str
    agent: str
    policy: Policy
    worker: str = field(default_factory=_worker)
    name: str = ""


def note(
    transaction: Transaction,
    campaign: int,
    kind: str,
    contact: int | None = None,
    **detail: object,
) -> None:
    """Writes into the audit, which nothing is ever taken out of."""
    transaction.later(
        "INSERT INTO event (at, campaign, contact, kind, detail) VALUES (?, ?, ?, ?, ?)",
        transaction.now(),
        campaign,
        contact,
        kind,
        json.dumps(detail, ensure_ascii=False) if detail else None,
    )


def pause(transaction: Transaction, campaign: int, reason: str) -> None:
    """Stops a running campaign; calls under way go on."""
    changed = transaction.run(
        "UPDATE campaign SET state = 'paused', reason = ? WHERE id = ? AND state = 'running'",
        reason,
        campaign,
    )
    if changed:
        note(transaction, campaign, "paused", reason=reason)
