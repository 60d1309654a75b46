"""trillet with what `pip install "trillet[speedups]"` adds: msgspec, for its JSON."""

from __future__ import annotations

from importlib.util import find_spec

from clients import Client, with_trillet


def with_msgspec() -> None:
    if find_spec("msgspec") is None:
        raise SystemExit("msgspec is not installed")


CLIENT = Client(
    "trillet[speedups]",
    "trillet",
    None,
    blocking=with_trillet.blocking,
    asynchronous=with_trillet.asynchronous,
    batch=with_trillet.batch("thread"),
    prepare=with_msgspec,
    wires=("plain", "tls", "h2"),
)
