"""The end of the program: no client outlives the interpreter.

A callback on a foreign thread that wants the interpreter when it has ended would not come back,
and TLS must not be in use while its library is cleaned up: not by the library's thread, and not by
a call of a daemon thread either.
"""

from __future__ import annotations

import atexit
from weakref import WeakSet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class OpenClient(Protocol):
        """What is closed."""

        @property
        def belongs_here(self) -> bool: ...
        def close(self, timeout_ms: int) -> bool: ...

    class Followed(Protocol):
        """What is ended."""

        def end(self) -> None: ...


_clients: WeakSet[OpenClient] = WeakSet()
_followings: WeakSet[Followed] = WeakSet()


def closed_at_exit(client: OpenClient) -> None:
    """Has a client closed before the interpreter goes."""
    _clients.add(client)


def ended_before_exit(following: Followed) -> None:
    """The same for what follows a batch on a thread of Python."""
    _followings.add(following)


@atexit.register
def _end() -> None:
    for following in list(_followings):
        following.end()
    for client in list(_clients):
        if client.belongs_here:
            client.close(0)
