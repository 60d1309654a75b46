"""Who takes part in the comparison, and with what command each makes its requests."""

from __future__ import annotations

import importlib.metadata
from enum import Enum
from typing import NamedTuple

import clients
from suite.settings import HERE, Settings
from suite.wires import PLAIN, Wire


class Group(Enum):
    """How many requests are under way; each group has a baseline of its own."""

    ONE = "One request at a time"
    MANY = "64 requests in flight"
    THREADS = "16 threads"


class Contestant(NamedTuple):
    """A client used in one way."""

    key: str
    title: str
    group: Group
    command: tuple[str, ...]
    language: str
    # Takes part in every round: the baselines, and what has a limit.
    close: bool

    @property
    def is_own(self) -> bool:
        return "trillet" in self.key


BASELINES = {Group.ONE: "curl_easy", Group.MANY: "curl_multi", Group.THREADS: "curl_threads"}

PROGRAMS = [
    ("curl_easy", "libcurl, easy handle reused", Group.ONE),
    ("trillet_blocking", "libtrillet, `trillet_calls_send`", Group.ONE),
    ("curl_multi", "libcurl, multi handle, `curl_multi_poll`", Group.MANY),
    ("curl_socket", "libcurl, `curl_multi_socket_action` over epoll", Group.MANY),
    ("trillet_callback", "libtrillet, `trillet_submit` with a callback", Group.MANY),
    ("trillet_next", "libtrillet, `trillet_submit` and `trillet_next`", Group.MANY),
    ("trillet_callback_driven", "libtrillet, engine `caller`, with a callback", Group.MANY),
    ("trillet_next_driven", "libtrillet, engine `caller`, `trillet_next`", Group.MANY),
    ("curl_threads", "libcurl, an easy handle for each thread", Group.THREADS),
    ("trillet_threads", "libtrillet, `trillet_calls_send` on one client", Group.THREADS),
]


# Whose ratios have limits over TLS, beside the baselines. The others are there for comparison.
CLOSE_OVER_TLS = {
    *("trillet_blocking", "trillet_callback", "trillet_next"),
    *("trillet_callback_driven", "trillet_next_driven"),
}
# Packages from PyPI that this project's have limits to.
COMPARED = {"with_aiohttp", "with_pycurl"}


def contestants(settings: Settings, wire: Wire) -> list[Contestant]:
    """Those that can use the wire. Over TLS 16 threads would show nothing that one does not."""
    found = [
        Contestant(key, title, group, (str(settings.programs / key),), "C", True)
        for key, title, group in PROGRAMS
        if wire is PLAIN or group is not Group.THREADS
    ]
    for name in clients.names():
        found += _python(name, settings, wire)
    baselines = BASELINES.values()
    if wire is not PLAIN:
        close = CLOSE_OVER_TLS.union(baselines)
        found = [one._replace(close=one.key in close) for one in found]
    return [one for one in found if settings.only.takes(one.key) or one.key in baselines]


def _python(name: str, settings: Settings, wire: Wire) -> list[Contestant]:
    client = clients.load(name)
    if wire.key not in client.wires:
        return []
    own = client.distribution is None
    ways = []
    if client.blocking is not None or client.asynchronous is not None:
        ways.append(("one", Group.ONE, "blocking" if client.blocking else "asyncio"))
    if client.asynchronous is not None:
        ways.append(("many", Group.MANY, "asyncio"))
    elif client.threads:
        ways.append(("many", Group.MANY, "64 threads"))
    if client.batch is not None:
        ways.append(("batch", Group.MANY, "batch (`map`)" if own else "multi handle"))
    script = (str(settings.python), str(HERE / "client.py"), name)
    return [
        Contestant(
            key=f"{name}_{shape}",
            title=", ".join(part for part in (label(client), client.uses, how) if part),
            group=group,
            command=(*script, shape),
            language="Python",
            close=own or name in COMPARED,
        )
        for shape, group, how in ways
    ]


def label(client: clients.Client) -> str:
    """The client's name with its version."""
    if client.distribution is None:
        return client.title
    return f"{client.title} {importlib.metadata.version(client.distribution)}"
