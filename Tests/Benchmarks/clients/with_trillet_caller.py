"""trillet's `map` without a thread of the library's: the engine "caller"."""

from __future__ import annotations

from clients import Client, with_trillet

CLIENT = Client(
    "trillet",
    "trillet",
    None,
    uses="engine `caller`",
    batch=with_trillet.batch("caller"),
    prepare=with_trillet.without_msgspec,
    wires=("plain", "tls", "h2"),
)
