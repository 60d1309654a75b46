"""A telephone of one UDP socket that asks SIP servers to have numbers called."""

from __future__ import annotations

import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from calls_service import wait_until

REQUEST = """\
{method} sip:{number}@127.0.0.1:{to} SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{name};rport
Max-Forwards: 70
From: <sip:tests@127.0.0.1>;tag={name}
To: <sip:{number}@127.0.0.1>
Call-ID: {name}
CSeq: 1 {method}
Content-Type: text/plain
Content-Length: 5

agent"""


class Telephone:
    """Sends requests, and knows how each was answered and when."""

    def __init__(self, server: int) -> None:
        self.server = server
        self.answers: dict[str, str] = {}
        self.seconds: dict[str, float] = {}
        self._sent: dict[str, float] = {}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.05)

    def send(self, number: str, method: str = "MESSAGE", times: int = 1) -> str:
        """Sends a request so many times, as UDP does; gives its name."""
        name = uuid.uuid4().hex
        port = self.socket.getsockname()[1]
        text = REQUEST.format(method=method, number=number, to=self.server, port=port, name=name)
        self._sent[name] = time.monotonic()
        for _ in range(times):
            self.socket.sendto(text.replace("\n", "\r\n").encode(), ("127.0.0.1", self.server))
            time.sleep(0.1 if times > 1 else 0)
        return name

    def has_answer(self, name: str) -> bool:
        """Reads what has come, and says whether this request is answered."""
        try:
            lines = self.socket.recv(4096).decode().splitlines()
        except OSError:  # nothing has come, or nobody listens yet
            return name in self.answers
        answered = next(line[len("Call-ID: ") :] for line in lines if line.startswith("Call-ID: "))
        if answered not in self.answers:
            self.answers[answered] = lines[0].removeprefix("SIP/2.0 ")
            self.seconds[answered] = time.monotonic() - self._sent[answered]
        return name in self.answers

    def answer(self, name: str) -> str:
        wait_until(lambda: self.has_answer(name), lambda: self.answers)
        return self.answers[name]

    def is_heard(self) -> bool:
        """Whether the server answers."""
        name = self.send("tests", "OPTIONS")
        return self.has_answer(name)


@contextmanager
def telephone(server: int) -> Iterator[Telephone]:
    made = Telephone(server)
    try:
        yield made
    finally:
        made.socket.close()
