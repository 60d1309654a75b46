"""How the command says that it failed: the words and the exit status."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from .. import ContactsError, TrilletError
from .._core.status_line import printable
from .clients import lacks_workspace
from .names import in_command, in_verb

if TYPE_CHECKING:
    import argparse

_STATUSES = {
    "invalid_argument": 2,
    "configuration": 2,
    "authentication": 3,
    "permission": 3,
    "not_found": 4,
    "conflict": 4,
    "rejected": 4,
    "rate_limited": 5,
    "server": 6,
    "timeout": 6,
    "connection": 6,
    "tls": 6,
    "response": 6,
    "cancelled": 6,
}
_NO_WORKSPACE = "TRILLET_WORKSPACE_ID is not set, and no profile names a workspace."
DONE, PROBLEMS, KEY, NOT_FOUND, NOT_DONE, PERHAPS_DONE = 0, 1, 3, 4, 6, 7
MISTAKE, INTERRUPTED = 70, 130
# Of a closed pipe: what a shell calls a program that SIGPIPE ended.
NOBODY_READS = 141


def status_of(error: TrilletError, given: argparse.Namespace) -> int:
    if given.acts and error.sent != "no":
        return PERHAPS_DONE
    # The key of the command. A field of an operation may have the same name.
    if error.type == "configuration" and error.field == "apiKey":
        return KEY
    return _STATUSES.get(error.type, MISTAKE)


def unwritten(given: argparse.Namespace, error: OSError) -> int:
    """Says that a file or standard output failed; the status."""
    acts = given.acts
    told = " The service may have acted: look before you repeat it." if acts else ""
    print(printable(f"trillet: {error}.{told}"), file=sys.stderr)
    return PERHAPS_DONE if acts else NOT_DONE


def outcome_of_interruption(stop: BaseException) -> TrilletError | None:
    """What became of the call that an exception ended: the last of its causes."""
    last = stop
    while last.__cause__ is not None:
        last = last.__cause__
    return last if isinstance(last, TrilletError) else None


def complain(given: argparse.Namespace, error: TrilletError, why: str = "") -> None:
    sys.stdout.flush()

    def own(text: str) -> str:
        # A report has its names already; the rest of it is the file's.
        is_report = isinstance(error, ContactsError)
        if is_report:
            return text
        operation = getattr(given, "verb", None)
        if operation is not None and error.type == "invalid_argument":
            return in_verb(text, operation)
        return in_command(text, starts_batch=given.starts_batch)

    if given.output in ("json", "jsonl"):
        told = {
            "type": error.type,
            "message": own(error.message),
            "details": error.details and own(error.details),
            "code": error.code,
            "field": error.field,
            "status": error.status,
            "sent": error.sent,
            "lookFor": error.look_for and own(error.look_for),
            "retryable": error.retryable,
            "retryAfterMs": error.retry_after_ms,
            "meta": error.meta,
        }
        print(json.dumps({"error": told}), file=sys.stderr)
    else:
        # The service's words for it are those of its headers.
        is_lost = error.status in (400, 403) and lacks_workspace()
        hint = f" {_NO_WORKSPACE}" if is_lost else ""
        print(printable(f"trillet: {why}{own(str(error))}{hint}"), file=sys.stderr)
