"""The long form of test_code_storm.py: hundreds of agents and flows, and dozens of kills.

python soak_code.py --objects 200 --kills 30 --seed 1
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from code_folders import new_sandbox
from code_storm import survives


def main() -> int:
    parser = argparse.ArgumentParser(description="Applies a folder in a storm.")
    parser.add_argument("--objects", type=int, default=200, help="how many agents, and flows")
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--routes", choices=("overview", "published"), default="published")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, new_sandbox("--routes", given.routes) as sandbox:
        result = survives(
            sandbox, Path(folder), given.objects, given.kills, given.seed, given.routes
        )
    print(
        f"{given.objects} agents and {given.objects} flows, seed {given.seed}: each made once, the "
        f"files are the same; {result.kills} kills in {result.runs} runs, {result.faults} requests "
        f"failed, {result.seconds:.0f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
