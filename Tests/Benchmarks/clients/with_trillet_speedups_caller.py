"""trillet's `map` without a thread of the library's: the engine "caller", with msgspec."""

from __future__ import annotations

from clients import Client, with_trillet, with_trillet_speedups

CLIENT = Client(
    "trillet[speedups]",
    "trillet",
    None,
    uses="engine `caller`",
    batch=with_trillet.batch("caller"),
    prepare=with_trillet_speedups.with_msgspec,
    wires=("plain", "tls", "h2"),
)
