"""The examples of other languages and event loops, in which no thread of the library may run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import hosts
from hosts import EXAMPLES
from watched_service import WatchedService, watched_service

SCRIPT_OUTPUT = "call: 200\ncontacts: 1\ndone: 200\nnext: 200\n"


@pytest.fixture
def watched() -> Iterator[WatchedService]:
    with watched_service() as service:
        yield service


def runs(watched: WatchedService, command: list[str]) -> str:
    """What a program wrote that ended well, without a thread of the library."""
    ended = watched.run(command)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert watched.threads
    assert not [name for names in watched.threads for name in names if "trillet" in name]
    return ended.stdout


def test_ruby_gets_answers_in_callbacks_and_fetches_them(watched: WatchedService) -> None:
    output = runs(watched, [hosts.ruby(), str(EXAMPLES / "ruby/calls.rb")])
    assert output == SCRIPT_OUTPUT
    assert set(map(len, watched.threads)) == {1}


def test_perl_gets_answers_in_callbacks_and_fetches_them(watched: WatchedService) -> None:
    output = runs(watched, [hosts.perl(), str(EXAMPLES / "perl/calls.pl")])
    assert output == SCRIPT_OUTPUT
    assert set(map(len, watched.threads)) == {1}


def test_php_gets_answers_in_callbacks_and_fetches_them(watched: WatchedService) -> None:
    output = runs(watched, [hosts.php(), str(EXAMPLES / "php/calls.php")])
    assert output == SCRIPT_OUTPUT
    assert set(map(len, watched.threads)) == {1}


def test_lua_gets_answers_in_callbacks_and_fetches_them(watched: WatchedService) -> None:
    output = runs(watched, [hosts.luajit(), str(EXAMPLES / "lua/calls.lua")])
    assert output == SCRIPT_OUTPUT
    assert set(map(len, watched.threads)) == {1}


def test_an_asyncio_loop_hosts_a_client(watched: WatchedService) -> None:
    output = runs(watched, [sys.executable, str(EXAMPLES / "asyncio/calls.py")])
    assert output == "done: 200\ndone: 200\n"
    assert set(map(len, watched.threads)) == {1}


def test_an_epoll_loop_hosts_a_client(watched: WatchedService, tmp_path: Path) -> None:
    program = hosts.compiled(EXAMPLES / "epoll/calls.c", tmp_path / "calls", [])
    assert sorted(runs(watched, [str(program)]).splitlines()) == ["done: 200", "next: 200"]
    assert set(map(len, watched.threads)) == {1}


def test_a_libuv_loop_hosts_a_client(watched: WatchedService, tmp_path: Path) -> None:
    arguments = hosts.with_pkg_config("libuv", "libuv1-dev")
    program = hosts.compiled(EXAMPLES / "libuv/calls.c", tmp_path / "calls", arguments)
    assert sorted(runs(watched, [str(program)]).splitlines()) == ["done: 200", "next: 200"]
    assert set(map(len, watched.threads)) == {1}


def test_a_glib_main_loop_hosts_a_client(watched: WatchedService, tmp_path: Path) -> None:
    arguments = hosts.with_pkg_config("glib-2.0", "libglib2.0-dev")
    program = hosts.compiled(EXAMPLES / "glib/calls.c", tmp_path / "calls", arguments)
    assert sorted(runs(watched, [str(program)]).splitlines()) == ["done: 200", "next: 200"]
    assert set(map(len, watched.threads)) == {1}


def test_tcl_gets_answers_as_events_and_fetches_them(
    watched: WatchedService, tmp_path: Path
) -> None:
    arguments = ["-shared", "-fPIC", *hosts.with_pkg_config("tcl", "tcl-dev")]
    extension = hosts.compiled(EXAMPLES / "tcl/trillet_tcl.c", tmp_path / "tcl.so", arguments)
    tclsh = hosts.interpreter("tclsh", "tcl")
    ended = watched.run([tclsh, str(EXAMPLES / "tcl/calls.tcl"), str(extension)])
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == SCRIPT_OUTPUT


@pytest.fixture
def addon(tmp_path: Path) -> Path:
    source = EXAMPLES / "node/trillet_node.c"
    return hosts.compiled(source, tmp_path / "trillet.node", hosts.node_headers())


def test_node_hosts_a_client_in_its_event_loop(watched: WatchedService, addon: Path) -> None:
    output = runs(watched, [hosts.node(), str(EXAMPLES / "node/calls.js"), str(addon)])
    assert output == "done: 200\ndone: 200\n"


WITHOUT_CLIENTS = """
setTimeout(() => console.log(require("fs").readdirSync("/proc/self/task").length), 100);
"""
WITH_A_CLIENT = """
const { Client } = require(process.argv[1]);
new Client().submit("agents.list", "{}").then(() => {
  setTimeout(() => console.log(require("fs").readdirSync("/proc/self/task").length), 100);
});
"""


def test_node_has_no_more_threads_with_a_client(watched: WatchedService, addon: Path) -> None:
    without = watched.run([hosts.node(), "-e", WITHOUT_CLIENTS])
    having = watched.run([hosts.node(), "-e", WITH_A_CLIENT, str(addon)])
    assert without.returncode == having.returncode == 0
    assert having.stdout == without.stdout


WORKERS = """
const { Worker, isMainThread } = require("node:worker_threads");
if (isMainThread) {
  const addon = process.argv[1];
  const source = `
    const { parentPort, workerData } = require("node:worker_threads");
    const client = new (require(workerData).Client)();
    const again = () => client.submit("agents.list", "{}").then(again);
    client.submit("agents.list", "{}").then(() => parentPort.postMessage("busy")).then(again);
  `;
  (async () => {
    for (let round = 0; round < 3; round++) {
      const worker = new Worker(source, { eval: true, workerData: addon });
      await new Promise((resolve) => worker.once("message", resolve));
      await worker.terminate();
    }
    new (require(addon).Client)().submit("agents.list", "{}");
    console.log("ends");
    process.exit(3);
  })();
}
"""


def test_node_and_its_workers_end_with_requests_under_way(
    watched: WatchedService, addon: Path
) -> None:
    ended = watched.run([hosts.node(), "-e", WORKERS, str(addon)])
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, "ends\n", "")


COLLECTED = """
const { Client } = require(process.argv[1]);
const open = () => require("fs").readdirSync("/proc/self/fd").length;
const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
(async () => {
  await new Client().submit("agents.list", "{}");
  const before = open();
  for (let count = 0; count < 50; count++) await new Client().submit("agents.list", "{}");
  for (let round = 0; round < 100 && open() > before + 10; round++) { gc(); await pause(); }
  console.log(open() <= before + 10 ? "collected" : `${open()} of ${before} descriptors`);
})();
"""


def test_node_collects_clients_that_nobody_has(watched: WatchedService, addon: Path) -> None:
    ended = watched.run([hosts.node(), "--expose-gc", "-e", COLLECTED, str(addon)])
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "collected\n", "")
