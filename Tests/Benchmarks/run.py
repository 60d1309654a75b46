#!/usr/bin/env python3
"""Compares the library with libcurl alone and with other clients, and writes docs/benchmarks.md.

It prints figures and ratios and fails on none of them: a machine's load is no bug. A run with
--quick or --only leaves docs alone and writes into build/benchmarks/report.
"""

from __future__ import annotations

import argparse
import datetime
import pathlib
import sys
import time

from suite import (
    callgrind,
    calls,
    contacts,
    crowd,
    distance,
    held,
    limits,
    machine,
    nginx,
    start,
    tables,
)
from suite.contestants import PROGRAMS, Group
from suite.goals import Goal, goals_table, missed
from suite.report import Report
from suite.selection import PARTS, selection
from suite.settings import ROOT, CrowdSize, Settings
from suite.wires import PLAIN, WIRES, Wire

CALLGRIND_PROGRAMS = {
    **{"curl_easy": 1, "trillet_blocking": 1, "curl_multi": 64, "trillet_next": 64},
    **{"trillet_next_driven": 64, "trillet_callback_driven": 64},
}


def settings_of(arguments: argparse.Namespace) -> Settings:
    quick: bool = arguments.quick
    return Settings(
        programs=arguments.programs,
        python=pathlib.Path(sys.executable),
        rounds=arguments.rounds or (2 if quick else 15),
        tls_rounds=arguments.rounds or (2 if quick else 12),
        seconds=arguments.seconds or (0.2 if quick else 1.0),
        starts=2 if quick else 21,
        first_answers=1 if quick else 5,
        held=1_000 if quick else 10_000,
        instruction_calls=128 if quick else 1_280,
        distance_rounds=1 if quick else 3,
        distance_seconds=0.2 if quick else 0.5,
        crowds=_crowds(quick, arguments.rounds),
        wires=arguments.wires,
        seed=arguments.seed,
        only=selection(arguments.only, [key for key, _, _ in PROGRAMS]),
    )


def _crowds(quick: bool, rounds: int | None) -> tuple[CrowdSize, ...]:
    """With 10,000 a call takes libcurl half a millisecond, so few rounds take long."""
    if quick:
        sizes = CrowdSize(1_000, 4_000, 1), CrowdSize(4_000, 8_000, 1)
    else:
        sizes = CrowdSize(1_000, 20_000, 3), CrowdSize(10_000, 10_000, 2)
    most = rounds or max(size.rounds for size in sizes)
    return tuple(size._replace(rounds=min(size.rounds, most)) for size in sizes)


def _wires(text: str) -> tuple[Wire, ...]:
    unknown = [name for name in text.split(",") if name not in WIRES]
    if unknown:
        known = ", ".join(WIRES)
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is no wire; there are {known}")
    return tuple(wire for key, wire in WIRES.items() if key in text.split(","))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="some minutes, rough figures")
    parser.add_argument(
        "--only",
        default="",
        help=f"of {','.join(PARTS)}, and clients with this in their name, such as crowd,driven",
    )
    parser.add_argument(
        "--wires", type=_wires, default=tuple(WIRES.values()), help=f"of {','.join(WIRES)} (all)"
    )
    parser.add_argument("--rounds", type=int, help="of the close comparisons (15; 12 over TLS)")
    parser.add_argument("--seconds", type=float, help="of each client in a round, about (1)")
    parser.add_argument("--seed", type=int, default=1, help="of the order within a round")
    parser.add_argument("--programs", type=pathlib.Path, default=ROOT / "build/benchmarks")
    return parser


def main() -> None:
    parser = _parser()
    arguments = parser.parse_args()
    try:
        settings = settings_of(arguments)
    except ValueError as error:
        parser.error(str(error))
    report = Report()
    began = time.monotonic()
    busy, ours = machine.busy_seconds(), machine.own_seconds()
    goals = _measure_with_nginx(settings, report) + _measure_rest(settings, report)
    seconds = time.monotonic() - began
    foreign = machine.busy_seconds() - busy - (machine.own_seconds() - ours)
    report.replace("machine", _about(settings, seconds, max(0.0, foreign / seconds)))
    # A part of the figures must not stand on the page beside those of another run.
    is_part = arguments.quick or not settings.only.is_everything or len(settings.wires) < len(WIRES)
    page = report.write(ROOT / "build/benchmarks/report" if is_part else None)

    print(goals_table(goals))
    print(missed(goals))
    print(f"Written: {page}")


def _measure_with_nginx(settings: Settings, report: Report) -> list[Goal]:
    """Rates, starts and distances; returns the goals of what ran."""
    if not any(settings.only.has(part) for part in ("calls", "start", "distance")):
        return []
    goals = []
    with nginx.running() as server:
        if settings.only.has("calls"):
            goals += _measure_calls(settings, report, server)
        if settings.only.has("start") and PLAIN in settings.wires:
            print("Loading, imports and first answers", flush=True)
            loading = start.measure_loading(settings)
            imports = start.measure_imports(settings, server)
            report.replace("loading", tables.loading(loading))
            report.replace("imports", tables.imports(imports))
            report.add_image("benchmark-start.svg", tables.import_plot(imports))
            starting = limits.of_starting(loading, imports)
            report.replace("start limits", goals_table(starting))
            goals += starting
        if settings.only.has("distance"):
            print("At a distance", flush=True)
            held.raise_file_limit()
            found = [
                one for wire in settings.wires for one in distance.measure(settings, server, wire)
            ]
            report.replace("distance", tables.distances(found))
            print(tables.distances(found))
    return goals


def _measure_calls(settings: Settings, report: Report, server: nginx.Nginx) -> list[Goal]:
    plain, secure = [], []
    for wire in settings.wires:
        print(f"Requests of every client: {wire.title}", flush=True)
        comparison = calls.compare(settings, server, wire)
        prefix = "" if wire is PLAIN else f"{wire.key} "
        report.replace(f"{prefix}one", tables.calls(comparison, Group.ONE))
        report.replace(f"{prefix}many", tables.calls(comparison, Group.MANY))
        if wire is PLAIN:
            plain = limits.of_calls(comparison)
            report.replace("threads", tables.calls(comparison, Group.THREADS))
            for name, svg in tables.plots(comparison).items():
                report.add_image(name, svg)
        else:
            secure += limits.of_calls(comparison)
    report.replace("limits", goals_table(plain))
    report.replace("limits over TLS", goals_table(secure))
    return plain + secure


def _measure_rest(settings: Settings, report: Report) -> list[Goal]:
    """What has nothing to do with TLS; returns the goals of what ran."""
    if PLAIN not in settings.wires:
        return []
    goals = []
    if settings.only.has("crowd"):
        print("Thousands in flight", flush=True)
        crowds = crowd.measure(settings)
        report.replace("crowd", crowd.rows(crowds))
        report.replace("crowd limits", goals_table(crowd.goals(crowds)))
        print(crowd.rows(crowds))
        goals += crowd.goals(crowds)
    if settings.only.has("contacts"):
        print("Contact files", flush=True)
        checking = contacts.measure(settings)
        report.replace("contact limits", goals_table(contacts.goals(checking)))
        report.replace("contacts", contacts.rows(checking))
        goals += contacts.goals(checking)
    if settings.only.has("memory"):
        print("Memory of requests in flight", flush=True)
        holding = held.measure(settings)
        report.replace("in flight", tables.held(holding))
        report.replace("in flight limits", goals_table(limits.of_memory(holding)))
        goals += limits.of_memory(holding)
    if settings.only.has("instructions"):
        print("Instructions", flush=True)
        counts = {
            program: callgrind.count(
                settings.programs, program, in_flight, settings.instruction_calls
            )
            for program, in_flight in CALLGRIND_PROGRAMS.items()
        }
        report.replace("instructions", tables.instructions(counts))
    return goals


def _about(settings: Settings, seconds: float, foreign: float) -> str:
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    crowds = " and ".join(
        f"{one.rounds} with {one.in_flight:,} in flight" for one in settings.crowds
    )
    return (
        f"Measured on {today} in {seconds / 60:.0f} minutes: {machine.description()};"
        f" {machine.versions()}. {settings.rounds} rounds of about {settings.seconds:g} s a client,"
        f" {settings.tls_rounds} over TLS, {crowds}"
        f" (packages from PyPI without a limit, and over TLS everything without one: every third"
        f" round), order shuffled with seed {settings.seed}."
        f" Other programs used {foreign:.2f} cores meanwhile."
    )


if __name__ == "__main__":
    main()
