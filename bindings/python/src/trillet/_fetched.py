"""Answers between the library's queue and those who wait for them.

A signal handler may raise, and Python runs handlers between bytecodes: after a call, at the start
of a function, at the end of a turn of a loop; never inside of one call into C. An answer must be in
no place that such an exception can lose. So it goes from one container into the next by single
calls into C, ``extend`` or ``update`` of a ``map`` or ``zip`` that takes it out of the former; and
what is done in more than one step may be done again.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from itertools import chain, count

from ._answers import answers
from ._errors import TrilletError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._answers import Answer
    from ._native import Native

# How many answers are fetched in one text.
AT_ONCE = 64


class Fetched:
    """What was fetched from the queue of a client, and not claimed yet."""

    def __init__(self, native: Native, client: int) -> None:
        library = native.library
        # By the identifiers of their requests, in the order in which these ended.
        self.unclaimed: dict[int, Answer] = {}
        # Texts that were not read yet.
        self.texts: dict[int, tuple[bytes]] = {}
        self._numbers = count()
        self._client = (client,)
        self._next = library.function("trillet_next_many")
        self._copies = library.copies
        self._ignored: deque[object] = deque(maxlen=0)
        # The garbage collector may end a loop, and a signal handler begin one, inside the lock.
        self._lock = threading.RLock()

    def fetch(self, timeout_ms: int) -> None:
        """Waits for an answer, and fetches all that are there, or a good many."""
        owned = map(self._next, self._client, (timeout_ms,), (AT_ONCE,))
        # One call from the library's queue into ours.
        self.texts.update(zip(self._numbers, zip(filter(None, self._copies(owned)))))

    def sort(self) -> None:
        """Reads the texts that were fetched, those of an interrupted thread too.

        Raises:
            TrilletError: The library refuses to give answers.
        """
        while self.texts:
            # The lock only spares reading a text twice.
            with self._lock:
                for number, (text,) in list(self.texts.items()):
                    self._read(number, text)

    def _read(self, number: int, text: bytes) -> None:
        try:
            read = {answer["id"]: answer for answer in answers(text)}
        except TrilletError:
            self.texts.pop(number, None)
            raise
        done: Any = map(self.texts.pop, (number,))
        # One call, which comes to nothing when a signal handler has sorted in between.
        with suppress(KeyError):
            self._ignored.extend(chain(done, map(self.unclaimed.update, (read,))))
