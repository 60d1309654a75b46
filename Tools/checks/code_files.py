"""The files of the repository that checks of the code read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def code_files(places: Iterable[str], suffixes: set[str]) -> Iterator[Path]:
    """The files with these endings below these places, without what was built."""
    for name in places:
        place = ROOT / name
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            parts = path.relative_to(ROOT).parts
            hidden = any(part.startswith(".") or part in {"build", "__pycache__"} for part in parts)
            if not hidden and path.suffix in suffixes and path.is_file():
                yield path
