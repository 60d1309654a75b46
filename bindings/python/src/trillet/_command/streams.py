"""The command's standard streams, also where they are closed, or take not every letter."""

from __future__ import annotations

import io
import os
import sys


def prepare_streams() -> None:
    """Before anything is sent: an answer that cannot be printed is lost."""
    if None in (sys.stdin, sys.stdout, sys.stderr):
        _open_closed()
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")


def _open_closed() -> None:
    # Else a connection gets such a number, and what is printed goes to the service.
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        continue
    os.close(descriptor)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def drop_output() -> None:
    """Python would complain about what it cannot write again when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
