"""Kamailio, whose workers are forked, and of which only some may wait."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from calls_service import SECONDS, CallsService, wait_until
from places import EXAMPLES
from ports import free_port
from sip import Telephone, telephone

KAMAILIO = shutil.which("kamailio") or shutil.which("kamailio", path="/usr/sbin") or ""
IN_A_WORKER_OF_SIP = ('async_task_route("PLACE")', "route(PLACE)")
pytestmark = pytest.mark.skipif(
    not KAMAILIO or not list(Path("/usr/lib").glob("*/kamailio/modules/app_python3.so")),
    reason="needs Kamailio: apt install kamailio-python3-modules",
)


def example(folder: Path, *changes: tuple[str, str]) -> Path:
    """The example in a folder, with other words in places."""
    for source in (EXAMPLES / "kamailio").glob("*.*"):
        text = source.read_text()
        for old, new in changes:
            text = text.replace(old, new)
        (folder / source.name).write_text(text)
    return folder


@contextmanager
def kamailio(calls: CallsService, folder: Path) -> Iterator[Telephone]:
    """A telephone that it listens to. Ends it with SIGTERM."""
    port, log = free_port(), folder / "log"
    command = [KAMAILIO, "-E", "-DD", "-f", str(folder / "kamailio.cfg"), "-w", str(folder)]
    command += ["-l", f"udp:127.0.0.1:{port}", "-Y", str(folder)]
    with log.open("w") as output:
        process = subprocess.Popen(
            command, env=calls.environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        with telephone(port) as made:
            wait_until(made.is_heard, log.read_text)
            yield made
        process.terminate()
        assert process.wait(SECONDS) == 0, log.read_text()
        assert "Traceback" not in log.read_text()
    finally:
        process.kill()
        process.wait()


def test_its_async_workers_place_each_call_once_though_udp_repeats(
    calls: CallsService, tmp_path: Path
) -> None:
    calls.delay = 1
    with kamailio(calls, example(tmp_path)) as phone:
        names = [phone.send(f"1202555000{number}", times=2) for number in range(3)]
        assert {phone.answer(name).partition("-")[0] for name in names} == {"200 call"}
    assert sorted(calls.rung) == [f"+1202555000{number}" for number in range(3)]


def test_calls_in_its_async_workers_keep_no_other_request_waiting(
    calls: CallsService, tmp_path: Path
) -> None:
    calls.delay = 3
    with kamailio(calls, example(tmp_path)) as phone:
        names = [phone.send(f"1202555000{number}") for number in range(3)]
        other = phone.send("tests", "OPTIONS")
        assert phone.answer(other).startswith("405")
        assert phone.seconds[other] < 2
        assert {phone.answer(name).partition("-")[0] for name in names} == {"200 call"}


def test_calls_in_its_workers_of_sip_keep_all_others_waiting_and_ring_again(
    calls: CallsService, tmp_path: Path
) -> None:
    calls.delay = 3
    with kamailio(calls, example(tmp_path, IN_A_WORKER_OF_SIP)) as phone:
        call = phone.send("12025550001", times=2)
        other = phone.send("tests", "OPTIONS")
        phone.answer(other)
        assert phone.seconds[other] > 2
        phone.has_answer(call)
    assert calls.rung == ["+12025550001"] * 2


def test_a_client_made_before_the_fork_fails_every_call(
    calls: CallsService, tmp_path: Path
) -> None:
    early = ("def mod_init", "client()\n\n\ndef mod_init")
    with kamailio(calls, example(tmp_path, early)) as phone:
        assert phone.answer(phone.send("12025550001")) == "503 forked, sent: no"
    assert calls.rung == []


def test_a_call_that_waits_for_a_worker_longer_than_its_transaction_is_not_placed(
    calls: CallsService, tmp_path: Path
) -> None:
    calls.delay = 4
    loads = 'loadmodule "sl.so"\n'
    impatient = (loads, loads + 'modparam("tm", "fr_timer", 1000)\n')
    alone = ("async_workers=4", "async_workers=1")
    with kamailio(calls, example(tmp_path, alone, impatient)) as phone:
        names = [phone.send(f"1202555000{number}") for number in range(2)]
        answers = [phone.answer(name).partition(" ")[0] for name in names]
        assert sorted(answers) == ["200", "408"]
    assert len(calls.rung) == 1


def test_a_stop_in_a_call_leaves_it_placed_and_unanswered(
    calls: CallsService, tmp_path: Path
) -> None:
    calls.delay = 5
    with kamailio(calls, example(tmp_path)) as phone:
        name = phone.send("12025550001")
        wait_until(lambda: bool(calls.rung), lambda: "no call")
    assert calls.rung == ["+12025550001"]
    assert name not in phone.answers
