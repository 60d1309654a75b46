"""The ways in which a service fails to answer, as replies of the recording server."""

from __future__ import annotations

import json
import math
import time
from datetime import datetime, timezone
from email.utils import format_datetime

from recording_server import Connection, Reply, json_answer


def refusal(status: int, retry_after: int | None = None) -> Reply:
    """An error answer, with a time to wait in seconds."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return json_answer({"error": f"Refused with {status}"}, status, headers)


def refusal_until_date(status: int, seconds: float) -> Reply:
    """An error answer with a Retry-After date, whole seconds as HTTP has it, never earlier."""

    def reply(connection: Connection) -> bool:
        date = format_datetime(_whole_second_after(seconds), usegmt=True)
        headers = {"Retry-After": date}
        return json_answer({"error": "Come back later"}, status, headers)(connection)

    return reply


def refusal_with_reset_at(status: int, seconds: float) -> Reply:
    """An error answer that tells the time in its body alone."""

    def reply(connection: Connection) -> bool:
        reset_at = _whole_second_after(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")
        error = {"code": "rate_limit_exceeded", "message": "Too many", "reset_at": reset_at}
        return json_answer({"error": error}, status)(connection)

    return reply


def _whole_second_after(seconds: float) -> datetime:
    return datetime.fromtimestamp(math.ceil(time.time() + seconds), timezone.utc)


def head_alone() -> Reply:
    """The whole head of a success, then the end of the connection."""

    def reply(connection: Connection) -> bool:
        connection.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n"
        )
        return False

    return reply


def part_of_the_body() -> Reply:
    """A success that ends in the middle of its body."""
    body = json.dumps({"callId": "q7m2x0c9zt", "status": "queued"}).encode()

    def reply(connection: Connection) -> bool:
        connection.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body)
        )
        connection.send(body[: len(body) // 2])
        return False

    return reply


def after_a_while(seconds: float, then: Reply) -> Reply:
    """The reply comes late, unless the server is stopped before."""

    def reply(connection: Connection) -> bool:
        return not connection.stopping.wait(seconds) and then(connection)

    return reply
