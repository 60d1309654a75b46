"""Lists that a recording server serves page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recording_server import json_answer

if TYPE_CHECKING:
    from recording_server import RecordingServer, Reply, Request


def serve_list(server: RecordingServer, name: str, count: int) -> None:
    """From now on every request is answered with a page of a list of ``count`` items."""

    def respond(request: Request) -> Reply:
        query = dict(request.query)
        page, limit = int(query.get("page", 1)), int(query.get("limit", 20))
        return json_answer(page_of(name, count, page, limit))

    server.respond = respond


def page_of(name: str, count: int, page: int, limit: int) -> dict[str, Any]:
    pages = -(-count // limit)
    start = (page - 1) * limit
    key = "jobId" if name == "calls" else "_id"
    return {
        name: [{key: f"{number:04}"} for number in range(start, min(start + limit, count))],
        "pagination": {
            "page": page,
            "limit": limit,
            "total": count,
            "totalPages": pages,
            "hasNext": page < pages,
            "hasPrev": page > 1,
        },
    }


def asked_pages(server: RecordingServer) -> list[str]:
    return [dict(request.query).get("page", "1") for request in server.requests]
