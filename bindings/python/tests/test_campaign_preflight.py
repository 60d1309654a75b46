"""What is told before the first call."""

from __future__ import annotations

import time

from campaign_places import ADA, BEN, begun, place, postgres
from trillet.campaign import Window

__all__ = ["place", "postgres"]


def test_a_budget_bounds_the_cost(place: str) -> None:
    plan = begun(place, "a", ADA, BEN, attempts=3, call_cost=0.5, most_cost=2.0).preflight()
    assert (plan.most_calls, plan.most_cost) == (6, 2.0)


def test_who_is_never_called_is_told_with_the_reason(place: str) -> None:
    windows = (Window("mon-sun", "00:00", "24:00"),)
    campaign = begun(place, "a", windows=windows)
    campaign.add([{"phone_number": ADA, "time_zone": "Mars"}])
    ended = begun(place, "a", BEN, name="ended", windows=windows, expires_at=time.time() - 1)
    assert campaign.preflight().never == {"unknown time zone": 1}
    assert ended.preflight().never == {"no open window": 1}
