#!/usr/bin/env python3
"""Compares the library with libcurl alone and with other clients, and writes docs/benchmarks.md.

It prints figures and ratios and fails on none of them: a machine's load is no bug. A run with
--quick or --only leaves docs alone and writes into build/benchmarks/report.
"""

from __future__ import annotations

import argparse
import datetime
import pathlib
import statistics
import sys
import time

from suite import callgrind, calls, contacts, distance, held, limits, machine, nginx, start, tables
from suite.contestants import Group
from suite.report import Report
from suite.settings import ROOT, Settings
from suite.wires import PLAIN, WIRES, Wire

CALLGRIND_PROGRAMS = {"curl_easy": 1, "trillet_blocking": 1, "curl_multi": 64, "trillet_next": 64}


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
        wires=arguments.wires,
        seed=arguments.seed,
        only=arguments.only,
    )


def _wires(text: str) -> tuple[Wire, ...]:
    unknown = [name for name in text.split(",") if name not in WIRES]
    if unknown:
        known = ", ".join(WIRES)
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is no wire; there are {known}")
    return tuple(wire for key, wire in WIRES.items() if key in text.split(","))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="about a minute, rough figures")
    parser.add_argument("--only", default="", help="clients with this in their name")
    parser.add_argument(
        "--wires", type=_wires, default=tuple(WIRES.values()), help=f"of {','.join(WIRES)} (all)"
    )
    parser.add_argument("--rounds", type=int, help="of the close comparisons (15; 12 over TLS)")
    parser.add_argument("--seconds", type=float, help="of each client in a round, about (1)")
    parser.add_argument("--seed", type=int, default=1, help="of the order within a round")
    parser.add_argument("--programs", type=pathlib.Path, default=ROOT / "build/benchmarks")
    arguments = parser.parse_args()
    settings = settings_of(arguments)
    report = Report()
    began = time.monotonic()
    with nginx.running() as server:
        comparisons = []
        for wire in settings.wires:
            print(f"Requests of every client: {wire.title}", flush=True)
            comparisons.append(calls.compare(settings, server, wire))
        imports = []
        if PLAIN in settings.wires:
            print("Imports and first answers", flush=True)
            imports = start.measure_imports(settings, server)
        print("At a distance", flush=True)
        held.raise_file_limit()
        distances = [
            one for wire in settings.wires for one in distance.measure(settings, server, wire)
        ]
    for comparison in comparisons:
        _report_wire(report, comparison)
    report.replace("distance", tables.distances(distances))
    verdicts = [limits.over_tls([one for one in comparisons if one.wire.is_secure])]
    report.replace("limits over TLS", verdicts[0])
    if PLAIN in settings.wires:
        verdicts += _report_rest(settings, report, comparisons[0], imports)
    report.replace("machine", _about(settings, comparisons, time.monotonic() - began))
    # A part of the figures must not stand on the page beside those of another run.
    is_part = arguments.quick or arguments.only or len(settings.wires) < len(WIRES)
    page = report.write(ROOT / "build/benchmarks/report" if is_part else None)

    print(*verdicts, sep="\n")
    print(tables.distances(distances))
    print(f"Written: {page}")


def _report_wire(report: Report, comparison: calls.Comparison) -> None:
    prefix = "" if comparison.wire is PLAIN else f"{comparison.wire.key} "
    report.replace(f"{prefix}one", tables.calls(comparison, Group.ONE))
    report.replace(f"{prefix}many", tables.calls(comparison, Group.MANY))


def _report_rest(
    settings: Settings, report: Report, comparison: calls.Comparison, imports: list[start.Start]
) -> list[str]:
    """What has nothing to do with TLS; returns the tables of its limits."""
    print("Contact files", flush=True)
    checking = contacts.measure(settings)
    print("Loading, requests in flight, instructions", flush=True)
    loading = start.measure_loading(settings)
    holding = held.measure(settings)
    counts = {
        program: callgrind.count(settings.programs, program, in_flight, settings.instruction_calls)
        for program, in_flight in CALLGRIND_PROGRAMS.items()
    }
    verdicts = [
        limits.limits(comparison, holding, loading, imports),
        contacts.limits(checking),
    ]
    report.replace("limits", verdicts[0])
    report.replace("threads", tables.calls(comparison, Group.THREADS))
    report.replace("in flight", tables.held(holding))
    report.replace("contact limits", verdicts[1])
    report.replace("contacts", contacts.rows(checking))
    report.replace("loading", tables.loading(loading))
    report.replace("imports", tables.imports(imports))
    report.replace("instructions", tables.instructions(counts))
    for name, svg in tables.plots(comparison).items():
        report.add_image(name, svg)
    report.add_image("benchmark-start.svg", tables.import_plot(imports))
    return verdicts


def _about(settings: Settings, comparisons: list[calls.Comparison], seconds: float) -> str:
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    foreign = statistics.mean(comparison.foreign_cores for comparison in comparisons)
    return (
        f"Measured on {today} in {seconds / 60:.0f} minutes: {machine.description()};"
        f" {machine.versions()}. {settings.rounds} rounds of about {settings.seconds:g} s a client,"
        f" {settings.tls_rounds} over TLS"
        f" (packages from PyPI, and over TLS everything without a limit: every third round),"
        f" order shuffled with seed {settings.seed}."
        f" Other programs used {foreign:.2f} cores meanwhile."
    )


if __name__ == "__main__":
    main()
