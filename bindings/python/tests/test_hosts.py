"""Programs of other kinds: greenlets, sub-interpreters, forks at a bad moment, tracebacks."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import traceback
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

import trillet
from recording_server import RecordingServer, json_answer, silence

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "key-that-nobody-may-see"


def run(program: str, *arguments: str, timeout: float = 60) -> str:
    """What a program prints."""
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


GREENLETS = """
    {patch}
    import signal, sys, time
    import trillet
    client = trillet.Trillet("k", "w", base_url=sys.argv[1])
    print(client.call("GET /one").data)
    print(sum(result.ok for result in client.map("GET /many", [{{}}] * 50)))
    print({spawn})
    print(client.submit("GET /future").result(10).data)

    class Limit(BaseException): pass
    def raising(*_): raise Limit
    signal.signal(signal.SIGALRM, raising)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    start = time.monotonic()
    try:
        client.call("GET /silent")
    except Limit as limit:
        print(limit.__cause__.sent, time.monotonic() - start < 2)
    client.close()
"""


@pytest.mark.parametrize(
    ("library", "patch", "spawn"),
    [
        (
            "gevent",
            "from gevent import monkey; monkey.patch_all(); import gevent",
            'gevent.get_hub().threadpool.apply(client.call, ("GET /x",)).data',
        ),
        (
            "eventlet",
            "import eventlet; eventlet.monkey_patch(); from eventlet import tpool",
            'tpool.execute(client.call, "GET /x").data',
        ),
    ],
)
def test_greenlets_call_map_and_are_interrupted(
    server: RecordingServer, library: str, patch: str, spawn: str
) -> None:
    # Not imported here: it would warn of every fork of the other tests.
    if find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    server.respond = lambda request: (silence() if request.path == "/silent" else json_answer({}))
    printed = run(GREENLETS.format(patch=patch, spawn=spawn), server.url)
    assert printed.splitlines() == ["{}", "50", "{}", "{}", "maybe True"]


SUB_INTERPRETER = """
    import sys
    import _xxsubinterpreters as interpreters
    code = '''
    import sys; sys.path[:] = {path!r}
    import logging, trillet
    client = trillet.Trillet("k", "w", base_url={url!r})
    assert client.call("GET /one").data == {{}}
    assert all(result.ok for result in client.map("GET /many", [{{}}] * 50))
    try:
        client.log_to(logging.getLogger("x"))
    except RuntimeError as error:
        assert "main interpreter" in str(error)
    else:
        raise AssertionError("a log in a sub-interpreter")
    client.close()
    '''
    import textwrap
    interpreter = interpreters.create(isolated=False)
    interpreters.run_string(interpreter, textwrap.dedent(code))
    print("done")
"""


def test_a_sub_interpreter_makes_calls_and_refuses_the_log(server: RecordingServer) -> None:
    pytest.importorskip("_xxsubinterpreters")
    assert run(SUB_INTERPRETER.format(path=sys.path, url=server.url)) == "done\n"


FORKS = """
    import faulthandler, os, sys, threading, time
    import trillet
    # A slow disk: every import of a module of the package takes a while.
    class Slow:
        def find_spec(self, name, path=None, target=None):
            if name.startswith("trillet."):
                time.sleep(0.002)
    sys.meta_path.insert(0, Slow())
    def use():
        with trillet.Trillet("k", "w", base_url=sys.argv[1]) as client:
            assert all(result.ok for result in client.map("GET /x", [{}] * 3))
    thread = threading.Thread(target=use)
    thread.start()
    time.sleep(float(sys.argv[2]))
    child = os.fork()
    if child == 0:
        faulthandler.dump_traceback_later(5)
        use()
        os._exit(0)
    thread.join()
    end = time.monotonic() + 20
    while (status := os.waitpid(child, os.WNOHANG))[0] == 0:
        if time.monotonic() > end:
            os.kill(child, 9)
            sys.exit("the child hangs")
        time.sleep(0.01)
    sys.exit(status[1])
"""


@pytest.mark.parametrize("milliseconds", [0, 1, 3, 5, 8, 12, 16, 20, 25, 30])
def test_a_fork_while_another_thread_uses_its_first_client(
    server: RecordingServer, milliseconds: int
) -> None:
    run(FORKS, server.url, str(milliseconds / 1000))


@pytest.mark.parametrize("make", [trillet.Trillet, trillet.AsyncTrillet])
def test_a_traceback_with_local_variables_shows_no_key(
    make: Callable[..., object],
) -> None:
    options = {"proxy": f"http://user:{KEY}@127.0.0.1:9", "base_url": "ftp://nowhere"}
    with pytest.raises(trillet.ConfigurationError) as caught:
        make(KEY, "w", **options)
    frames = list(traceback.walk_tb(caught.value.__traceback__))[1:]
    assert frames
    shown = "".join(repr(frame.f_locals) for frame, _ in frames)
    assert KEY not in shown
    report = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    ours = [frame for frame in report.stack if "/trillet/" in frame.filename]
    assert ours
    assert not any(KEY in text for frame in ours for text in (frame.locals or {}).values())


def test_a_traceback_of_a_failed_call_shows_no_key(server: RecordingServer) -> None:
    client = trillet.Trillet(KEY, "w", base_url=server.url)
    client.close()
    with pytest.raises(trillet.ClientClosedError) as caught:
        client.agents.list()
    frames = list(traceback.walk_tb(caught.value.__traceback__))
    assert KEY not in "".join(repr(frame.f_locals) for frame, _ in frames)
