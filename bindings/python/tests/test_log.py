"""The library's log in Python's logging."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from conftest import ENGINE, KEY
from operations import AGENT
from recording_server import json_answer
from test_async_lifecycle import io_threads

if TYPE_CHECKING:
    from collections.abc import Callable

    from recording_server import RecordingServer


class Records(logging.Handler):
    """Keeps what it gets, and lets a test wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []
        self._arrived = threading.Condition()

    def emit(self, record: logging.LogRecord) -> None:
        with self._arrived:
            self.records.append(record)
            self._arrived.notify_all()

    def wait_for(self, text: str) -> logging.LogRecord:
        def found() -> logging.LogRecord | None:
            return next((r for r in self.records if text in r.getMessage()), None)

        with self._arrived:
            record = self._arrived.wait_for(found, 10)
            assert record is not None, [r.getMessage() for r in self.records]
            return record


@pytest.fixture
def records() -> Records:
    return Records()


@pytest.fixture
def logger(records: Records) -> logging.Logger:
    logger = logging.Logger("test", logging.DEBUG)
    logger.addHandler(records)
    return logger


def test_a_call_that_fails_is_logged_as_an_error(
    client: trillet.Trillet, server: RecordingServer, logger: logging.Logger, records: Records
) -> None:
    server.script(json_answer({}), json_answer({"error": "Agent not found"}, 404))
    client.log_to(logger, logging.ERROR)
    client.agents.list()
    with pytest.raises(trillet.NotFoundError):
        client.agents.get(AGENT)
    record = records.wait_for("operation=agents.get")
    assert record.levelno == logging.ERROR
    assert "type=not_found" in record.getMessage()
    assert "agents.list" not in str([r.getMessage() for r in records.records])


def test_an_attempt_that_is_repeated_is_logged_as_a_warning(
    connect: Callable[..., trillet.Trillet],
    server: RecordingServer,
    logger: logging.Logger,
    records: Records,
) -> None:
    client = connect(max_retries=1)
    server.script(json_answer({"error": "Oops"}, 500))
    client.log_to(logger, "WARNING")
    client.agents.list()
    assert records.wait_for("agents.list").levelno == logging.WARNING


@pytest.mark.parametrize("level", ["DEBUG", logging.DEBUG, None])
def test_every_request_is_logged_when_that_is_wanted(
    level: int | str | None,
    client: trillet.Trillet,
    server: RecordingServer,
    logger: logging.Logger,
    records: Records,
) -> None:
    client.log_to(logger, level)
    client.calls.send(AGENT, "+12025550164")
    for result in client.map("agents.list", [{}] * 3):
        assert result.ok
    records.wait_for("operation=agents.list")
    levels = {record.levelno for record in records.records}
    assert {logging.INFO, logging.DEBUG} <= levels
    shown = " ".join(record.getMessage() for record in records.records)
    assert KEY not in shown
    assert "+12025550164" not in shown


def test_a_log_is_replaced_and_ended(
    client: trillet.Trillet, server: RecordingServer, logger: logging.Logger, records: Records
) -> None:
    other = Records()
    second = logging.Logger("second", logging.INFO)
    second.addHandler(other)
    client.log_to(logger, "INFO")
    client.call("GET /one")
    records.wait_for("GET /one")
    client.log_to(second)
    client.call("GET /two")
    other.wait_for("GET /two")
    client.log_to(None)
    client.call("GET /three")
    client.close()
    shown = [[r.getMessage() for r in each.records] for each in (records, other)]
    assert "GET /two" not in str(shown[0])
    assert "GET /three" not in str(shown)


def test_a_logger_that_wants_nothing_gets_nothing(
    client: trillet.Trillet, server: RecordingServer, logger: logging.Logger, records: Records
) -> None:
    logger.setLevel(logging.CRITICAL)
    client.log_to(logger)
    client.call("GET /one")
    client.close()
    assert records.records == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_handler_that_raises_harms_nobody(
    client: trillet.Trillet, server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaints: list[Any] = []
    told = threading.Event()

    def complain(what: Any) -> None:
        complaints.append(what.exc_type)
        told.set()

    # On a thread of the program what ends it must not be swallowed: see test_driven.
    error = SystemExit if ENGINE == "thread" else LookupError

    class Broken(logging.Handler):
        def handle(self, record: logging.LogRecord) -> bool:
            raise error(3)

    monkeypatch.setattr(sys, "unraisablehook", complain)
    logger = logging.Logger("broken", logging.INFO)
    logger.addHandler(Broken())
    client.log_to(logger)
    assert client.call("GET /one").status == 200
    assert told.wait(10)
    assert complaints[0] is error
    assert client.call("GET /two").status == 200
    client.close()


def test_a_handler_may_use_its_client_and_replace_itself_but_not_close_it(
    client: trillet.Trillet, server: RecordingServer, logger: logging.Logger, records: Records
) -> None:
    told: list[object] = []

    class Busy(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if told:
                return
            try:
                client.close()
            except RuntimeError as error:
                told.append(str(error))
            told.append(client.stats()["total"]["calls"])
            client.log_to(logger, "INFO")

    busy = logging.Logger("busy", logging.INFO)
    busy.addHandler(Busy())
    client.log_to(busy)
    client.call("GET /one")
    while len(told) < 2:
        client.call("GET /again")
    client.call("GET /last")
    records.wait_for("GET /last")
    assert "cannot be closed by a handler of its own log" in str(told[0])
    assert not client.closed


@pytest.mark.skipif(ENGINE == "caller", reason="whoever is in the handler has the client")
def test_a_client_that_is_collected_in_its_handler_goes(server: RecordingServer) -> None:
    forgotten, collected = threading.Event(), threading.Event()

    class Collecting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if forgotten.wait(10) and not collected.is_set():
                gc.collect()
                collected.set()

    logger = logging.Logger("collecting", logging.DEBUG)
    logger.addHandler(Collecting())
    gc.disable()
    try:
        client = trillet.Trillet(KEY, base_url=server.url)
        client.log_to(logger)
        client.call("GET /one")
        ring: list[object] = [client]
        ring.append(ring)
        del client, ring
        forgotten.set()
        assert collected.wait(10)
    finally:
        gc.enable()
    for _ in range(1000):
        if io_threads() == 0:
            return
        time.sleep(0.01)
    pytest.fail("the thread is still there")


def test_an_unknown_level_is_refused(client: trillet.Trillet, logger: logging.Logger) -> None:
    with pytest.raises(ValueError, match="'LOUD' is no level"):
        client.log_to(logger, "LOUD")
    with pytest.raises(TypeError, match=r"level is 1\.5"):
        client.log_to(logger, 1.5)  # type: ignore[arg-type]


def test_a_closed_client_takes_no_logger(client: trillet.Trillet, logger: logging.Logger) -> None:
    client.close()
    with pytest.raises(trillet.ClientClosedError):
        client.log_to(logger)


def test_an_asyncio_client_logs_too(
    connect_async: Callable[..., trillet.AsyncTrillet],
    server: RecordingServer,
    logger: logging.Logger,
    records: Records,
) -> None:
    async def main() -> None:
        async with connect_async() as client:
            client.log_to(logger)
            await client.call("GET /one")

    asyncio.run(main())
    records.wait_for("GET /one")


def test_a_program_ends_well_while_it_logs(server: RecordingServer) -> None:
    program = (
        "import logging, threading, trillet\n"
        "logging.basicConfig(level='DEBUG', filename='/dev/null')\n"
        f"client = trillet.Trillet({KEY!r}, base_url={server.url!r})\n"
        "client.log_to(logging.getLogger())\n"
        "def work():\n"
        "    while True: list(client.map('GET /x', [{}] * 50))\n"
        "threading.Thread(target=work, daemon=True).start()\n"
        "client.call('GET /y')\n"
        "print('ended')\n"
    )
    source = str(Path(trillet.__file__).parents[1])
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONPATH": source},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert (done.returncode, done.stdout) == (0, "ended\n"), done.stderr
