"""All the ways to make requests, behind one interface: a session is one client."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import trillet
from doors import KEY, LONGEST_WAIT, WORKSPACE, Client
from native import Answer

_THREADS = 8


class Asked(NamedTuple):
    """One request."""

    operation: str
    request: dict[str, Any]
    options: dict[str, Any] = {}


@dataclass(frozen=True)
class Outcome:
    """What became of it; `sent` is "ok" for a success."""

    sent: str
    attempts: int
    status: int
    error: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.sent == "ok"


class Session(Protocol):
    def run(self, asked: Sequence[Asked]) -> list[Outcome]:
        """Makes the requests, as many at a time as the door allows; outcomes in their order."""
        ...

    def close(self) -> None: ...


class Door(NamedTuple):
    name: str
    open: Callable[[str, dict[str, Any]], Session]

    def __repr__(self) -> str:
        return self.name


def outcome_of(answer: Answer) -> Outcome:
    error = answer.get("error", {})
    sent = "ok" if answer["ok"] else error["sent"]
    return Outcome(sent, answer["meta"]["attempts"], answer["status"], error)


class _OverC:
    """The C interface."""

    def __init__(self, url: str, options: dict[str, Any]) -> None:
        self._client = Client(url, **options)

    def close(self) -> None:
        self._client.__exit__()


class Blocking(_OverC):
    def run(self, asked: Sequence[Asked]) -> list[Outcome]:
        return [self._call(each) for each in asked]

    def _call(self, asked: Asked) -> Outcome:
        return outcome_of(self._client.call(asked.operation, asked.request, **asked.options))


class Threads(Blocking):
    def run(self, asked: Sequence[Asked]) -> list[Outcome]:
        with ThreadPoolExecutor(_THREADS) as pool:
            return list(pool.map(self._call, asked))


class Callback(_OverC):
    def run(self, asked: Sequence[Asked]) -> list[Outcome]:
        answers: dict[int, Answer] = {}
        arrived = threading.Condition()

        def receive(index: int, answer: Answer) -> None:
            with arrived:
                assert index not in answers, "a request was answered twice"
                answers[index] = answer
                arrived.notify()

        def receiver(index: int) -> Callable[[Answer], None]:
            return lambda answer: receive(index, answer)

        for index, each in enumerate(asked):
            self._client.submit_with_callback(
                receiver(index), each.operation, each.request, **each.options
            )
        with arrived:
            assert arrived.wait_for(lambda: len(answers) == len(asked), LONGEST_WAIT)
        return [outcome_of(answers[index]) for index in range(len(asked))]


class Next(_OverC):
    def run(self, asked: Sequence[Asked]) -> list[Outcome]:
        numbers = [
            self._client.submit(each.operation, each.request, **each.options) for each in asked
        ]
        return [outcome_of(self._client.fetched(number).answer) for number in numbers]


def _snake(options: dict[str, Any]) -> dict[str, Any]:
    return {
        re.sub("([A-Z])", lambda m: "_" + m[1].lower(), name): options[name] for name in options
    }


def _python_options(url: str, options: dict[str, Any]) -> dict[str, Any]:
    given = {"api_key": KEY, "workspace_id": WORKSPACE, "base_url": url, "env": False}
    return {**given, **_snake(options)}


def _outcome(result: Any) -> Outcome:
    error = result.error
    if error is None:
        return Outcome("ok", result.response.meta["attempts"], result.response.status)
    told = {"type": error.type, "message": error.message, "details": error.details}
    return Outcome(error.sent, error.attempts, error.status, told)


def _runs(asked: Sequence[Asked]) -> list[list[Asked]]:
    """`map` takes one operation and its options for all of its requests."""
    groups: list[list[Asked]] = []
    for each in asked:
        if groups and groups[-1][0][::2] == each[::2]:
            groups[-1].append(each)
        else:
            groups.append([each])
    return groups


class Map:
    def __init__(self, url: str, options: dict[str, Any]) -> None:
        self._client = trillet.Trillet(**_python_options(url, options))

    def run(self, asked: Sequence[Asked]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for group in _runs(asked):
            operation, options = group[0].operation, _snake(group[0].options)
            requests = [each.request for each in group]
            results = self._client.map(operation, requests, options=options or None)  # type: ignore[arg-type]
            outcomes += [_outcome(result) for result in results]
        return outcomes

    def close(self) -> None:
        self._client.close(0)


class Asyncio:
    def __init__(self, url: str, options: dict[str, Any]) -> None:
        self._loop = asyncio.new_event_loop()
        self._client = self._loop.run_until_complete(self._open(_python_options(url, options)))

    @staticmethod
    async def _open(options: dict[str, Any]) -> trillet.AsyncTrillet:
        return trillet.AsyncTrillet(**options)

    def run(self, asked: Sequence[Asked]) -> list[Outcome]:
        async def all_of_them() -> list[Outcome]:
            return list(await asyncio.gather(*(self._call(each) for each in asked)))

        return self._loop.run_until_complete(all_of_them())

    async def _call(self, asked: Asked) -> Outcome:
        options: Any = _snake(asked.options) or None
        try:
            response = await self._client.call(asked.operation, asked.request, options=options)
        except trillet.TrilletError as error:
            told = {"type": error.type, "message": error.message, "details": error.details}
            return Outcome(error.sent, error.attempts, error.status, told)
        return Outcome("ok", response.meta["attempts"], response.status)

    def close(self) -> None:
        self._loop.run_until_complete(self._client.aclose())
        self._loop.close()


class Program:
    """The C++ client in a process of its own, with the signals of a fresh program."""

    path: Path

    def __init__(self, url: str, options: dict[str, Any], door: str = "future") -> None:
        given = {"apiKey": KEY, "workspaceId": WORKSPACE, "baseUrl": url, "env": False, **options}
        self._process = subprocess.Popen(
            [str(self.path), door, json.dumps(given)],
            # A copy: another thread may change the process's own while the program is started.
            env=dict(os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, asked: Sequence[Asked]) -> list[Outcome]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        for each in asked:
            fields = (each.operation, json.dumps(each.request), json.dumps(each.options))
            self._process.stdin.write("\t".join(fields) + "\n")
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        lines = [self._process.stdout.readline() for _ in asked]
        assert all(lines), f"the program ended with status {self._process.wait(LONGEST_WAIT)}"
        return [outcome_of(json.loads(line)) for line in lines]

    def close(self) -> None:
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()
            status = self._process.wait(LONGEST_WAIT)
        assert status == 0, f"the program ended with status {status}"


BLOCKING = Door("blocking", Blocking)
NEXT = Door("next", Next)
DOORS = [
    BLOCKING,
    Door("threads", Threads),
    Door("callback", Callback),
    NEXT,
    Door("map", Map),
    Door("asyncio", Asyncio),
    Door("cpp", Program),
]
