"""The end of the program: no thread of the library outlives the interpreter.

A callback on a foreign thread that wants the interpreter when it has ended would not come back,
and TLS must not be in use while its library is cleaned up.
"""

from __future__ import annotations

import atexit
from weakref import WeakSet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._handle import Handle

_with_thread: WeakSet[Handle] = WeakSet()


def ended_at_exit(handle: Handle) -> None:
    """Has a client that starts a thread closed before the interpreter goes."""
    _with_thread.add(handle)


@atexit.register
def _end() -> None:
    for handle in list(_with_thread):
        if handle.belongs_here:
            handle.close(0)
