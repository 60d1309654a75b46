"""Your own Trillet service for tests: starts and controls ``trillet-sandbox``.

    from trillet.testing import Sandbox

    with Sandbox() as sandbox, sandbox.client() as client:
        sandbox.faults.add("calls.send", "reset", when="after")
        ...
        assert sandbox.ledger().totals("calls.send").effects == 1

For pytest there is the fixture ``trillet_sandbox``. ``import trillet`` does not import this module.
"""

from __future__ import annotations

import atexit
import http.client
import json
import os
import select
import subprocess
import tempfile
import urllib.parse
from typing import TYPE_CHECKING, Any, NamedTuple

from ._core.callers import Callers
from ._core.sandbox_program import sandbox_program

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import IO

    from ._async.client import AsyncTrillet
    from ._sync.client import Trillet

__all__ = ["Callers", "Clock", "Faults", "Ledger", "Sandbox", "SandboxError", "Totals"]

_START_SECONDS = 20.0
_CONTROL_SECONDS = 120.0
_STOP_SECONDS = 20.0
# Of an answer that may not be the sandbox's: a whole page, perhaps.
_MOST_TOLD = 1000


class SandboxError(Exception):
    """The sandbox was not found, did not start, or refused a control request."""


class Totals(NamedTuple):
    """The outcomes of all requests of one operation.

    Attributes:
        received: How many arrived.
        effects: How many changed something: placed a call, started a batch, created an agent.
        answered: How many were answered completely.
    """

    received: int = 0
    effects: int = 0
    answered: int = 0


class Ledger:
    """The outcome of every request, as the sandbox saw it.

    Attributes:
        entries: One for each request identifier and operation, oldest first: ``requestId``,
            ``operation``, ``method``, ``path``, ``received``, ``effects``, ``answered`` and
            ``attempts``.
        dropped: How many older entries the sandbox has forgotten.
    """

    def __init__(self, answer: dict[str, Any]) -> None:
        self.entries: list[dict[str, Any]] = answer["entries"]
        self.dropped: int = answer["dropped"]
        self._totals: dict[str, dict[str, int]] = answer["totals"]

    def totals(self, operation: str) -> Totals:
        """The counts of ``operation``, for instance ``"calls.send"``."""
        return Totals(**self._totals.get(operation, {}))

    def __repr__(self) -> str:
        return f"<trillet Ledger of {len(self.entries)} requests, {self._totals}>"


class Controls:
    """Talks to the routes below ``/sandbox/``."""

    def __init__(
        self, port: int, host: str = "127.0.0.1", seconds: float = _CONTROL_SECONDS
    ) -> None:
        self._host, self._port, self._seconds = host, port, seconds

    def __call__(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=self._seconds)
        try:
            sent = None if body is None else json.dumps(body).encode()
            connection.request(method, path, sent, {"Content-Type": "application/json"})
            response = connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise SandboxError(f"{method} {path} failed: {error!r}") from error
        finally:
            connection.close()
        if response.status != 200:
            raise SandboxError(f"{method} {path}: {response.status} {_message(text)}")
        try:
            answer: dict[str, Any] = json.loads(text)
        except ValueError:
            raise SandboxError(f"{method} {path} answered no JSON") from None
        return answer


def _message(text: bytes) -> str:
    try:
        return str(json.loads(text)["error"]["message"])[:_MOST_TOLD]
    except (ValueError, KeyError, TypeError):
        return text[:_MOST_TOLD].decode(errors="replace")


class Faults:
    """The faults of the sandbox; docs/sandbox.md lists them."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls

    def add(
        self,
        operation: str,
        fault: str,
        *,
        count: int | None = 1,
        skip: int = 0,
        probability: float = 1.0,
        **parameters: object,
    ) -> int:
        """Adds a fault and returns its id.

        Args:
            operation: The operation whose requests it strikes, such as ``"calls.send"``, or
                ``"*"``; for a fault of webhooks the event, such as ``"call.completed"``, or
                ``"webhooks"``.
            fault: What happens, for example ``"reset"``.
            count: How many requests it strikes; None for all of them.
            skip: How many requests it lets pass first.
            probability: The probability that it strikes a matching request, from 0 to 1. The seed
                decides, so that the same run has the same faults.
            **parameters: The fault's own parameters, by their names in the table: ``when="after"``.

        Raises:
            SandboxError: The operation, fault or parameter does not exist.
        """
        order = {
            "operation": operation,
            "fault": fault,
            "count": count,
            "skip": skip,
            "probability": probability,
            **parameters,
        }
        identifier: int = self._controls("POST", "/sandbox/faults", order)["id"]
        return identifier

    def list(self) -> Sequence[dict[str, Any]]:
        """Returns the rules, each with its counts ``remaining`` and ``applied``."""
        rules: list[dict[str, Any]] = self._controls("GET", "/sandbox/faults")["faults"]
        return rules

    def remove(self, identifier: int) -> None:
        """Removes one fault."""
        self._controls("DELETE", f"/sandbox/faults/{identifier}")

    def clear(self) -> None:
        """Removes all faults."""
        self._controls("DELETE", "/sandbox/faults")


class Clock:
    """The simulated time. Every method returns once the calls have caught up with the time."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls

    @property
    def now(self) -> int:
        """The simulated time in Unix milliseconds."""
        milliseconds: int = self._controls("GET", "/sandbox/clock")["now"]
        return milliseconds

    def advance(self, seconds: float) -> int:
        """Moves the simulated time forward at once; returns the new time."""
        return self._set(advanceMs=round(seconds * 1000))

    def jump_to(self, time: int | str) -> int:
        """Moves forward to a time: Unix milliseconds or ISO 8601."""
        return self._set(jumpTo=time)

    def pause(self) -> int:
        """Stops the time; `advance` and `jump_to` still move it."""
        return self._set(paused=True)

    def resume(self) -> int:
        """Lets the time run again."""
        return self._set(paused=False)

    def run_at(self, speed: float) -> int:
        """Sets how many times as fast as real time the time runs."""
        return self._set(speed=speed)

    def _set(self, **change: object) -> int:
        milliseconds: int = self._controls("POST", "/sandbox/clock", change)["now"]
        return milliseconds


class Sandbox:
    """A running ``trillet-sandbox`` on a free port of its own. It stops at the end of ``with``.

    Args:
        program: The program. Default: ``TRILLET_SANDBOX``, then that of the package
            trillet-sandbox, ``trillet-sandbox`` on ``PATH``, and the build folder of this source
            tree.
        speed: How many times as fast as real time the simulated time runs.
        seed: Decides the outcome of every call.
        requests_per_minute: The rate limit of each key; 0 for none.
        concurrency: How many calls run at once; None is the sandbox's own default.
        database: The SQLite file that keeps everything; None keeps it in memory.
        accounts: More pairs of an API key and the workspace that it opens.
        arguments: More command line options.

    Attributes:
        url: Where it listens: the client's ``base_url``.
        api_key: The key that it knows.
        workspace_id: The workspace that the key opens.
        faults: The faults to cause.
        clock: The simulated time.
        callers: What the people at some numbers say.

    Raises:
        SandboxError: The program is missing or did not start; the message contains its last output.
    """

    def __init__(
        self,
        *,
        program: str | bytes | os.PathLike[str] | os.PathLike[bytes] | None = None,
        speed: float = 600,
        seed: int = 1,
        requests_per_minute: int = 0,
        concurrency: int | None = None,
        database: str | bytes | os.PathLike[str] | os.PathLike[bytes] | None = None,
        accounts: Iterable[tuple[str, str]] = (),
        arguments: Sequence[str] = (),
    ) -> None:
        command = [os.fsdecode(program or _find_program()), "--port", "0", "--log-level", "warning"]
        command += ["--speed", str(speed), "--seed", str(seed)]
        command += ["--requests-per-minute", str(requests_per_minute)]
        if concurrency is not None:
            command += ["--concurrency", str(concurrency)]
        if database is not None:
            command += ["--database", os.fsdecode(database)]
        for key, workspace in accounts:
            command += ["--account", f"{key}:{workspace}"]
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 — closed with the process
        self._clients: list[Trillet] = []
        try:
            self._process = subprocess.Popen(
                [*command, *arguments], stdout=subprocess.PIPE, stderr=self._log
            )
        except OSError as error:
            self._log.close()
            raise SandboxError(f"{command[0]} cannot be started: {error}") from error
        atexit.register(self.close)
        ready = self._ready()
        self.url: str = ready["url"]
        self.api_key: str = ready["apiKey"]
        self.workspace_id: str = ready["workspaceId"]
        self._controls = Controls(ready["port"])
        self.faults = Faults(self._controls)
        self.clock = Clock(self._controls)
        self.callers = Callers(self._controls)

    def client(self, **options: Any) -> Trillet:
        """Returns a client of the sandbox, with more options of `trillet.Trillet`.

        The sandbox closes it when it stops, if it is still open.
        """
        from ._sync.client import Trillet

        client = Trillet(**{**self._client_options(), **options})
        self._clients.append(client)
        return client

    def async_client(self, **options: Any) -> AsyncTrillet:
        """Returns a client of the sandbox for asyncio; close it, best by ``async with``."""
        from ._async.client import AsyncTrillet

        return AsyncTrillet(**{**self._client_options(), **options})

    def reset(self, seed: int | None = None) -> None:
        """Deletes all data, faults, ledger and journal, as after a start."""
        self._controls("POST", "/sandbox/reset", {} if seed is None else {"seed": seed})

    def ledger(self, *, request_id: str | None = None, operation: str | None = None) -> Ledger:
        """Returns the outcomes of the requests; the newest 1,000 matching ones are listed."""
        query = {"requestId": request_id, "operation": operation}
        return Ledger(self._controls("GET", _with_query("/sandbox/ledger", query)))

    def journal(self, *, after: int | None = None, limit: int = 100) -> list[dict[str, Any]]:
        """Returns the last requests with their answers, oldest first.

        Args:
            after: Only those after this ``sequence``.
            limit: The most requests to return.
        """
        query = {"after": after, "limit": limit}
        answer = self._controls("GET", _with_query("/sandbox/journal", query))
        entries: list[dict[str, Any]] = answer["entries"]
        return entries

    def control(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Any other route below ``/sandbox/``: ``control("GET", "/sandbox/overview")``.

        Raises:
            SandboxError: The sandbox answered with an error, or not at all.
        """
        return self._controls(method, path, body)

    def log(self) -> str:
        """Returns the sandbox's log so far."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def close(self) -> None:
        """Stops the sandbox. Closing twice is fine."""
        atexit.unregister(self.close)
        for client in self._clients:
            client.close(0)
        self._clients.clear()
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._log.close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<trillet Sandbox {self.url}>"

    def _client_options(self) -> dict[str, Any]:
        return {
            "api_key": self.api_key,
            "workspace_id": self.workspace_id,
            "base_url": self.url,
        }

    def _ready(self) -> dict[str, Any]:
        output = self._process.stdout
        assert output is not None
        readable, _, _ = select.select([output], [], [], _START_SECONDS)
        line = output.readline() if readable else b""
        try:
            ready: dict[str, Any] = json.loads(line)
        except ValueError:
            self._process.kill()
            self._process.wait()
            words = self.log().strip() or "it said nothing"
            self.close()
            raise SandboxError(f"trillet-sandbox did not start: {words}") from None
        return ready


def _with_query(path: str, query: dict[str, Any]) -> str:
    given = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urllib.parse.urlencode(given)}" if given else path


def _find_program() -> Path:
    try:
        return sandbox_program()
    except LookupError as error:
        raise SandboxError(str(error)) from None
