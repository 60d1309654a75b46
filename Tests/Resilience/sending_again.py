"""What the tests of retries share."""

from __future__ import annotations

from operations import AGENT
from recording_server import Request

SEND = {"agentId": AGENT, "toNumber": "+12025550164"}
GET = {"agentId": AGENT}
# A moment that a loaded machine may take on top of a time that is told.
MOMENT = 0.4
# The clocks of libcurl and of this process are read at different moments.
ROUNDING = 0.002


def gaps(requests: list[Request]) -> list[float]:
    """The seconds between one request and the next."""
    return [late.at - early.at for early, late in zip(requests, requests[1:])]


def ended_at_once(taken: list[float]) -> None:
    """Checks that nothing was waited for."""
    assert taken[0] < MOMENT
