"""Languages that handle signals between two of their own steps, while they wait in the library."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import hosts
from conftest import LIBRARY
from hosts import EXAMPLES

SECONDS = 30
RUBY = """
Trillet.trillet_submit(client, "agents.list", nil, nil, nil, nil)
begin
  Trillet.trillet_drive(client, -1) while (text = Trillet.trillet_next(client, 0, nil)).null?
rescue Interrupt
  puts "interrupted"
end
Trillet.trillet_client_free(client)
puts "closed"
"""
PERL = """
trillet_submit($client, "agents.list", undef, undef, undef, undef);
local $SIG{INT} = sub { die "interrupted\\n" };
eval { while (!trillet_next($client, 0, undef)) { trillet_drive($client, -1) } };
print $@;
trillet_client_free($client);
say "closed";
"""


@pytest.fixture(autouse=True)
def _heard_by_programs() -> None:
    """A shell starts what it runs in the background deaf to Ctrl-C, and programs pass that on."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """Takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(SECONDS)
        yield server


def interrupted(silent: socket.socket, command: list[str]) -> tuple[int, str, str]:
    """How the program ends and what it writes when Ctrl-C comes while it waits for an answer."""
    environment = os.environ | {
        "TRILLET_LIBRARY": str(LIBRARY),
        "TRILLET_BASE_URL": f"http://127.0.0.1:{silent.getsockname()[1]}",
        "TRILLET_API_KEY": "sandbox-key",
    }
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True) as program:
        try:
            connection, _ = silent.accept()
            with connection:
                assert connection.recv(65536)
                wait_for_sleep(program.pid)
                output, errors = interrupt(program)
        finally:
            program.kill()
    return program.returncode, output, errors


def interrupt(program: subprocess.Popen[str]) -> tuple[str, str]:
    """Presses Ctrl-C, again where it came just before the wait began; returns what was printed."""
    for _ in range(SECONDS):
        program.send_signal(signal.SIGINT)
        try:
            return program.communicate(timeout=1)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError("the program does not end")


def wait_for_sleep(process: int) -> None:
    """Returns once the program sleeps."""
    for _ in range(SECONDS * 20):
        if Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] == "S":
            return
        select.select([], [], [], 0.05)
    raise AssertionError("the program does not wait")


def test_ctrl_c_raises_in_ruby_while_it_drives(silent: socket.socket) -> None:
    program = hosts.beginning(EXAMPLES / "ruby/calls.rb") + RUBY
    assert interrupted(silent, [hosts.ruby(), "-e", program]) == (0, "interrupted\nclosed\n", "")


def test_a_signal_handler_of_perl_runs_while_it_drives(silent: socket.socket) -> None:
    program = hosts.beginning(EXAMPLES / "perl/calls.pl") + PERL
    assert interrupted(silent, [hosts.perl(), "-e", program]) == (0, "interrupted\nclosed\n", "")
