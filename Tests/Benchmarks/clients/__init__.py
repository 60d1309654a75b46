"""Python clients, a file each: `CLIENT` in it says what it is and how it makes a request.

A file that is added here is measured; nothing else has to know it. Its package is imported inside
its functions, so that looking at the file costs nothing.
"""

from __future__ import annotations

import importlib
import os
import pathlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    import ssl

IN_FLIGHT = 64
# How clients learn whom to trust; without it they speak no TLS.
CA_VARIABLE = "BENCHMARK_CA"


class Send(Protocol):
    """Makes one request, reads its JSON, and raises unless the answer is the one expected."""

    def __call__(self) -> None: ...


class AsyncSend(Protocol):
    """The same, awaited."""

    async def __call__(self) -> None: ...


# Makes so many requests, 64 in flight; the seconds that each took, where they can be known.
Batch = Callable[[int], "list[float]"]


class Client(NamedTuple):
    """One client: what people call it, its module, and the ways in which it is used.

    `distribution` is its name on PyPI; None for what is not from there. `uses` says what of it is
    called, where that is not plain. Each way is given the server's address.
    """

    title: str
    module: str
    distribution: str | None
    uses: str = ""
    blocking: Callable[[str], AbstractContextManager[Send]] | None = None
    asynchronous: Callable[[str], AbstractAsyncContextManager[AsyncSend]] | None = None
    batch: Callable[[str], AbstractContextManager[Batch]] | None = None
    # Whether 64 threads that share a client are how people have many requests in flight.
    threads: bool = False
    # The keys of the wires that it is measured over.
    wires: tuple[str, ...] = ("plain",)
    # What its process does before anything else.
    prepare: Callable[[], None] | None = None


def load(name: str) -> Client:
    client: Client = importlib.import_module(f"clients.{name}").CLIENT
    return client


def names() -> list[str]:
    return sorted(path.stem for path in pathlib.Path(__file__).parent.glob("with_*.py"))


def ca_file() -> str | None:
    """The authority that signed the server's certificate; None where the wire has no TLS."""
    return os.environ.get(CA_VARIABLE)


def trust() -> ssl.SSLContext:
    import ssl

    return ssl.create_default_context(cafile=ca_file())


def check(answer: object, member: str, value: str) -> None:
    found = answer.get(member) if isinstance(answer, dict) else getattr(answer, member, None)
    if found != value:
        raise SystemExit(f"not the answer expected: {answer!r}")
