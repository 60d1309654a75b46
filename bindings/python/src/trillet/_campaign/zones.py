"""The time zones of a number, by its prefix."""

from __future__ import annotations

from functools import lru_cache


def zones_of(phone: str) -> str | None:
    """The zones in which a number in E.164 may ring, with spaces between them; None where nobody
    knows. The longest prefix that the table has counts."""
    table, longest = _table()
    digits = phone[1:]
    for length in range(min(longest, len(digits)), 0, -1):
        zones = table.get(digits[:length])
        if zones is not None:
            return zones
    return None


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, str], int]:
    # Here: who calls at any time needs none of it.
    from .zones_by_prefix import TABLE

    table: dict[str, str] = {}
    zones = ""
    for line in TABLE.splitlines():
        if line.startswith(" "):
            table.update(dict.fromkeys(line.split(), zones))
        elif line.startswith("+"):
            zones += f" {line[1:]}"
        else:
            zones = line
    return table, max(map(len, table))
