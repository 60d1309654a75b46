"""Places calls in Kamailio's async workers, which may wait; those that read SIP may not."""

from __future__ import annotations

from functools import cache

import KSR  # only there under Kamailio
import trillet


@cache
def client() -> trillet.Trillet:
    """A worker's own: this file is loaded before Kamailio forks."""
    return trillet.Trillet(timeout_ms=20_000, max_retries=0)


class Calls:
    def child_init(self, rank: int) -> int:
        return 0

    def place(self, message: object) -> int:
        try:
            call = client().calls.send(KSR.pv.get("$rb"), "+" + KSR.pv.get("$rU"))
            code, reason = 200, str(trillet.call_id(call))
        except trillet.TrilletError as error:
            # A proxy may try another server after 503, and must not after 603: it would ring again.
            code = 503 if error.sent == "no" else 603
            reason = f"{error.type}, sent: {error.sent}"
        KSR.tm.t_reply(code, reason)
        return 1


def mod_init() -> Calls:
    return Calls()
