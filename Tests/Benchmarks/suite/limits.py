"""The limits that the project sets itself, beside what was measured."""

from __future__ import annotations

from suite.calls import Comparison
from suite.figures import table
from suite.held import Held
from suite.start import Start

# What is compared, with which client, by which ratio, and the limit.
RATIOS = [
    ("CPU of a request, blocking, to C easy", "trillet_blocking", "cpu", 1.05),
    ("CPU, 64 in flight with a callback, to C multi", "trillet_callback", "cpu", 1.15),
    ("CPU, 64 in flight with `trillet_next`, to C multi", "trillet_next", "cpu", 1.15),
    ("requests a second, blocking, to C easy", "trillet_blocking", "rate", 0.95),
    ("requests a second, 64 in flight with a callback", "trillet_callback", "rate", 0.90),
    ("requests a second, 64 in flight with `trillet_next`", "trillet_next", "rate", 0.90),
    ("Python, requests a second, blocking, to C easy", "with_trillet_one", "rate", 0.85),
    ("Python, batch of 64 in flight, to C multi", "with_trillet_batch", "rate", 0.60),
    ("Python, asyncio, 64 in flight, to C multi", "with_trillet_many", "rate", None),
]
MOST_KILOBYTES_IN_FLIGHT = 8.0
MOST_KILOBYTES_LOADED = 1024.0
MOST_MILLISECONDS_OF_IMPORT = 30.0


def limits(
    comparison: Comparison, held: list[Held], loading: list[Start], imports: list[Start]
) -> str:
    rows = []
    for title, key, kind, limit in RATIOS:
        result = comparison.of(key)
        if result is None:
            continue
        ratio = result.cpu_ratio if kind == "cpu" else result.rate_ratio
        bound = "" if limit is None else f"at {'most' if kind == 'cpu' else 'least'} {limit:.2f}"
        met = limit is None or (ratio.median <= limit if kind == "cpu" else ratio.median >= limit)
        rows.append([title, ratio.text(".3f"), bound, _verdict(met) if limit else ""])
    if len(held) == 2:
        extra = held[1].kilobytes_each - held[0].kilobytes_each
        rows.append(
            _most(
                "memory of a request in flight beyond libcurl's",
                extra,
                MOST_KILOBYTES_IN_FLIGHT,
                "KB",
            )
        )
    if len(loading) == 2:
        extra = loading[1].kilobytes.median - loading[0].kilobytes.median
        rows.append(_most("memory of loading beyond libcurl's", extra, MOST_KILOBYTES_LOADED, "KB"))
    own = next((start for start in imports if start.title == "trillet"), None)
    if own is not None:
        rows.append(
            _most("`import trillet`", own.milliseconds.median, MOST_MILLISECONDS_OF_IMPORT, "ms")
        )
    return table(["what", "measured", "limit", ""], rows)


def _most(title: str, value: float, limit: float, unit: str) -> list[str]:
    return [title, f"{value:.1f} {unit}", f"at most {limit:.0f} {unit}", _verdict(value <= limit)]


def _verdict(met: bool) -> str:
    return "held" if met else "**missed**"
