"""A batch that a recording server serves as a test wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from listing import page_of
from recording_server import json_answer

if TYPE_CHECKING:
    from recording_server import RecordingServer, Reply, Request


def look(completed: int, total: int, *, status: str = "processing") -> dict[str, Any]:
    """An answer of batch_calls.progress."""
    return {
        "status": status,
        "isComplete": status in ("completed", "cancelled", "failed"),
        "waiting": total - completed,
        "active": 0,
        "completed": completed,
        "failed": 0,
        "total": total,
        "startTime": 1932109200000,
        "completedTime": None,
        "averageCallDuration": 33.5,
        "recent_calls": [],
    }


class FollowedBatch:
    """Answers the looks one after the other, the last one for ever, and lists its calls."""

    def __init__(self, server: RecordingServer, *looks: dict[str, Any], calls: int = 0) -> None:
        self.looks = list(looks)
        self.calls = calls
        self.looked = 0
        server.respond = self._respond

    def _respond(self, request: Request) -> Reply:
        if request.path.endswith("/status"):
            self.looked += 1
            return json_answer(self.looks[min(self.looked, len(self.looks)) - 1])
        if not request.path.endswith("/calls"):
            return json_answer(self._call(int(request.path.rpartition("/")[2])))
        query = dict(request.query)
        page = page_of("calls", self.calls, int(query.get("page", 1)), int(query.get("limit", 20)))
        page["calls"] = [self._call(int(call["jobId"])) for call in page["calls"]]
        return json_answer(page)

    def _call(self, number: int) -> dict[str, Any]:
        completed = self.looks[min(max(self.looked, 1), len(self.looks)) - 1]["completed"]
        return {
            "jobId": f"{number:04}",
            "phone_number": f"+1202555{number:04}",
            "status": "completed" if number < completed else "waiting",
            "metadata": {"first_name": f"Guest {number}"},
        }
