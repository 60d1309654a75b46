"""Answers between the library's queue and those who wait for them.

A signal handler may raise, and Python runs handlers, as it switches threads, between bytecodes:
after a call, at the start of a function, at the end of a turn of a loop. An answer, and the
identifier of a request, must be in no place that such an exception can lose. So they go from one
container into the next

- by one call into C: ``update`` or ``extend`` of a ``map`` or ``zip`` that takes them out of the
  former container while it runs; or
- by statements that stand together without a call: assignments, ``del``, ``+=``, and ``yield``.

What takes more steps than that may be done again. (Python 3.9 looks for signals between more
bytecodes than later versions do; there the second kind leaves a gap of some nanoseconds.)
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from itertools import chain, count

from .._json.answers import answers
from .._model.errors import TrilletError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._json.answers import Answer
    from .native import Native

# How many answers are fetched in one text.
AT_ONCE = 64


class Fetched:
    """What was fetched from the queue of a client, and not claimed yet."""

    def __init__(self, native: Native, client: int) -> None:
        library = native.library
        # By the identifiers of their requests, in the order in which these ended.
        self.unclaimed: dict[int, Answer] = {}
        # The library's texts that were not read yet; freed as they are taken out.
        self.texts: dict[int, Any] = {}
        self._numbers = count()
        self._client = (client,)
        self._log = native.log
        self._next = library.function("trillet_next_many")
        self._free = library.free
        self._ignored: deque[object] = deque(maxlen=0)
        # The garbage collector may end a loop, and a signal handler begin one, inside the lock.
        self._lock = threading.RLock()

    def fetch(self, timeout_ms: int) -> None:
        """Waits for an answer, and fetches all that are there, or a good many."""
        owned = map(self._next, self._client, (timeout_ms,), (AT_ONCE,))
        self.texts.update(zip(self._numbers, filter(None, owned)))
        if self._log.lines:
            self._log.deliver()

    def sort(self) -> None:
        """Reads the texts that were fetched, those of an interrupted thread too.

        Raises:
            TrilletError: The library refuses to give answers.
        """
        # The lock only spares reading a text twice.
        while self.texts:
            with self._lock:
                for number in list(self.texts):
                    # A signal handler, or the garbage collector, may have sorted in between.
                    with suppress(KeyError):
                        self._read(number)

    def _read(self, number: int) -> None:
        # No call stands between finding the text and copying it.
        text: bytes = self.texts[number].value
        done: Any = map(self._free, map(self.texts.pop, (number,)))
        try:
            read = {answer["id"]: answer for answer in answers(text)}
        except TrilletError:
            self._ignored += done
            raise
        self._ignored += chain(done, map(self.unclaimed.update, (read,)))
