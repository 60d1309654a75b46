"""What storms over a campaign have in common: the faults of the service, and the judgement by what
the service did."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trillet._campaign.opening import database_of
from trillet._campaign.records import started_at_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import trillet
    from trillet.campaign import Campaign
    from trillet.testing import Sandbox

Rule = tuple[str, dict[str, Any]]
LOST: tuple[Rule, ...] = tuple(("reset", {"when": when}) for when in ("before", "during", "after"))
# Each fault of the network; a service that refuses what it has done is none.
NETWORK: tuple[Rule, ...] = (
    *LOST,
    *(("close", {"when": when}) for when in ("before", "during", "after")),
    *(("delay", {"when": when}) for when in ("before", "after")),
    *(("partial", {"end": end}) for end in ("close", "reset")),
    *(("html", {"when": when}) for when in ("before", "after")),
    ("status", {"status": 503}),
    ("status", {"status": 500, "when": "after"}),
    ("slow", {"bytes": 64, "ms": 20}),
    ("slow", {"bytes": 1, "ms": 20}),
    ("invalid-json", {}),
    ("content-type", {}),
    ("empty", {}),
)
UNHEARD = "its worker has not been heard of"
UNDER_WAY = ("dialing", "unknown", "in_call")


def add_faults(sandbox: Sandbox, rules: Sequence[Rule], count: int, probability: float) -> None:
    for fault, parameters in rules:
        sandbox.faults.add("calls.send", fault, count=count, probability=probability, **parameters)


def wait_until_called(campaign: Campaign, seconds: float) -> None:
    """Until workers have nobody left to call."""
    end = time.monotonic() + seconds
    while campaign.counts().keys() & {"ready", "leased"}:
        assert time.monotonic() < end, campaign.counts()
        time.sleep(0.2)


def wait_until_known(campaign: Campaign, client: trillet.Trillet, seconds: float) -> None:
    """Until it is known of each call what became of it, without any other worker."""
    end = time.monotonic() + seconds
    while campaign.counts().keys() & {"ready", "leased", *UNDER_WAY}:
        assert time.monotonic() < end, campaign.counts()
        campaign.run_slice(client, max_seconds=1)
        time.sleep(0.5)


@dataclass(frozen=True)
class Records:
    """What the service has of all calls.

    Attributes:
        rung: How often each phone rang.
        busiest: The most calls within a minute of the service's clock.
    """

    rung: Counter[str]
    busiest: int


def records_of(client: trillet.Trillet) -> Records:
    rung: Counter[str] = Counter()
    starts: list[float] = []
    page = 1
    while found := client.calls.history(page=page, limit=100):
        rung.update(str(each["toPhoneNumber"]) for each in found)
        starts += [start for start in map(started_at_of, found) if start is not None]
        page += 1
    starts.sort()
    first = busiest = 0
    for index, start in enumerate(starts):
        while starts[first] <= start - 60:
            first += 1
        busiest = max(busiest, index - first + 1)
    return Records(rung, busiest)


def rung(sandbox: Sandbox) -> Counter[str]:
    """How often each phone rang."""
    with sandbox.client() as client:
        return records_of(client).rung


def judge(campaign: Campaign, rung: Counter[str], contacts: int) -> Counter[str]:
    """Compares each contact with the service; how many there are of each kind."""
    kinds: Counter[str] = Counter()
    wrong: list[str] = []
    for each in campaign.contacts():
        is_called = each.state in ("done", "exhausted") and each.disposition != "refused"
        was_called = each.state == "held" and each.disposition == "called_before"
        expected = int(is_called or was_called)
        if rung[each.phone] != expected:
            wrong.append(f"{each.phone} {each.state} {each.disposition} rang {rung[each.phone]}")
        kinds["called_before" if was_called else each.state] += 1
    assert not wrong, (len(wrong), wrong[:20])
    assert kinds.total() == contacts
    assert not {"ready", "leased", *UNDER_WAY} & kinds.keys(), kinds
    return kinds


def doubts(place: str) -> Counter[str]:
    """Calls that were in doubt and are known by the history alone, or never rang, by whether their
    worker was lost; `"unheard"` and `"answer lost"`."""
    with database_of(place).read() as transaction:
        found = transaction.rows(
            "SELECT attempt.contact, MAX(CASE WHEN event.detail LIKE ? THEN 1 ELSE 0 END)"
            " FROM attempt LEFT JOIN event ON event.contact = attempt.contact"
            " AND event.kind = 'unknown'"
            " WHERE attempt.state = 'unknown' OR attempt.answer LIKE ?"
            " GROUP BY attempt.contact",
            f"%{UNHEARD}%",
            "%boundByHistory%",
        )
    return Counter("unheard" if unheard else "answer lost" for _, unheard in found)
