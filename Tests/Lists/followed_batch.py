"""A batch served by the recording server as a test wants it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from list_doors import ListClient
from paged_service import page_of
from recording_server import RecordingServer, Reply, Request, json_answer

Look = dict[str, Any] | Reply

# Followed as fast as a test wants it.
QUICK = {"batchId": "batch_1", "minIntervalMs": 1, "maxIntervalMs": 20}


def progress(
    status: str = "processing",
    *,
    waiting: int = 0,
    active: int = 0,
    completed: int = 0,
    failed: int = 0,
    **others: Any,
) -> dict[str, Any]:
    """An answer of batch_calls.progress."""
    return {
        "status": status,
        "isComplete": status in ("completed", "cancelled", "failed"),
        "waiting": waiting,
        "active": active,
        "completed": completed,
        "failed": failed,
        "total": waiting + active + completed + failed,
        "startTime": 1932109200000,
        "lastCompletedTime": None,
        "completedTime": None,
        "averageCallDuration": 33.5,
        "recent_calls": [],
        **others,
    }


ENDED = progress("completed", completed=2, failed=1, completedTime=1932109290500)


def ended(calls: int) -> dict[str, Any]:
    """The look at a batch all of whose calls are completed."""
    return progress("completed", completed=calls, completedTime=1932109290500)


class FollowedBatch:
    """Answers looks one after the other, the last one for ever, and lists ``calls``."""

    def __init__(self, *looks: Look, calls: list[dict[str, Any]] | None = None) -> None:
        self.looks = list(looks)
        self.calls = calls or []
        self.looked = 0
        # Asked before a page is served: page number and how often pages have been asked for.
        self.before_page: Callable[[int, int], Reply | None] = lambda page, asked: None
        self.pages_asked = 0

    def __call__(self, request: Request) -> Reply:
        path = request.path
        if path.endswith("/status"):
            look = self.looks[min(self.looked, len(self.looks) - 1)]
            self.looked += 1
            return json_answer(look) if isinstance(look, dict) else look
        if path.endswith("/calls"):
            return self._page(page_of(request))
        named = re.search(r"/calls/([^/]+)$", path)
        found = [call for call in self.calls if named and call["jobId"] == named.group(1)]
        if found:
            return json_answer(found[0])
        return json_answer({"status": "not_found", "error": "Call not found"}, 404)

    def _page(self, page: int) -> Reply:
        self.pages_asked += 1
        other = self.before_page(page, self.pages_asked)
        if other is not None:
            return other
        return json_answer(self.page(page))

    def page(self, page: int) -> dict[str, Any]:
        pages = -(-len(self.calls) // 100)
        return {
            "calls": self.calls[(page - 1) * 100 : page * 100],
            "pagination": {
                "page": page,
                "limit": 100,
                "total": len(self.calls),
                "totalPages": pages,
                "hasNext": page < pages,
                "hasPrev": page > 1,
            },
        }


def call(number: int, status: str = "completed", **others: Any) -> dict[str, Any]:
    """A call as the list tells it."""
    told: dict[str, Any] = {
        "jobId": f"call_{number}",
        "status": status,
        "phone_number": f"+{12_025_550_000 + number}",
    }
    if status in ("completed", "failed"):
        told |= {"startTime": 1932109360000 + number, "endTime": 1932109391000 + number}
    if status == "completed":
        told["duration"] = 31
    if status == "failed":
        told["error"] = "Number busy"
    return {**told, "metadata": {"first_name": f"Ada {number}"}, **others}


def follow(
    server: RecordingServer, client: ListClient, *looks: Look, **fields: Any
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Follows a batch with these looks: the answer, and what the progress function was told."""
    server.respond = FollowedBatch(*looks)
    reports: list[dict[str, Any]] = []
    return client.wait({**QUICK, **fields}, reports.append), reports
