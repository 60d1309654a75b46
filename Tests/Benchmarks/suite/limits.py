"""The limits that the project sets itself, beside what was measured."""

from __future__ import annotations

from typing import NamedTuple

from suite.calls import Comparison
from suite.goals import Goal, at_least, at_most
from suite.held import Held
from suite.start import Start


class CallLimit(NamedTuple):
    """Of a client, to another one in the same rounds; None where it has no such limit."""

    title: str
    key: str
    to: str
    most_cpu: float | None = None
    least_rate: float | None = None


_IN_FLIGHT = "64 in flight, to C multi"
_CALLBACK = f"`trillet_submit` with a callback, {_IN_FLIGHT}"
_NEXT = f"`trillet_submit` and `trillet_next`, {_IN_FLIGHT}"
_DRIVEN = [
    CallLimit(f"engine `caller`, {title}", key, "curl_multi", 1.06, 0.95)
    for title, key in ((_CALLBACK, "trillet_callback_driven"), (_NEXT, "trillet_next_driven"))
]
PROGRAMS = [
    CallLimit("`trillet_calls_send`, to C easy", "trillet_blocking", "curl_easy", 1.05, 0.95),
    CallLimit(_CALLBACK, "trillet_callback", "curl_multi", 1.15, 0.90),
    CallLimit(_NEXT, "trillet_next", "curl_multi", 1.15, 0.90),
    *_DRIVEN,
]
PROGRAMS_OVER_TLS = [
    CallLimit("`trillet_calls_send`, to C easy", "trillet_blocking", "curl_easy", 1.05, 0.95),
    CallLimit(_CALLBACK, "trillet_callback", "curl_multi", 1.10, 0.95),
    CallLimit(_NEXT, "trillet_next", "curl_multi", 1.15, 0.90),
    *_DRIVEN,
]
# By the client's key without its way to call: how it is called, the way, whom it is compared with,
# and what part of its rate at least.
_PYTHON_CLIENTS = {"Python": "with_trillet", "Python with msgspec": "with_trillet_speedups"}
_PYTHON_WAYS = [
    ("blocking, to C easy", "one", "curl_easy", 0.85),
    ("blocking, to pycurl", "one", "with_pycurl_one", 0.97),
    (f"`map`, {_IN_FLIGHT}", "batch", "curl_multi", 0.70),
    ("`map`, 64 in flight, to pycurl's multi handle", "batch", "with_pycurl_batch", 1.0),
    (f"`map` with engine `caller`, {_IN_FLIGHT}", "caller_batch", "curl_multi", 0.70),
    (
        "`map` with engine `caller`, 64 in flight, to pycurl's multi handle",
        "caller_batch",
        "with_pycurl_batch",
        1.0,
    ),
    (f"asyncio, {_IN_FLIGHT}", "many", "curl_multi", 0.60),
    ("asyncio, 64 in flight, to aiohttp", "many", "with_aiohttp_many", 3.0),
]
PYTHON = [
    CallLimit(f"{language}, {title}", f"{client}_{way}", to, least_rate=least)
    for language, client in _PYTHON_CLIENTS.items()
    for title, way, to, least in _PYTHON_WAYS
]
MOST_KILOBYTES_IN_FLIGHT = 8
MOST_KILOBYTES_LOADED = 1024
MOST_MILLISECONDS_OF_IMPORT = 30


def of_calls(comparison: Comparison) -> list[Goal]:
    """Of the clients that were measured, which may be a part of them."""
    if comparison.wire.is_secure:
        return _goals(comparison, PROGRAMS_OVER_TLS, f"{comparison.wire.title}: ")
    return _goals(comparison, [*PROGRAMS, *PYTHON], "")


def _goals(comparison: Comparison, limits: list[CallLimit], prefix: str) -> list[Goal]:
    cpu, rates = [], []
    for limit in limits:
        ratios = comparison.ratios(limit.key, limit.to)
        if ratios is None:
            continue
        title = prefix + limit.title
        if limit.most_cpu is not None:
            cpu.append(at_most(title, "CPU", ratios.cpu, limit.most_cpu))
        if limit.least_rate is not None:
            rates.append(at_least(title, "requests/s", ratios.rate, limit.least_rate))
    return cpu + rates


def of_memory(held: list[Held]) -> list[Goal]:
    plain, own = held
    in_flight = own.kilobytes_each - plain.kilobytes_each
    title = "a request in flight, beyond libcurl's"
    return [_most(title, "memory", in_flight, "KB", MOST_KILOBYTES_IN_FLIGHT)]


def of_starting(loading: list[Start], imports: list[Start]) -> list[Goal]:
    curl, library = (start.kilobytes.median for start in loading)
    package = next(start for start in imports if start.title == "trillet")
    importing = package.milliseconds.median
    title = "loading, beyond libcurl's"
    return [
        _most(title, "memory", library - curl, "KB", MOST_KILOBYTES_LOADED),
        _most("`import trillet`", "time", importing, "ms", MOST_MILLISECONDS_OF_IMPORT),
    ]


def _most(title: str, kind: str, value: float, unit: str, most: int) -> Goal:
    return Goal(title, kind, f"{value:.1f} {unit}", f"at most {most} {unit}", value <= most)
