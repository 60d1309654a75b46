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
    from ._following import _Following
    from ._handle import Handle

_clients: WeakSet[Handle] = WeakSet()
_followings: WeakSet[_Following] = WeakSet()


def closed_at_exit(handle: Handle) -> None:
    """Has a client closed before the interpreter goes."""
    _clients.add(handle)


def ended_before_exit(following: _Following) -> None:
    """The same for what follows a batch on a thread of Python."""
    _followings.add(following)


@atexit.register
def _end() -> None:
    for following in list(_followings):
        following.end()
    for handle in list(_clients):
        if handle.belongs_here:
            handle.close(0)
