"""Programs that a sandbox keeps from most of the system."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import hosts
from places import ROOT
from watched_service import WatchedService, watched_service

CALL = """
import sys, trillet
with trillet.Trillet(engine=sys.argv[1]) as client:
    try:
        print("call:", client.call("agents.list").status)
        print("submit:", client.submit("agents.list").result().status)
    except trillet.TrilletError as error:
        print(error.type, error.sent)
"""
BUBBLEWRAP = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/run"]
FIREJAIL = ["--quiet", "--noprofile", "--caps.drop=all", "--nonewprivs", "--seccomp"]


@pytest.fixture
def watched() -> Iterator[WatchedService]:
    with watched_service() as service:
        yield service


def works(sandbox: list[str]) -> None:
    if subprocess.run([*sandbox, "true"], capture_output=True, timeout=60).returncode:
        pytest.skip(f"{Path(sandbox[0]).name} may not do its work here")


def program(watched: WatchedService, sandbox: list[str], engine: str) -> str:
    package = f"PYTHONPATH={ROOT / 'bindings/python/src'}"
    ended = watched.run([*sandbox, "env", package, sys.executable, "-c", CALL, engine])
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


@pytest.mark.parametrize("engine", ["thread", "caller"])
def test_bubblewrap_hosts_a_client(watched: WatchedService, engine: str) -> None:
    sandbox = [hosts.interpreter("bwrap", "bubblewrap"), *BUBBLEWRAP]
    sandbox += ["--unshare-all", "--share-net", "--cap-drop", "ALL"]
    works(sandbox)
    assert program(watched, sandbox, engine) == "call: 200\nsubmit: 200\n"


def test_without_a_network_nothing_has_been_sent(watched: WatchedService) -> None:
    sandbox = [hosts.interpreter("bwrap", "bubblewrap"), *BUBBLEWRAP, "--unshare-all"]
    works(sandbox)
    assert program(watched, sandbox, "thread") == "connection no\n"


@pytest.mark.parametrize("engine", ["thread", "caller"])
def test_firejail_hosts_a_client(watched: WatchedService, engine: str) -> None:
    sandbox = [hosts.interpreter("firejail", "firejail"), *FIREJAIL]
    works(sandbox)
    assert program(watched, sandbox, engine) == "call: 200\nsubmit: 200\n"
