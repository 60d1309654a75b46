"""Asks the web programs of the examples to call numbers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError
from urllib.request import urlopen

from calls_service import SECONDS


def answer_to(port: int, number: int) -> str:
    """What a request that has a number called is answered."""
    url = f"http://127.0.0.1:{port}/?agent=a&number=1202555{number:04}"
    try:
        with urlopen(url, timeout=SECONDS) as answer:
            return str(answer.read().decode())
    except HTTPError as error:
        return str(error.read().decode())
    except OSError as error:
        return type(error).__name__


def answers_to(port: int, count: int) -> list[str]:
    """The answers to so many at the same time, each with a number of its own."""
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda number: answer_to(port, number), range(count)))
