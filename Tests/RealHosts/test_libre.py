"""A SIP program in the event loop of libre."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import hosts
from calls_service import SECONDS, CallsService, wait_until
from places import EXAMPLES
from ports import free_port
from sip import Telephone, telephone

Running = subprocess.Popen[bytes]
HEADERS = Path("/usr/include/re")
pytestmark = pytest.mark.skipif(not (HEADERS / "re.h").exists(), reason="needs libre-dev")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("libre") / "calls"
    # Its headers are not pedantic.
    return hosts.compiled(EXAMPLES / "libre/calls.c", made, ["-isystem", str(HEADERS), "-lre"])


@contextmanager
def started(program: Path, environment: dict[str, str]) -> Iterator[tuple[Telephone, Running]]:
    """A telephone that it listens to. Ends it with SIGTERM."""
    port = free_port()
    process = subprocess.Popen([program, str(port)], env=environment, stderr=subprocess.PIPE)
    try:
        with telephone(port) as made:
            wait_until(made.is_heard, lambda: "no answer to OPTIONS")
            yield made, process
            process.terminate()
            _, errors = process.communicate(timeout=SECONDS)
            assert process.returncode == 0
            # What libre says of the OPTIONS that the telephone asks with.
            assert [line for line in errors.splitlines() if b"OPTIONS" not in line] == []
    finally:
        process.kill()
        process.communicate()


def test_it_places_each_call_once_though_udp_repeats(program: Path, calls: CallsService) -> None:
    calls.delay = 1
    with started(program, calls.environment) as (phone, _):
        names = [phone.send(f"1202555000{number}", times=2) for number in range(3)]
        assert {phone.answer(name).partition("-")[0] for name in names} == {"200 call"}
    assert sorted(calls.rung) == [f"+1202555000{number}" for number in range(3)]


def test_calls_keep_no_other_request_waiting(program: Path, calls: CallsService) -> None:
    calls.delay = 3
    with started(program, calls.environment) as (phone, _):
        names = [phone.send(f"1202555000{number}") for number in range(3)]
        other = phone.send("tests", "OPTIONS")
        phone.answer(other)
        assert phone.seconds[other] < 2
        assert {phone.answer(name).partition("-")[0] for name in names} == {"200 call"}
        assert max(phone.seconds.values()) < 6


def test_the_answer_of_a_call_still_comes_when_it_ends(program: Path, calls: CallsService) -> None:
    calls.delay = 2
    with started(program, calls.environment) as (phone, process):
        name = phone.send("12025550001")
        wait_until(lambda: bool(calls.rung), lambda: "no call")
        process.terminate()
        assert phone.answer(name) == "200 call-1"


def test_another_server_may_try_a_call_that_never_left(program: Path, calls: CallsService) -> None:
    nobody = calls.environment | {"TRILLET_BASE_URL": f"http://127.0.0.1:{free_port()}"}
    with started(program, nobody) as (phone, _):
        assert phone.answer(phone.send("12025550001")) == "503 connection"


def test_no_other_server_may_try_a_call_whose_answer_did_not_come(
    program: Path, calls: CallsService
) -> None:
    calls.delay = 8
    with started(program, calls.environment) as (phone, process):
        name = phone.send("12025550001")
        wait_until(lambda: bool(calls.rung), lambda: "no call")
        process.terminate()
        assert phone.answer(name) == "603 cancelled"
        assert phone.seconds[name] < 7
