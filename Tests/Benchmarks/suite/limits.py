"""The limits that the project sets itself, beside what was measured."""

from __future__ import annotations

from suite.calls import Comparison
from suite.figures import table, thousandths
from suite.held import Held
from suite.start import Start

# CPU of a request: what is called, by which client, and how many times the baseline's at most.
MOST_CPU = [
    ("`trillet_calls_send`, to C easy", "trillet_blocking", 1.05),
    ("`trillet_submit` with a callback, 64 in flight, to C multi", "trillet_callback", 1.15),
    ("`trillet_submit` and `trillet_next`, 64 in flight, to C multi", "trillet_next", 1.15),
]
# Requests a second: the same, and what part of the baseline's at least.
LEAST_RATE = [
    ("`trillet_calls_send`, to C easy", "trillet_blocking", 0.95),
    ("`trillet_submit` with a callback, 64 in flight, to C multi", "trillet_callback", 0.90),
    ("`trillet_submit` and `trillet_next`, 64 in flight, to C multi", "trillet_next", 0.90),
    ("Python, blocking, to C easy", "with_trillet_one", 0.85),
    ("Python, batch, 64 in flight, to C multi", "with_trillet_batch", 0.60),
    ("Python, asyncio, 64 in flight, to C multi", "with_trillet_many", 0.60),
    ("Python with msgspec, blocking, to C easy", "with_trillet_speedups_one", 0.85),
    ("Python with msgspec, batch, 64 in flight, to C multi", "with_trillet_speedups_batch", 0.60),
    ("Python with msgspec, asyncio, 64 in flight, to C multi", "with_trillet_speedups_many", 0.60),
]
# Over TLS, for both protocols: what is called, by which client, and the most CPU.
MOST_CPU_OVER_TLS = [
    ("`trillet_calls_send`, to C easy", "trillet_blocking", 1.05),
    ("`trillet_submit` with a callback, 64 in flight, to C multi", "trillet_callback", 1.10),
]
LEAST_RATE_OVER_TLS = 0.95
MOST_KILOBYTES_IN_FLIGHT = 8
MOST_KILOBYTES_LOADED = 1024
MOST_MILLISECONDS_OF_IMPORT = 30


def limits(
    comparison: Comparison, held: list[Held], loading: list[Start], imports: list[Start]
) -> str:
    """A table; it takes the clients that were measured, which may be a part of them."""
    rows = []
    for title, key, most in MOST_CPU:
        if (result := comparison.of(key)) is not None:
            ratio = result.cpu_ratio
            verdict = _verdict(ratio.median <= most)
            rows.append([title, "CPU", ratio.text(thousandths), f"at most {most:.2f}", verdict])
    for title, key, least in LEAST_RATE:
        if (result := comparison.of(key)) is not None:
            ratio = result.rate_ratio
            verdict = _verdict(ratio.median >= least)
            rows.append(
                [title, "requests/s", ratio.text(thousandths), f"at least {least:.2f}", verdict]
            )
    plain, own = held
    in_flight = own.kilobytes_each - plain.kilobytes_each
    rows.append(
        _most(
            "a request in flight, beyond libcurl's",
            "memory",
            in_flight,
            "KB",
            MOST_KILOBYTES_IN_FLIGHT,
        )
    )
    curl, library = (start.kilobytes.median for start in loading)
    rows.append(
        _most("loading, beyond libcurl's", "memory", library - curl, "KB", MOST_KILOBYTES_LOADED)
    )
    package = next(start for start in imports if start.title == "trillet")
    rows.append(
        _most(
            "`import trillet`",
            "time",
            package.milliseconds.median,
            "ms",
            MOST_MILLISECONDS_OF_IMPORT,
        )
    )
    return table(["what", "", "measured", "limit", ""], rows)


def over_tls(comparisons: list[Comparison]) -> str:
    """The same for the wires with TLS."""
    rows = []
    for comparison in comparisons:
        for title, key, most in MOST_CPU_OVER_TLS:
            if (result := comparison.of(key)) is None:
                continue
            cpu, rate = result.cpu_ratio, result.rate_ratio
            name = f"{comparison.wire.title}: {title}"
            verdict = _verdict(cpu.median <= most)
            rows.append([name, "CPU", cpu.text(thousandths), f"at most {most:.2f}", verdict])
            least = f"at least {LEAST_RATE_OVER_TLS:.2f}"
            verdict = _verdict(rate.median >= LEAST_RATE_OVER_TLS)
            rows.append([name, "requests/s", rate.text(thousandths), least, verdict])
    return table(["what", "", "measured", "limit", ""], rows)


def _most(title: str, kind: str, value: float, unit: str, most: int) -> list[str]:
    return [title, kind, f"{value:.1f} {unit}", f"at most {most} {unit}", _verdict(value <= most)]


def _verdict(met: bool) -> str:
    return "held" if met else "**missed**"
