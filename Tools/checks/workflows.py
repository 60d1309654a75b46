"""Checks what .github/workflows promise beyond their schema; the schema is check-jsonschema's.

python Tools/checks/workflows.py    # ends with 1 and a line for each fault
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import yaml
from code_files import ROOT

FOLDER = ROOT / ".github/workflows"
MAKEFILES = [ROOT / "Makefile", *sorted((ROOT / "Tools/make").glob("*.mk"))]
# A tag can be moved to other code; a commit cannot. The comment says which release it is.
PINNED = re.compile(r"uses: [\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
# What may ask for more than reading, and for what.
MORE = {
    "actions/attest-build-provenance": {"id-token", "attestations"},
    "pypa/gh-action-pypi-publish": {"id-token"},
    "gh release create": {"contents"},
}
EVENTS = {"push", "pull_request"}


def names_of(step: dict[str, Any]) -> set[str]:
    """What a step uses that may ask for more."""
    return {name for name in MORE if name in step.get("uses", "") + step.get("run", "")}


def faults_of_script(script: str, targets: set[str]) -> Iterator[str]:
    if "${{" in script:
        yield "a script takes an expression, which can hold commands: use env"
    if subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True).returncode:
        yield f"bash cannot read: {script}"
    for target in re.findall(r"(?:^|\(|&& )make (?:-s )?([a-z][a-z-]*)", script, re.MULTILINE):
        if target not in targets:
            yield f"no Makefile has the target {target}"


def faults_of_job(job: dict[str, Any], targets: set[str]) -> Iterator[str]:
    if not isinstance(job.get("timeout-minutes"), int):
        yield "has no timeout-minutes"
    steps: list[dict[str, Any]] = job["steps"]
    needed = {asked for step in steps for name in names_of(step) for asked in MORE[name]}
    asked = {name for name, access in job.get("permissions", {}).items() if access == "write"}
    if asked != needed:
        yield f"may write {sorted(asked)}, and needs {sorted(needed)}"
    for step in steps:
        uses, given = step.get("uses", ""), step.get("with", {})
        if "actions/checkout@" in uses and given.get("persist-credentials") is not False:
            yield "a checkout keeps its token: persist-credentials: false"
        if "pypi-publish@" in uses and "password" in given:
            yield "PyPI is given a password, and not an identity"
        yield from faults_of_script(step.get("run", ""), targets)


def faults_of_file(text: str, targets: set[str]) -> Iterator[str]:
    for line in text.splitlines():
        if "uses:" in line and not PINNED.search(line):
            yield f"is not pinned to a commit with its release: {line.strip()}"
    if "secrets." in text:
        yield "uses a secret that is kept; a job has github.token and its identity"
    workflow: dict[Any, Any] = yaml.safe_load(text)
    # YAML reads the key `on` as true.
    if others := set(workflow[True]) - EVENTS:
        yield f"runs on {sorted(others)}, and strangers may cause that"
    if workflow.get("permissions") != {"contents": "read"}:
        yield "does not begin with permissions: contents: read"
    for name, job in workflow["jobs"].items():
        yield from (f"{name}: {fault}" for fault in faults_of_job(job, targets))


def main() -> int:
    rules = "\n".join(file.read_text(encoding="utf-8") for file in MAKEFILES)
    targets = set(re.findall(r"^([a-z][a-z-]*):(?!=)", rules, re.MULTILINE))
    faults = [
        f"{file.relative_to(ROOT)}: {fault}"
        for file in sorted(FOLDER.glob("*.yml"))
        for fault in faults_of_file(file.read_text(encoding="utf-8"), targets)
    ]
    print("\n".join(faults) or "workflows: pinned, with the least permissions")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
