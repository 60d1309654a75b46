"""``trillet listen``: receives webhooks on this machine, prints, keeps and forwards them."""

from __future__ import annotations

import os
import select
import signal
import sys
from typing import TYPE_CHECKING, Any

from .. import InvalidArgumentError, TrilletError
from .._core.status_line import printable
from .adding import add_command
from .clients import settings_of_command
from .events.names import PORT, SANDBOX_SECRET, add_secret_option, needed_secret, secret_of
from .failures import DONE, PROBLEMS

if TYPE_CHECKING:
    import argparse

    from .events.listener import Listener
    from .events.registering import Registration

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def add_listen(commands: Any) -> None:
    parser = add_command(
        commands,
        "listen",
        _listen,
        "receive webhooks on this machine; print, keep and forward them",
        example="trillet listen --register --forward-to http://localhost:8000/hook",
    )
    parser.add_argument(
        "--forward-to", metavar="URL", help="post each event there, byte for byte, once"
    )
    parser.add_argument(
        "--events", metavar="TYPES", help="only these, such as call.completed,call.failed"
    )
    parser.add_argument(
        "--port", type=int, default=PORT, metavar="N", help=f"0 for any that is free ({PORT})"
    )
    add_secret_option(parser)
    parser.add_argument(
        "--scheme",
        choices=("hmac", "secret"),
        default="hmac",
        help="a signature, or x-webhook-secret carries the secret itself",
    )
    parser.add_argument(
        "--print", dest="shape", choices=("line", "json", "none"), help="what is printed (line)"
    )
    parser.add_argument(
        "--keep", type=int, metavar="N", help="how many events are kept at most (1000)"
    )
    parser.add_argument(
        "--register", action="store_true", help="have the sandbox send its webhooks here"
    )


def _listen(given: argparse.Namespace) -> int:
    # Here: every other command starts without a server and a database.
    from .events.forwarding import receiver_of
    from .events.listener import Listener
    from .events.receiving import Intake, ListeningServer
    from .events.store import KEEP, EventStore

    keep = KEEP if given.keep is None else given.keep
    if not 1 <= keep <= 1_000_000:
        raise InvalidArgumentError(
            f"'--keep' must be 1 to 1000000 events; got {keep}", field="--keep"
        )
    shape = given.shape or ("json" if given.output == "json" else "line")
    receiver = None if given.forward_to is None else receiver_of(given.forward_to, "--forward-to")
    # Once: a pipe has it no second time.
    found = secret_of(given) if given.register else needed_secret(given)
    secret = found or SANDBOX_SECRET
    store = EventStore(keep)
    listener = Listener(store, receiver, shape, given.scheme, secret)
    wanted = frozenset(filter(None, map(str.strip, (given.events or "").split(","))))
    intake = Intake(secret, given.scheme, wanted, store, listener.take, listener.refuse)
    try:
        with ListeningServer(given.port, intake) as server:
            status = _serve(given, server, listener, secret)
    finally:
        listener.close()
        store.close()
    _say(listener.summary())
    return status


def _serve(given: argparse.Namespace, server: Any, listener: Listener, secret: str) -> int:
    import threading

    stop = _Stop()
    listener.when_nobody_reads(stop)
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    registration = None
    # From here on a signal ends what was begun, in order.
    with stop:
        thread.start()
        try:
            if given.register:
                registration = _registered(given, server.address, secret)
            listener.tell_ready(server.address)
            stop.wait()
        finally:
            status = _undone(registration)
            server.shutdown()
            thread.join()
    return status


def _registered(given: argparse.Namespace, address: str, secret: str) -> Registration:
    from .events.registering import Registration

    registration = Registration(settings_of_command(), address)
    try:
        registration.make(secret, "secret" if given.scheme == "secret" else None)
    except TrilletError:
        _undone(registration, is_quiet=True)
        raise
    return registration


def _undone(registration: Registration | None, *, is_quiet: bool = False) -> int:
    if registration is None:
        return DONE
    try:
        registration.undo()
    except TrilletError as error:
        if not is_quiet:
            _say(f"The sandbox may still send webhooks here: {error.message}")
        return PROBLEMS
    return DONE


def _say(text: str) -> None:
    print(printable(text), file=sys.stderr, flush=True)


class _Stop:
    """Ctrl-C, and what else ends a program: each is waited for, and interrupts nothing."""

    def __enter__(self) -> _Stop:
        self._reader, self._writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._before = {number: signal.signal(number, self._tell) for number in _SIGNALS}
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._reader)
        os.close(self._writer)

    def __call__(self) -> None:
        """Ends the wait."""
        try:
            os.write(self._writer, b"\0")
        except OSError:
            # It is full, or closed: the wait has ended.
            return

    def _tell(self, _number: int, _frame: object) -> None:
        self()

    def wait(self) -> None:
        select.select([self._reader], [], [])
