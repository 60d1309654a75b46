"""A list served by the recording server, rightly or wrongly."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from recording_server import Reply, Request, json_answer


class PagedService:
    """Serves ``names`` as agents, ``limit`` on a page.

    ``answers`` overrides single pages by their number: with another answer, or with members of
    ``pagination`` that lie.
    """

    def __init__(self, count: int, limit: int = 10) -> None:
        self.names = [f"agent-{number}" for number in range(count)]
        self.limit = limit
        self.pagination: dict[int, dict[str, Any]] = {}
        self.answers: dict[int, list[Reply]] = {}

    def __call__(self, request: Request) -> Reply:
        number = page_of(request)
        scripted = self.answers.get(number)
        if scripted:
            return scripted.pop(0)
        return json_answer(self.page(number))

    def page(self, number: int) -> dict[str, Any]:
        start = (number - 1) * self.limit
        pages = -(-len(self.names) // self.limit)
        return {
            "agents": [{"_id": name} for name in self.names[start : start + self.limit]],
            "pagination": {
                "page": number,
                "limit": self.limit,
                "total": len(self.names),
                "totalPages": pages,
                "hasNext": number < pages,
                "hasPrev": number > 1,
                **self.pagination.get(number, {}),
            },
        }


def page_of(request: Request) -> int:
    return int(parse_qs(urlsplit(request.target).query).get("page", ["1"])[0])
