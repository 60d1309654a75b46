"""Objects that are forgotten: no order in which they end touches freed memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import trillet
from conftest import KEY
from recording_server import json_answer, silence

if TYPE_CHECKING:
    from recording_server import RecordingServer, Reply, Request

BEGIN = """
import asyncio, builtins, faulthandler, gc, itertools, logging, os, sys, threading, warnings
import trillet
faulthandler.enable()
faulthandler.dump_traceback_later(100, exit=True)
warnings.simplefilter("ignore")
gc.disable()
URL, KEY, KIND = sys.argv[1:]

def open_client(kind=trillet.Trillet):
    return kind(KEY, "workspace", base_url=URL, max_retries=0, env=False)

def numbered(amount):
    return ({"number": number} for number in range(amount))

def io_threads():
    names = []
    for task in os.listdir("/proc/self/task"):
        try:
            names.append(open(f"/proc/self/task/{task}/comm").read().strip())
        except OSError:
            pass
    return names.count("trillet-io")

class Node:
    '''Part of a reference cycle.'''

def tie(*objects):
    node = Node()
    node.objects = [node, *objects]
    for each in objects:
        try:
            each.node = node
        except AttributeError:
            pass

loop = asyncio.new_event_loop()
loop.slow_callback_duration = 60  # It would be reported on a machine with much to do.

def in_loop(awaited):
    return loop.run_until_complete(asyncio.wait_for(awaited, 60))

def half_read_map(**options):
    client = open_client()
    results = client.map("POST /slow", numbered(100), max_in_flight=8, ordered=False, **options)
    assert next(results).ok
    return client, results

def generator():
    client, results = half_read_map()
    begun = iter(results)
    assert next(begun).ok
    return client, results, begun

def two_maps():
    client, results = half_read_map()
    other = client.map("POST /slow", numbered(100), max_in_flight=8, ordered=True)
    assert next(other).ok
    return client, results, other

def pages():
    client = open_client()
    pages = client.agents.pages(limit=2, prefetch=True)
    next(pages)
    return client, pages, pages._pager

def items():
    client = open_client()
    items = client.agents.list_all(limit=2)
    next(items)
    return client, items, items._pager

def batch_results():
    client = open_client()
    results = client.batch_calls.results("b1", wait=True)
    threading.Timer(0.3, client.close, (0,)).start()
    try:
        next(results)
    except (StopIteration, trillet.TrilletError):
        pass
    return client, results

def batch_wait():
    client = open_client()
    failed = []
    def progress(now):
        raise OSError("no more")
    try:
        client.batch_calls.wait("b1", progress=progress)
    except (OSError, trillet.TrilletError) as error:
        failed.append(error)
    return client, failed[0]

def logged():
    client, results = half_read_map()
    logger = logging.Logger("own")
    class Handler(logging.Handler):
        def emit(self, record):
            self.seen = client
    logger.addHandler(Handler())
    client.log_to(logger, "DEBUG")
    client.call("GET /x")
    return client, results, logger

def async_map():
    client = open_client(trillet.AsyncTrillet)
    async def main():
        results = client.map("POST /slow", numbered(100), max_in_flight=8, ordered=False)
        async for result in results:
            return results
    results = in_loop(main())
    return client, results, client._desk

def async_pages():
    client = open_client(trillet.AsyncTrillet)
    async def main():
        pages = client.agents.pages(limit=2)
        async for page in pages:
            return pages
    pages = in_loop(main())
    return client, pages, client._desk

def async_call():
    client = open_client(trillet.AsyncTrillet)
    task = loop.create_task(client.call("POST /slow", {"number": 50}))
    in_loop(asyncio.sleep(0.02))
    task.cancel()
    in_loop(asyncio.sleep(0))
    return client, task, client._desk

def exception_kept():
    client, results = half_read_map()
    try:
        for result in results:
            raise KeyboardInterrupt
    except KeyboardInterrupt as error:
        kept = error
    return client, results, kept

def made(kind):
    return globals()[kind]()
"""

PERMUTED = """
def finalizers(objects):
    '''What the garbage collector may call, in any order, before it takes anything apart.'''
    found = [(type(each).__del__, each) for each in objects if hasattr(type(each), "__del__")]
    found += [(type(each).close, each) for each in objects if type(each) is type(numbered(1))]
    client = next(each for each in objects if hasattr(each, "_handle"))
    return [*found, (type(client._handle).__del__, client._handle)]

amount = len(finalizers(made(KIND)))
for order in itertools.permutations(range(amount)):
    objects = made(KIND)
    tie(*objects)
    calls = finalizers(objects)
    for number in order:
        calls[number][0](calls[number][1])
    in_loop(asyncio.sleep(0))
    for finalize, each in reversed(calls):
        finalize(each)
    del objects, calls, finalize, each
    gc.collect()
"""

COLLECTED = """
for turn in range(6):
    # The loop holds the desk as long as it watches for it.
    objects = [each for each in made(KIND) if "Desk" not in type(each).__name__]
    tie(*(objects if turn % 2 else reversed(objects)))
    if turn > 3 and not KIND.startswith("async"):
        handle = objects[0]._handle
        tie(handle, handle.native, *objects)
        del handle
    gc.collect(turn % 3)
    del objects
    gc.collect()
    in_loop(asyncio.sleep(0))
gc.collect()
"""

THREADS_END = """
for _ in range(1000):
    if not io_threads():
        break
    in_loop(asyncio.sleep(0.01))
    gc.collect()
assert not io_threads(), io_threads()
loop.close()
print("ended")
"""

KINDS = [
    "half_read_map",
    "generator",
    "two_maps",
    "pages",
    "items",
    "batch_results",
    "batch_wait",
    "logged",
    "async_map",
    "async_pages",
    "async_call",
    "exception_kept",
]

ENDS = {
    "in a global": "kept = made(KIND)",
    "in builtins": "builtins.kept = made(KIND); tie(*builtins.kept)",
    "in a module of its own": (
        "sys.modules['kept'] = kept = Node(); kept.all = made(KIND);"
        "kept.package = dict(sys.modules); tie(kept, *kept.all)"
    ),
    "in a thread": (
        "threading.Thread(target=lambda kept: threading.Event().wait(), daemon=True,"
        " args=(made(KIND),)).start()"
    ),
    "in a forked child": (
        "kept = made(KIND); tie(*kept)\n"
        "faulthandler.cancel_dump_traceback_later()  # Its thread would be waited for there.\n"
        "child = os.fork()\n"
        "if child: assert os.waitpid(child, 0)[1] == 0"
    ),
    # What is left when a host takes the interpreter down: modules whose names are None.
    "with modules taken apart": (
        "import atexit; kept = made(KIND); tie(*kept); atexit._run_exitfuncs()\n"
        "for name, module in list(sys.modules.items()):\n"
        "    if name.startswith('trillet.'):\n"
        "        for key in list(vars(module)):\n"
        "            if not key.startswith('__'):\n"
        "                vars(module)[key] = None\n"
        "del kept; gc.collect()"
    ),
}


def run(program: str, server: RecordingServer, kind: str) -> subprocess.CompletedProcess[str]:
    def reply(request: Request) -> Reply:
        if request.path == "/slow" and request.json["number"] > 9:
            return silence()
        if request.path.startswith("/api/v1/agents"):
            two = [{"_id": f"a{request.connection}{n}", "name": "x"} for n in range(2)]
            return json_answer({"agents": two, "total": 9, "page": 1, "limit": 2, "totalPages": 5})
        return json_answer({"status": "running", "total": 3})

    server.respond = reply
    source = str(Path(trillet.__file__).parents[1])
    # With -X dev every forked child of Python 3.9.2 that ends by itself dies of a signal, without
    # the package too: it frees with the one allocator what it has of the other.
    is_debugging = sys.version_info >= (3, 10) or "os.fork" not in program
    flags = ["-X", "dev"] if is_debugging else ["-X", "faulthandler", "-W", "default"]
    return subprocess.run(
        [sys.executable, *flags, "-c", program, server.url, KEY, kind],
        env={**os.environ, "PYTHONPATH": source},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_finalizers_may_come_in_any_order(kind: str, server: RecordingServer) -> None:
    done = run(BEGIN + PERMUTED + THREADS_END, server, kind)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ended\n", "")


@pytest.mark.parametrize("kind", KINDS)
def test_the_garbage_collector_takes_whole_cycles(kind: str, server: RecordingServer) -> None:
    done = run(BEGIN + COLLECTED + THREADS_END, server, kind)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ended\n", "")


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_program_ends_quietly_with_whatever_it_has(
    kind: str, end: str, server: RecordingServer
) -> None:
    done = run(f"{BEGIN}{ENDS[end]}\n", server, kind)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
