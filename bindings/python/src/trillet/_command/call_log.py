"""The call history as a log: each call once as it comes, and once as it ends."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from .._campaign.records import started_at_of
from .._model.call_outcome import outcome_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .. import Trillet

PAGE = 100
# A call appears in the history some seconds after it was sent; the library gives it thirty.
SETTLE_SECONDS = 60.0
# So many of the end of a page are older than what is looked for: the rest is, too.
_OLDEST = 10
# Of calls that never end, the oldest are forgotten.
MOST_OPEN = 10_000


class Entry(NamedTuple):
    """What is told of a call: that it ``started``, or ``ended``."""

    change: str
    record: Mapping[str, Any]


@dataclass
class CallLog:
    """What has been told already.

    Attributes:
        since: Calls that began before are not looked for any more, in Unix seconds.
        open: The calls that have begun and not ended, the oldest first.
        told: Those that have ended, with their begin.
        requests: How many the last look took.
    """

    since: float
    open: OrderedDict[str, float] = field(default_factory=OrderedDict)
    told: dict[str, float] = field(default_factory=dict)
    requests: int = 0

    def look(self, client: Trillet, agent: str | None) -> list[Entry]:
        """What is new, the oldest first."""
        found: dict[str, Mapping[str, Any]] = {}
        newest = self.since
        self.requests = 0
        with client.calls.history_pages(agent_id=agent, limit=PAGE) as pages:
            for page in pages:
                self.requests += 1
                records = _records(page)
                found.update((_identity(each), each) for each in records[::-1])
                begins = _begins_of(records)
                newest = max([newest, *begins])
                # The newest come first; one that came late may stand among them.
                if all(begin < self.since for begin in begins[-_OLDEST:]):
                    break
        found.update((_identity(each), each) for each in self._missing(client, found))
        entries = list(self._entries(found))
        # What comes late belongs to the calls that began shortly before.
        self._forget(newest - SETTLE_SECONDS)
        return entries

    def begin_now(self, client: Trillet, agent: str | None) -> None:
        """Takes the calls that are there as told. Whose clock is right does not matter."""
        records = _records(client.calls.history(agent_id=agent, limit=PAGE))
        for record in records[::-1]:
            begin = started_at_of(record) or 0.0
            known = self.open if outcome_of(record) is None else self.told
            known[_identity(record)] = begin
        self.since = max(_begins_of(records), default=0.0) - SETTLE_SECONDS
        self.requests = 1

    @property
    def safe_since(self) -> float:
        """From when a log that knows nothing would miss nothing."""
        return min([self.since, *self.open.values()])

    def _missing(self, client: Trillet, found: Mapping[str, object]) -> Iterator[Mapping[str, Any]]:
        """The records of open calls that were on no page."""
        wanted = [identity for identity in self.open if identity not in found]
        for start in range(0, len(wanted), PAGE):
            self.requests += 1
            asked = wanted[start : start + PAGE]
            yield from _records(client.calls.history(limit=len(asked), call_ids=asked))

    def _entries(self, found: Mapping[str, Mapping[str, Any]]) -> Iterator[Entry]:
        order = sorted(found.items(), key=lambda each: started_at_of(each[1]) or 0.0)
        for identity, record in order:
            begin = started_at_of(record)
            begin = time.time() if begin is None else begin
            if identity in self.told or (identity not in self.open and begin < self.since):
                continue
            if outcome_of(record) is not None:
                self.open.pop(identity, None)
                self.told[identity] = begin
                yield Entry("ended", record)
            elif identity not in self.open:
                self.open[identity] = begin
                yield Entry("started", record)

    def _forget(self, horizon: float) -> None:
        self.since = max(self.since, horizon)
        self.told = {each: begin for each, begin in self.told.items() if begin >= self.since}
        while len(self.open) > MOST_OPEN:
            self.open.popitem(last=False)

    def as_json(self) -> dict[str, Any]:
        return {"version": 1, "since": self.since, "open": self.open, "told": self.told}

    @classmethod
    def of_json(cls, value: Any) -> CallLog:
        """Raises ValueError, TypeError or KeyError if it is none."""
        if value["version"] != 1:
            raise ValueError("it was written by a later trillet")
        return cls(
            float(value["since"]),
            OrderedDict(_begins(value["open"].items())),
            dict(_begins(value["told"].items())),
        )


def _records(page: Iterable[Any]) -> list[Mapping[str, Any]]:
    return [each for each in page if isinstance(each, dict)]


def _begins_of(records: Iterable[Mapping[str, Any]]) -> list[float]:
    return [begin for each in records if (begin := started_at_of(each)) is not None]


def _begins(items: Iterable[tuple[object, Any]]) -> Iterator[tuple[str, float]]:
    for identity, begin in items:
        yield str(identity), float(begin)


def _identity(record: Mapping[str, Any]) -> str:
    for name in ("callId", "_id", "roomName"):
        if isinstance(found := record.get(name), str):
            return found
    return repr(sorted(record.items(), key=str))
