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

from suite import callgrind, calls, contacts, held, limits, machine, nginx, start, tables
from suite.contestants import Group
from suite.report import Report
from suite.settings import ROOT, Settings

CALLGRIND_PROGRAMS = {"curl_easy": 1, "trillet_blocking": 1, "curl_multi": 64, "trillet_next": 64}


def settings_of(arguments: argparse.Namespace) -> Settings:
    quick: bool = arguments.quick
    return Settings(
        programs=arguments.programs,
        python=pathlib.Path(sys.executable),
        rounds=arguments.rounds or (2 if quick else 15),
        seconds=arguments.seconds or (0.2 if quick else 1.0),
        starts=2 if quick else 21,
        first_answers=1 if quick else 5,
        held=1_000 if quick else 10_000,
        instruction_calls=128 if quick else 1_280,
        seed=arguments.seed,
        only=arguments.only,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="about a minute, rough figures")
    parser.add_argument("--only", default="", help="clients with this in their name")
    parser.add_argument("--rounds", type=int, help="of the close comparisons (15)")
    parser.add_argument("--seconds", type=float, help="of each client in a round, about (1)")
    parser.add_argument("--seed", type=int, default=1, help="of the order within a round")
    parser.add_argument("--programs", type=pathlib.Path, default=ROOT / "build/benchmarks")
    arguments = parser.parse_args()
    settings = settings_of(arguments)
    report = Report()
    began = time.monotonic()

    with nginx.running() as server:
        print("Requests of every client", flush=True)
        comparison = calls.compare(settings, server)
        print("Imports and first answers", flush=True)
        imports = start.measure_imports(settings, server)
    print("Contact files", flush=True)
    checking = contacts.measure(settings)
    print("Loading, requests in flight, instructions", flush=True)
    loading = start.measure_loading(settings)
    holding = held.measure(settings)
    counts = {
        program: callgrind.count(settings.programs, program, in_flight, settings.instruction_calls)
        for program, in_flight in CALLGRIND_PROGRAMS.items()
    }

    report.replace("machine", _about(settings, comparison, time.monotonic() - began))
    report.replace("limits", limits.limits(comparison, holding, loading, imports))
    report.replace("one", tables.calls(comparison, Group.ONE))
    report.replace("many", tables.calls(comparison, Group.MANY))
    report.replace("threads", tables.calls(comparison, Group.THREADS))
    report.replace("in flight", tables.held(holding))
    report.replace("contact limits", contacts.limits(checking))
    report.replace("contacts", contacts.rows(checking))
    report.replace("loading", tables.loading(loading))
    report.replace("imports", tables.imports(imports))
    report.replace("instructions", tables.instructions(counts))
    for name, svg in tables.plots(comparison).items():
        report.add_image(name, svg)
    report.add_image("benchmark-start.svg", tables.import_plot(imports))
    rough = arguments.quick or arguments.only
    page = report.write(ROOT / "build/benchmarks/report" if rough else None)

    print(limits.limits(comparison, holding, loading, imports))
    print(contacts.limits(checking))
    print(f"Written: {page}")


def _about(settings: Settings, comparison: calls.Comparison, seconds: float) -> str:
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    return (
        f"Measured on {today} in {seconds / 60:.0f} minutes: {machine.description()};"
        f" {machine.versions()}. {settings.rounds} rounds of about {settings.seconds:g} s a client"
        f" (packages from PyPI: every third round), order shuffled with seed {settings.seed}."
        f" Other programs used {comparison.foreign_cores:.2f} cores meanwhile."
    )


if __name__ == "__main__":
    main()
