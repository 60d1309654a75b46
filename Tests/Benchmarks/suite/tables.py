"""The tables and plots of the report."""

from __future__ import annotations

from suite.callgrind import Instructions
from suite.calls import Comparison, Result
from suite.contestants import BASELINES, Group
from suite.distance import IN_FLIGHT, Distance
from suite.figures import ratio, short, table
from suite.held import Held
from suite.plot import Dot, Panel, draw
from suite.start import Start

HEAD = [
    "client",
    "requests/s",
    "of the baseline",
    "CPU s per 10,000",
    "× baseline",
    "p50 ms",
    "p99 ms",
    "peak MB",
    "connections",
    "server's core",
]


def calls(comparison: Comparison, group: Group) -> str:
    return table(HEAD, [_row(result) for result in _sorted(comparison, group)])


def _row(result: Result) -> list[str]:
    contestant = result.contestant
    baseline = contestant.key == BASELINES[contestant.group]
    title = f"**{contestant.title}**" if contestant.is_own or baseline else contestant.title
    return [
        f"{contestant.language}: {title}",
        result.per_second.text(short),
        "baseline" if baseline else result.rate_ratio.text(ratio),
        f"{result.cpu_seconds.median:.3f}",
        "baseline" if baseline else result.cpu_ratio.text(ratio),
        "–" if result.p50 is None else f"{result.p50:.3f}",
        "–" if result.p99 is None else f"{result.p99:.3f}",
        f"{result.megabytes:.0f}",
        str(result.connections),
        f"{result.server_share * 100:.0f} %",
    ]


def _sorted(comparison: Comparison, group: Group) -> list[Result]:
    """The baseline first, then the cheapest."""
    own = [result for result in comparison.results if result.contestant.group is group]
    return sorted(
        own,
        key=lambda result: (result.contestant.key != BASELINES[group], result.cpu_seconds.median),
    )


def _plain(title: str) -> str:
    return title.replace("`", "")


def plots(comparison: Comparison) -> dict[str, str]:
    def dots(group: Group, kind: str) -> list[Dot]:
        return [
            Dot(
                _plain(f"{result.contestant.language}: {result.contestant.title}"),
                result.per_second if kind == "rate" else result.cpu_seconds,
                _kind(result),
            )
            for result in _sorted(comparison, group)
        ]

    groups = [Group.ONE, Group.MANY]
    return {
        "benchmark-rate.svg": draw(
            "Requests a second (more is better)",
            "median, least and most; logarithmic",
            [Panel(group.value, dots(group, "rate")) for group in groups],
        ),
        "benchmark-cpu.svg": draw(
            "CPU seconds of the client for 10,000 requests (less is better)",
            "median, least and most; logarithmic",
            [Panel(group.value, dots(group, "cpu")) for group in groups],
        ),
    }


def _kind(result: Result) -> str:
    if result.contestant.key in BASELINES.values():
        return "baseline"
    return "own" if result.contestant.is_own else "other"


def distances(found: list[Distance]) -> str:
    rows = [
        [
            one.wire.title,
            f"{one.delay} ms",
            one.title,
            f"{one.first_milliseconds.median:.0f}",
            *(_crowd(one, in_flight) for in_flight in IN_FLIGHT),
        ]
        for one in found
    ]
    each = [f"requests/s, {in_flight:,} in flight (connections)" for in_flight in IN_FLIGHT]
    return table(["wire", "each way", "client", "first answer, ms", *each], rows)


def _crowd(one: Distance, in_flight: int) -> str:
    crowd = one.crowds.get(in_flight)
    if crowd is None:
        return "–"
    return f"{short(crowd.per_second.median)} ({crowd.connections:,})"


def held(programs: list[Held]) -> str:
    rows = [
        [
            one.title,
            f"{one.requests:,}",
            f"{one.before / 1024:.1f}",
            f"{one.during / 1024:.1f}",
            f"{one.kilobytes_each:.2f}",
        ]
        for one in programs
    ]
    head = ["program", "in flight", "MB before", "MB with all in flight", "KB for each"]
    return table(head, rows)


def loading(starts: list[Start]) -> str:
    rows = [
        [one.title, one.milliseconds.text(short), f"{one.kilobytes.median:,.0f}"] for one in starts
    ]
    return table(["C program that loads", "ms", "KB gained"], rows)


def imports(starts: list[Start]) -> str:
    rows = [
        [
            one.title,
            one.milliseconds.text(short) if one.first_milliseconds else "–",
            f"{one.kilobytes.median / 1024:.1f}",
            "" if one.first_milliseconds is None else f"{one.first_milliseconds.median:,.0f}",
            "" if one.first_kilobytes is None else f"{one.first_kilobytes.median / 1024:.1f}",
        ]
        for one in starts
    ]
    head = ["package", "import, ms", "MB after it", "import to first answer, ms", "MB after it"]
    return table(head, rows)


def import_plot(starts: list[Start]) -> str:
    def dots(kind: str) -> list[Dot]:
        found = []
        for one in starts:
            figure = one.milliseconds if kind == "import" else one.first_milliseconds
            if figure is not None and one.title != "bare Python":
                own = "own" if one.title.startswith("trillet") else "other"
                found.append(Dot(one.title, figure, own))
        return sorted(found, key=lambda dot: dot.figure.median)

    return draw(
        "Starting a Python client (less is better)",
        "milliseconds: median, least and most; logarithmic",
        [Panel("import", dots("import")), Panel("import to the first answer", dots("first"))],
    )


def instructions(counts: dict[str, Instructions]) -> str:
    rows = []
    for title, ours, theirs in (
        ("one request, blocking", "trillet_blocking", "curl_easy"),
        ("64 in flight, `trillet_submit` and `trillet_next`", "trillet_next", "curl_multi"),
        ("the same with engine `caller`", "trillet_next_driven", "curl_multi"),
        (
            "64 in flight, engine `caller` with a callback",
            "trillet_callback_driven",
            "curl_multi",
        ),
    ):
        mine, plain = counts[ours], counts[theirs]
        rows.append(
            [
                title,
                f"{plain.total:,.0f}",
                f"{mine.total:,.0f}",
                f"{mine.total / plain.total:.3f}",
                f"{mine.own:,.0f}",
            ]
        )
    head = ["call", "libcurl alone", "libtrillet", "ratio", "of these in libtrillet's own code"]
    return table(head, rows)
