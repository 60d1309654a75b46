"""A running ``trillet listen``."""

from __future__ import annotations

import json
import queue
import threading
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

from trillet._command.events.forms import body_of, data_of, signature_of

if TYPE_CHECKING:
    import subprocess
    from types import TracebackType

    from homes import Home

SECRET = "whsec_marked-5e21"
SECONDS = 60


class Listening:
    """Its lines as they come; it is ended by the signal of `end`, or killed."""

    def __init__(self, home: Home, *arguments: object, **variables: str) -> None:
        given = {"TRILLET_WEBHOOK_SECRET": SECRET, **variables}
        words = ("listen", "--port", 0, "--output", "json", *arguments)
        self.process: subprocess.Popen[str] = home.start(*words, **given)
        self._lines: queue.Queue[str] = queue.Queue()
        self._errors: list[str] = []
        self._threads = [
            threading.Thread(target=self._read, args=(self.process.stdout, self._lines.put)),
            threading.Thread(target=self._read, args=(self.process.stderr, self._errors.append)),
        ]
        for thread in self._threads:
            thread.start()

    def _read(self, pipe: Any, take: Any) -> None:
        for line in pipe:
            take(line)

    def __enter__(self) -> Listening:
        try:
            self.ready = self.line()["ready"]
        except BaseException:
            self.__exit__(None, None, None)
            raise
        self.url: str = self.ready["url"]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(SECONDS)
        for thread in self._threads:
            thread.join(SECONDS)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()

    def line(self) -> dict[str, Any]:
        """The next line."""
        try:
            line: dict[str, Any] = json.loads(self._lines.get(timeout=SECONDS))
        except queue.Empty:
            raise AssertionError(f"nothing came: {self.said}") from None
        return line

    @property
    def said(self) -> str:
        """What it has written to standard error."""
        return "".join(self._errors)

    def end(self, number: int) -> int:
        """Its exit status."""
        self.process.send_signal(number)
        status = self.process.wait(SECONDS)
        for thread in self._threads:
            thread.join(SECONDS)
        return status


def sent(
    url: str,
    kind: str = "call.completed",
    *,
    secret: str = SECRET,
    signature: str = "hex",
    form: str = "event",
    delivery: str = "evt_1",
) -> tuple[int, bytes]:
    """Posts a webhook as the service does; the status, and the body that was sent."""
    body = body_of(kind, data_of(kind, []), form)
    return posted(url, body, dict([signature_of(body, secret, signature)]), delivery), body


def posted(url: str, body: bytes, proof: dict[str, str], delivery: str = "evt_1") -> int:
    headers = {"Content-Type": "application/json", "X-Trillet-Delivery": delivery, **proof}
    request = urllib.request.Request(url, body, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            status: int = answer.status
    except urllib.error.HTTPError as error:
        with error:
            status = error.code
    return status
