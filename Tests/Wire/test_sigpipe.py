"""A peer that closes or resets its connections raises no signal in the host.

The program has the signals of a fresh process, so that a SIGPIPE ends it.
"""

from __future__ import annotations

import signal
import socket
import struct
import time

import pytest

from dial_table import NUMBER
from operations import AGENT
from recording_server import Connection, RecordingServer, close_without_answer, json_answer, reset
from sessions import Asked, Program
from wires import Line

SEND = Asked("calls.send", {"agentId": AGENT, "toNumber": NUMBER})
LARGE = Asked(
    "batch_calls.start",
    {"agentId": AGENT, "csv": "phone_number\n" + "+12025550164\n" * 40_000},
    {"maxRetries": 0},
)
ROUNDS = 12


def answered_then_closed(connection: Connection) -> bool:
    json_answer({})(connection)
    return False


def answered_then_reset(connection: Connection) -> bool:
    json_answer({})(connection)
    time.sleep(0.01)  # the answer is read before the reset can overtake it
    connection.reset()
    return False


PEERS = {
    "closes behind an answer": answered_then_closed,
    "resets behind an answer": answered_then_reset,
    "closes": close_without_answer(),
    "resets": reset(),
}


def test_the_program_would_die_of_a_signal() -> None:
    assert signal.SIGPIPE in signal.valid_signals()
    assert signal.getsignal(signal.SIGPIPE) is signal.SIG_IGN, "Python restores it in programs"


@pytest.mark.parametrize("door", ["blocking", "threads", "callback", "future"])
@pytest.mark.parametrize("peer", PEERS)
def test_a_closed_peer_raises_no_signal(
    server: RecordingServer, line: Line, peer: str, door: str
) -> None:
    server.otherwise = PEERS[peer]
    session = Program(server.url, line.options, door)
    for _ in range(ROUNDS):
        session.run([SEND._replace(options={"maxRetries": 0})] * 4)
        time.sleep(0.01)
    session.close()  # it says when the program was ended by a signal


@pytest.mark.parametrize("door", ["blocking", "future"])
def test_a_peer_that_closes_while_it_is_written_to_raises_no_signal(line: Line, door: str) -> None:
    class Abrupt(RecordingServer):
        """Takes the handshake and the start of a request, no more."""

        def _serve(self, channel: socket.socket, number: int) -> None:
            try:
                if line.wire.tls is not None:
                    channel = line.context().wrap_socket(channel, server_side=True)
                channel.recv(100)
                channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                channel.close()
            except OSError:
                return

    with Abrupt() as server:
        session = Program(f"{line.scheme}://127.0.0.1:{server.port}", line.options, door)
        for _ in range(4):
            outcomes = session.run([LARGE, LARGE])
            assert not any(outcome.ok for outcome in outcomes), outcomes
        session.close()
