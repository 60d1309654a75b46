"""What the history says of calls whose webhooks did not come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from .._model.call_outcome import outcome_of
from .event import Event

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping, Sequence

# So many ids make an address of two kilobytes.
CALLS_PER_REQUEST = 100


class History(Protocol):
    """``client.calls``."""

    def history(
        self, *, limit: int | None = None, call_ids: Sequence[str] | None = None
    ) -> Sequence[Mapping[str, object]]: ...


class HistoryClient(Protocol):
    """A client of the library, as far as it is needed here."""

    @property
    def calls(self) -> History: ...


class AsyncHistory(Protocol):
    """``client.calls`` for asyncio."""

    def history(
        self, *, limit: int | None = None, call_ids: Sequence[str] | None = None
    ) -> Awaitable[Sequence[Mapping[str, object]]]: ...


class AsyncHistoryClient(Protocol):
    """A client of the library for asyncio, as far as it is needed here."""

    @property
    def calls(self) -> AsyncHistory: ...


def records_of(page: Sequence[Mapping[str, object]]) -> dict[str, Mapping[str, Any]]:
    """The records of a page by the ids of their calls."""
    named = ((record.get("callId"), record) for record in page if isinstance(record, dict))
    return {call: record for call, record in named if isinstance(call, str)}


def end_of(call_id: str, record: Mapping[str, Any]) -> Event | None:
    """What the history says of a call that has ended, as the event that did not come."""
    outcome = outcome_of(record)
    if outcome is None:
        return None
    status = record.get("status")
    agent = record.get("agentId")
    batch = record.get("batchId")
    numbers = [record.get("fromPhoneNumber"), record.get("toPhoneNumber")]
    source, target = (number if isinstance(number, str) else None for number in numbers)
    return Event(
        type="call.completed" if outcome == "completed" else "call.failed",
        id=None,
        call_id=call_id,
        batch_id=batch if isinstance(batch, str) else None,
        agent_id=agent if isinstance(agent, str) else None,
        status=status if isinstance(status, str) else None,
        from_number=source,
        to_number=target,
        at=None,
        data=record,
        raw=record,
        is_reconciled=True,
    )
