"""``trillet doctor``: whether this machine can use the service, and what to do where not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .._core.status_line import printable
from .adding import add_command

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from .findings import Finding

_WIDTH = 14


def add_doctor(commands: Any) -> None:
    summary = "look whether this machine can use the service"
    add_command(commands, "doctor", doctor, summary, example="trillet doctor --json")


def doctor(given: argparse.Namespace) -> int:
    """Prints a line for each thing looked at; 1 if one of them is a problem."""
    findings: list[Finding] = []
    for finding in _findings():
        findings.append(finding)
        if given.output != "json":
            print(_line(finding), flush=True)
    problems = sum(finding.state == "problem" for finding in findings)
    if given.output == "json":
        checks = [finding._asdict() for finding in findings]
        print(json.dumps({"ok": problems == 0, "checks": checks}, ensure_ascii=False))
    elif problems:
        print(f"\n{problems} problem{'s' if problems > 1 else ''} found.")
    else:
        print("\nNo problem found.")
    return 1 if problems else 0


def _findings() -> Iterator[Finding]:
    # Here: every other command starts without what these need.
    from .findings import machine_findings
    from .profiles.settings import DEFAULT_URL
    from .service_findings import service_findings
    from .setting_findings import settled, webhook_finding

    settings, told = settled()
    yield from machine_findings(DEFAULT_URL if settings is None else settings.url)
    yield from told
    if settings is not None:
        yield from service_findings(settings)
    yield webhook_finding()


def _line(finding: Finding) -> str:
    state = finding.state
    line = f"{state:<8} {finding.name:<{_WIDTH}} {finding.found}"
    if finding.advice:
        line += f"\n{'':<8} {'':<{_WIDTH}} {finding.advice}"
    return printable(line)
