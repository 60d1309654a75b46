"""Writes verdicts as a JUnit file, which continuous integration reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from .judging import ERROR, FAILED, NOT_RUN, SKIPPED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from .judging import Verdict

# What XML 1.0 cannot hold, not even as a reference: control codes, surrogates, U+FFFE and U+FFFF.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_ROOT = '<testsuites name="trillet test"'


def is_report(path: Path) -> bool:
    """Whether `write_junit` has written the file."""
    with path.open("rb") as file:
        return _ROOT.encode() in file.read(200)


def write_junit(path: Path, verdicts: Sequence[Verdict], seconds: float) -> None:
    """Writes the file, a suite for each file of conversations."""
    files: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        files.setdefault(verdict.script.file, []).append(verdict)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f'{_ROOT} {_counts(verdicts)} time="{seconds:.3f}">')
    for file, own in files.items():
        longest = max(verdict.seconds for verdict in own)
        lines.append(f'<testsuite name={_attribute(file)} {_counts(own)} time="{longest:.3f}">')
        for verdict in own:
            lines += _case(file, verdict)
        lines.append("</testsuite>")
    lines.append("</testsuites>")
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _counts(verdicts: Iterable[Verdict]) -> str:
    results = [verdict.result for verdict in verdicts]
    skipped = results.count(SKIPPED) + results.count(NOT_RUN)
    return (
        f'tests="{len(results)}" failures="{results.count(FAILED)}" '
        f'errors="{results.count(ERROR)}" skipped="{skipped}"'
    )


def _case(file: str, verdict: Verdict) -> list[str]:
    script = verdict.script
    group = re.sub(r"[/\\]+", ".", file.partition(".test.")[0].lstrip("./\\"))
    lines = [
        f"<testcase name={_attribute(script.name)} classname={_attribute(group)} "
        f'file={_attribute(file)} line="{script.line}" time="{verdict.seconds:.3f}">'
    ]
    if verdict.result == FAILED:
        first = verdict.differences[0]
        told = "\n".join(
            f"{script.file}:{each.line}: expected {each.expected}, found {each.found}"
            for each in verdict.differences
        )
        message = _attribute(f"expected {first.expected}, found {first.found}")
        lines.append(f'<failure message={message} type="expectation">{_text(told)}</failure>')
    elif verdict.result == ERROR:
        lines.append(f'<error message={_attribute(verdict.error)} type="error"/>')
    elif verdict.result in (SKIPPED, NOT_RUN):
        lines.append(f"<skipped message={_attribute(verdict.error or verdict.result)}/>")
    if verdict.heard is not None:
        lines.append(f"<system-out>{_text(verdict.heard.transcript())}</system-out>")
    lines.append("</testcase>")
    return lines


def _legal(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)


def _text(text: str) -> str:
    # A carriage return would be read as a line feed.
    return escape(_legal(text), {"\r": "&#13;"})


def _attribute(text: str) -> str:
    return quoteattr(_legal(text), {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;"})
