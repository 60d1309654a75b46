"""Functions of the library that report for as long as they take: of batches and downloads.

They run on a thread of their own: the caller's stays free for Ctrl-C. What they report is handed
over to the caller, and they go on when the caller has answered.
"""

from __future__ import annotations

import queue
import threading
from contextlib import suppress
from ctypes import CFUNCTYPE, c_char_p, c_int32, c_void_p, cast
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any, Union

from .._json.encoding import read
from .._native.exit import ended_before_exit
from .base import without_none

if TYPE_CHECKING:
    from collections.abc import Callable

    from .base import Client

_Function = CFUNCTYPE(c_int32, c_void_p, c_char_p)
# How soon it is noticed that the client has been closed.
_SLICE_SECONDS = 0.25


class Outcome:
    """What the library answered in the end, or what could not be."""

    def __init__(self, text: bytes, error: BaseException | None) -> None:
        self.text = text
        self.error = error


Event = Union[dict[str, Any], Outcome]


class Followed:
    """One call of such a function, and the thread it runs on."""

    def __init__(
        self,
        client: Client,
        operation: str,
        fields: dict[str, object],
        options: bytes | None,
        deliver: Callable[[Event], object],
    ) -> None:
        request = client._request(operation, without_none(fields), None)
        self.operation = operation
        self._handle = client._open_handle(operation)
        self._deliver = deliver
        # Whether the caller wants no more, for each report.
        self._verdicts: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._is_left = False
        deadline = fields.get("deadlineMs")
        milliseconds = deadline if isinstance(deadline, (int, float)) and deadline > 0 else inf
        self._deadline = monotonic() + milliseconds / 1000
        address = self._handle.acquire(operation)
        name = "trillet_" + operation.replace(".", "_")
        arguments = (name, address, request, options)
        self.thread = threading.Thread(
            target=self._run, args=arguments, name="trillet-follow", daemon=True
        )
        ended_before_exit(self)
        try:
            self.thread.start()
        except BaseException:
            self._handle.release()
            raise

    @property
    def is_lost(self) -> bool:
        """Whether the thread stayed behind in the process that this one was forked from."""
        return not self._handle.belongs_here

    def answer(self, wants_no_more: bool) -> None:
        self._verdicts.put(wants_no_more)

    def leave(self) -> None:
        """Has the function end; what it still reports is for nobody."""
        self._is_left = True
        self._verdicts.put(True)

    def end(self) -> None:
        """The same for the end of the program, which waits for the thread."""
        if not self.is_lost:
            self.leave()
            self._handle.close(0)
            self.thread.join(5)

    def _run(self, function: str, *arguments: object) -> None:
        tell = _Function(self._tell)
        try:
            text = self._handle.library.text(function, *arguments, cast(tell, c_void_p), None)
            self._show_log()
            answer = Outcome(text, None)
        except BaseException as error:
            answer = Outcome(b"", error)
        finally:
            self._handle.release()
        with suppress(RuntimeError):  # The event loop has closed.
            self._deliver(answer)

    def _show_log(self) -> None:
        if self._handle.native is not None:
            self._handle.native.show_log()

    def _tell(self, _user_data: int | None, text: bytes) -> int:
        # Nothing may be raised through the library.
        try:
            return int(self._is_left or self._wants_no_more(read(text)))
        except BaseException:
            return 1

    def _wants_no_more(self, report: dict[str, Any]) -> bool:
        # The pause until the next look is made here, where it can be ended at any time.
        self._show_log()
        end = min(monotonic() + report.get("nextLookMs", 0) / 1000, self._deadline)
        self._deliver(report)
        wants_no_more = self._verdicts.get()
        while not wants_no_more and not self._handle.is_closing:
            rest = end - monotonic()
            if rest <= 0:
                break
            with suppress(queue.Empty):
                wants_no_more = self._verdicts.get(timeout=min(rest, _SLICE_SECONDS))
        return wants_no_more


def checked_download(fields: dict[str, object], progress: object) -> None:
    """Refuses what could report on nothing, before anything is sent."""
    if "file" not in fields:
        raise TypeError("recording: progress is for a file; give the file")
    if not callable(progress):
        raise TypeError(f"recording: progress is {progress!r}; give a function")
