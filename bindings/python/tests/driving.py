"""What tests do for a client that nobody else drives."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from recording_server import REASONABLE_WAIT

if TYPE_CHECKING:
    from collections.abc import Callable

    from recording_server import RecordingServer


def wait_for(server: RecordingServer, count: int, meanwhile: Callable[[], object]) -> None:
    """Waits until that many requests have come, and does something meanwhile."""
    end = time.monotonic() + REASONABLE_WAIT
    while len(server.requests) < count:
        assert time.monotonic() < end, f"{len(server.requests)} of {count} requests came"
        meanwhile()
        time.sleep(0.001)
