"""What the command ``trillet batch start`` uploads, and what it takes for a batch's id."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from .._contacts.source import is_text, is_workbook, looks_like_workbook
from .._model.errors import ResponseError

if TYPE_CHECKING:
    import argparse

_LONGEST_ANSWER = 200


def is_changed(given: argparse.Namespace, file: str) -> bool:
    # Without the lengths, the library would not look at the file again when it sends it.
    return bool(
        given.convert
        or given.phone_column
        or given.assume_country
        or given.no_lengths
        or is_workbook(file)
        or not is_text(file)
    )


def kept(folder: str) -> str:
    """Standard input as a file: it is read once, and checked, sent and sent again."""
    text = sys.stdin.buffer.read()
    ending = "xlsx" if looks_like_workbook(text) else "csv"
    path = os.path.join(folder, f"contacts.{ending}")
    with open(path, "wb") as copy:
        copy.write(text)
    return path


def sent_name(file: str, is_csv: bool) -> str:
    """What the service is to call the file; a name that is no text, as far as it is one."""
    name = os.path.basename(file)
    if is_csv:
        name = os.path.splitext(name)[0] + ".csv"
    return name.encode("utf-8", "replace").decode()


def batch_id(batch: Any) -> str:
    """The id of a batch that was started.

    Raises:
        ResponseError: There is none. A script that went on with something else in its place would
            follow a batch that is not there, or start this one again.
    """
    found = batch.get("batchId") if isinstance(batch, dict) else None
    problem = "the answer has no batchId"
    if isinstance(found, str) and found.strip():
        # One with a line break would be two lines to a script.
        if found.isprintable():
            return found
        problem = "the answer's batchId has a control character"
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    raise ResponseError(
        f"{problem}: " + json.dumps(batch, ensure_ascii=False)[:_LONGEST_ANSWER],
        sent="maybe",
        look_for=(
            "The batch may be running, and its id is not known. Before starting it again, look in "
            "the service's call history for calls to numbers of the file."
        ),
        meta={"operation": "batch_calls.start", "attempts": 1},
    )
