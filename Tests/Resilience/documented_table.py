"""A table that stands in a document and is measured by a test."""

from __future__ import annotations

from pathlib import Path

_DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "resilience.md"


def compare_with_document(table: str, begin: str, end: str, *, writes: bool) -> None:
    """Holds the table against what is between the two marks, or writes it there."""
    before, found, rest = _DOCUMENT.read_text("utf-8").partition(begin)
    written, closed, after = rest.partition(end)
    assert found
    assert closed
    if writes:
        _DOCUMENT.write_text(before + begin + table + end + after, "utf-8")
    else:
        assert written == table, "run pytest with --write-table"
