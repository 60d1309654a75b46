"""Runs a command against a service that only writes down what it is asked."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from ... import Trillet, TrilletError
from .. import clients
from ..output import write
from .curl import curl
from .recorder import Recorder

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from .recorder import Sent

# Stands where the key would: it never leaves the program, not even to loopback.
_NO_KEY = "dry-run"


def rehearse(given: argparse.Namespace, run: Callable[[argparse.Namespace], int]) -> int:
    """Prints what the command would send, and sends nothing. docs/decisions.md, dry-run-by-loopback

    The library writes the requests, as ever: there is no second description of them.
    """
    merges = bool(getattr(given, "merge", False))
    with Recorder(_document if merges else lambda _: None) as recorder:
        base_url = _base_url()
        path = urlsplit(base_url).path.rstrip("/")
        options = {
            "api_key": _NO_KEY,
            "base_url": recorder.url + path,
            "max_retries": 0,
            "proxy": "",
        }
        with clients.instead(options):
            try:
                status = run(given)
            except TrilletError:
                if not recorder.requests:
                    raise
                status = 0
    for sent in recorder.requests:
        if merges and sent.method != "GET":
            print("# The document that came, with these changes in it:")
        write(curl(sent, base_url, getattr(given, "uploaded", None)) + "\n")
    if not recorder.requests:
        print("trillet: this sends no request", file=sys.stderr)
    return status


def _document(sent: Sent) -> str | None:
    """For a merge: the document that is asked for, with nothing in it but its id."""
    if sent.method != "GET":
        return None
    name = unquote(sent.target.rpartition("/")[2]).replace("\\", "\\\\").replace('"', '\\"')
    return f'{{"_id":"{name}"}}'


def _base_url() -> str:
    """The service's address; a client of it is made, which refuses what a real one would."""
    settings = clients.settings_of_command()
    Trillet(
        settings.api_key.value or _NO_KEY,
        settings.workspace.value,
        base_url=settings.base_url.value,
    ).close(0)
    return settings.url.rstrip("/")
