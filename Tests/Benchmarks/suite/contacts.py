"""Checking a contact file of 20 MB and 500,000 rows, and uploading it."""

from __future__ import annotations

import json
import pathlib
import random
import subprocess
import sys
import tempfile
from typing import NamedTuple

from suite import machine
from suite.figures import Figure, figure, ratio, short, table, thousandths
from suite.goals import Goal
from suite.settings import HERE, Settings, environment

ROWS = 500_000
# The most that an upload may have.
MOST_BYTES = 20 * 1024 * 1024
BASELINE = "C: libcsv and a test of E.164"
PLAIN = "C: `trillet_csv_check`, without duplicates"
WHOLE = "C: `trillet_csv_check`"
LEAST_SPEED = {PLAIN: 1.5, WHOLE: 0.7}
MOST_KILOBYTES = {PLAIN: 2048, WHOLE: 2048 + ROWS * 16 // 1024}
MOST_KILOBYTES_OF_UPLOAD = 1024

NAMES = ["Ada", "Ben", "Zoë", '"Moss, Cy"', "Dara", "Eva Lind", '"Flo ""F"" Ray"', "Jürgen"]


class Checked(NamedTuple):
    title: str
    seconds: Figure
    kilobytes: Figure
    # How many times as fast as the baseline in the same round.
    speed: Figure


class Contacts(NamedTuple):
    checks: list[Checked]
    upload_kilobytes: Figure


class _Run(NamedTuple):
    seconds: float
    kilobytes: float


def write_file(path: pathlib.Path) -> None:
    """The same at every call."""
    random_ = random.Random(1)
    with path.open("wb") as file:
        size = file.write(b"phone_number,name,email\n")
        for row in range(ROWS):
            # A prime: every number comes once, and neighbours are far apart.
            number = row * 7_368_787 % 100_000_000
            name = random_.choice(NAMES).encode()
            text = b"+44%010d,%b,%06d@x.example\n" % (2_000_000_000 + number, name, row)
            size += file.write(text)
    assert MOST_BYTES * 0.9 < size <= MOST_BYTES, size


def measure(settings: Settings) -> Contacts:
    python, programs = str(settings.python), settings.programs
    own = str(programs / "contacts_trillet")
    script = str(HERE / "contacts.py")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "contacts.csv"
        small = pathlib.Path(folder) / "small.csv"
        write_file(path)
        small.write_text("phone_number\n+12025550164\n")
        always = {
            BASELINE: [str(programs / "contacts_libcsv"), str(path)],
            PLAIN: [own, str(path), "false"],
            WHOLE: [own, str(path), "true"],
        }
        sometimes = {
            "Python: csv and a regular expression": [python, script, "csv", str(path)],
            "Python: pandas": [python, script, "pandas", str(path)],
            "Python: polars": [python, script, "polars", str(path)],
        }
        upload = [str(programs / "contacts_upload"), str(path), str(small)]
        return _rounds(settings, always, sometimes, upload)


def _rounds(
    settings: Settings,
    always: dict[str, list[str]],
    sometimes: dict[str, list[str]],
    upload: list[str],
) -> Contacts:
    runs: dict[str, list[_Run]] = {title: [] for title in {**always, **sometimes}}
    speeds: dict[str, list[float]] = {title: [] for title in runs}
    uploads = []
    shuffle = random.Random(settings.seed).shuffle
    for number in range(settings.rounds):
        commands = always | (sometimes if number % 3 == 0 else {})
        order = list(commands.items())
        shuffle(order)
        found = {title: _run(command, ROWS) for title, command in order}
        for title, run in found.items():
            runs[title].append(run)
            speeds[title].append(found[BASELINE].seconds / run.seconds)
        uploads.append(_run(upload, 0).kilobytes)
    checks = [
        Checked(
            title,
            figure(run.seconds for run in runs[title]),
            figure(run.kilobytes for run in runs[title]),
            figure(speeds[title]),
        )
        for title in runs
    ]
    return Contacts(checks, figure(uploads))


def _run(command: list[str], good: int) -> _Run:
    ended = subprocess.run(
        [*machine.pinned(0), *command],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=120,
    )
    if ended.returncode != 0:
        sys.exit(f"{command} failed:\n{ended.stderr or ended.stdout}")
    found = json.loads(ended.stdout)
    if found["good"] != good:
        sys.exit(f"{command} found {found['good']} good rows, there are {good}")
    return _Run(found["seconds"], found["kilobytes"])


def rows(contacts: Contacts) -> str:
    head = ["program", "CPU ms", "rows/s", "× the speed of the baseline", "MB added at most"]
    lines = [
        [
            f"**{one.title}**" if one.title in LEAST_SPEED else one.title,
            _milliseconds(one.seconds).text(short),
            f"{ROWS / one.seconds.median:,.0f}",
            "baseline" if one.title == BASELINE else one.speed.text(ratio),
            f"{one.kilobytes.median / 1024:.1f}",
        ]
        for one in contacts.checks
    ]
    return table(head, lines)


def goals(contacts: Contacts) -> list[Goal]:
    found = []
    for one in contacts.checks:
        if one.title in LEAST_SPEED:
            least, most = LEAST_SPEED[one.title], MOST_KILOBYTES[one.title]
            speed, kilobytes = one.speed, one.kilobytes
            found += [
                Goal(
                    one.title,
                    "speed, to libcsv",
                    speed.text(thousandths),
                    f"at least {least}",
                    speed.median >= least,
                ),
                _most_kilobytes(one.title, kilobytes.most, most),
            ]
    upload = "`trillet_batch_calls_start` with the file"
    found.append(_most_kilobytes(upload, contacts.upload_kilobytes.most, MOST_KILOBYTES_OF_UPLOAD))
    return found


def _most_kilobytes(title: str, found: float, most: int) -> Goal:
    return Goal(title, "memory", f"{found:,.0f} KB", f"at most {most:,} KB", found <= most)


def _milliseconds(seconds: Figure) -> Figure:
    return Figure(*(value * 1000 for value in seconds))
