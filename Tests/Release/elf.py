"""What a loader sees of a library, as binutils show it."""

from __future__ import annotations

import re
import subprocess
from functools import cached_property
from pathlib import Path


def _shown(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


class Elf:
    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def _dynamic(self) -> str:
        return _shown("readelf", "--wide", "--dynamic", str(self.path))

    @cached_property
    def _symbols(self) -> list[str]:
        return _shown("objdump", "--dynamic-syms", str(self.path)).splitlines()

    @property
    def needed(self) -> list[str]:
        return re.findall(r"\(NEEDED\).*\[(.*)\]", self._dynamic)

    @property
    def name(self) -> str:
        found = re.search(r"\(SONAME\).*\[(.*)\]", self._dynamic)
        assert found, f"{self.path} has no soname"
        return found.group(1)

    @property
    def is_never_unloaded(self) -> bool:
        return "NODELETE" in self._dynamic

    @property
    def exports(self) -> list[str]:
        defined = [line.split() for line in self._symbols if re.match(r"[0-9a-f]{16} g ", line)]
        return [words[-1] for words in defined if not words[-1].startswith("TRILLET_")]

    @property
    def needed_versions(self) -> list[str]:
        """As ``GLIBC_2.17``, of everything that other libraries are to have."""
        text = _shown("readelf", "--wide", "--version-info", str(self.path))
        _, _, needs = text.partition("Version needs section")
        return re.findall(r"Name: (\S+)\s+Flags", needs)

    @property
    def build_id(self) -> str:
        found = re.search(r"Build ID: (\w+)", _shown("readelf", "--notes", str(self.path)))
        assert found, f"{self.path} has no build id"
        return found.group(1)
