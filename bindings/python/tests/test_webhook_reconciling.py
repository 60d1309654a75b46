"""The receiver of webhooks, asking a client about calls of which nothing was heard."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from test_webhook_receiver import SECRET, Seen
from trillet.webhooks import Receiver

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Histories:
    """``client.calls`` of a client: the records of a history, and what it was asked."""

    def __init__(self, records: Mapping[str, str], broken: int = 0) -> None:
        self._records = records
        self._broken = broken
        self.asked: list[list[str]] = []
        self.calls = self

    def history(
        self, *, limit: int | None = None, call_ids: Sequence[str] | None = None
    ) -> list[dict[str, object]]:
        assert call_ids is not None
        assert limit == len(call_ids)
        self.asked.append(list(call_ids))
        if len(self.asked) == self._broken:
            raise OSError("no network")
        records = {"somebody else's": "completed", **self._records}
        wanted = [call for call in records if call not in self._records or call in call_ids]
        return [{"callId": call, "status": records[call]} for call in wanted]


class AsyncHistories:
    def __init__(self, histories: Histories) -> None:
        self._histories = histories
        self.calls = self

    async def history(
        self, *, limit: int | None = None, call_ids: Sequence[str] | None = None
    ) -> list[dict[str, object]]:
        return self._histories.history(limit=limit, call_ids=call_ids)


def reconciled(receiver: Receiver, histories: Histories, way: str) -> int:
    if way == "sync":
        return receiver.reconcile(histories)
    return asyncio.run(receiver.reconcile_async(AsyncHistories(histories)))


@pytest.mark.parametrize("way", ["sync", "asyncio"])
def test_a_client_is_asked_about_a_hundred_calls_at_once(way: str) -> None:
    seen = Seen()
    receiver = Receiver(seen, SECRET, patience=0)
    calls = [f"c{number}" for number in range(230)]
    for call in calls:
        receiver.expect(call)
    histories = Histories(dict.fromkeys(calls[:-1], "busy") | {"c7": "completed", "c8": "ringing"})
    assert reconciled(receiver, histories, way) == 228
    assert [len(asked) for asked in histories.asked] == [100, 100, 30]
    ends = {event.call_id: event.type for event in seen.events}
    assert (ends["c7"], ends["c9"], ends.get("c8")) == ("call.completed", "call.failed", None)
    assert receiver.counts.reconciled == 228
    assert reconciled(receiver, histories, way) == 0
    assert histories.asked[-1] == ["c8", "c229"]


@pytest.mark.parametrize("way", ["sync", "asyncio"])
def test_what_could_not_be_asked_is_asked_the_next_time(way: str) -> None:
    seen = Seen()
    receiver = Receiver(seen, SECRET, patience=0)
    calls = [f"c{number}" for number in range(150)]
    for call in calls:
        receiver.expect(call)
    histories = Histories(dict.fromkeys(calls, "completed"), broken=1)
    assert reconciled(receiver, histories, way) == 0
    assert len(histories.asked) == 1
    assert reconciled(receiver, histories, way) == 150


def test_a_client_for_asyncio_is_not_taken_for_a_blocking_one() -> None:
    receiver = Receiver(print, SECRET, patience=0)
    receiver.expect("c1")
    client: Any = AsyncHistories(Histories({}))
    with pytest.raises(TypeError, match="reconcile_async"):
        receiver.reconcile(client)
