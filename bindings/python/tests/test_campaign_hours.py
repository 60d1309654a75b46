"""The calls of each hour, of which the page needs the last ones."""

from __future__ import annotations

from campaign_places import ADA, BEN, EVE, begun, place, postgres
from trillet._campaign.hours import HOUR_MS

__all__ = ["place", "postgres"]

CALL = (
    "INSERT INTO attempt (contact, n, campaign, account, phone, token, worker, intent_at, send_by,"
    " state) SELECT id, 1, campaign, 'a', phone, phone, 'w', ?, 0, 'ended' FROM contact"
    " WHERE phone = ?"
)


def test_the_last_hours_end_with_the_last_call(place: str) -> None:
    campaign = begun(place, "a", ADA, BEN, EVE)
    assert campaign.hours(48) == {}
    with campaign._database.write() as transaction:
        for hour, phone in ((100, ADA), (148, BEN), (147, EVE)):
            transaction.run(CALL, hour * HOUR_MS + 1, phone)
    calls = {hour * HOUR_MS: {"ended": 1} for hour in (100, 147, 148)}
    assert campaign.hours() == calls
    assert list(campaign.hours(1)) == [148 * HOUR_MS]
    assert list(campaign.hours(2)) == [147 * HOUR_MS, 148 * HOUR_MS]
    assert list(campaign.hours(48)) == [147 * HOUR_MS, 148 * HOUR_MS]
    assert campaign.hours(49) == calls
