"""A contact file on its way to the service: read once, checked, and sent as it was checked."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ... import check_csv
from .told import RefusedError
from .trimming import harmless

if TYPE_CHECKING:
    from .access import Access
    from .numbers import AllowedNumbers

_LARGEST = 20 * 1024 * 1024
_SHOWN = 5


def contact_text(arguments: dict[str, Any], access: Access) -> str:
    """The text that a request names by `csv` or `file`."""
    if arguments.get("csv") is not None:
        if arguments.get("file") is not None:
            raise RefusedError("Give csv or file, not both; nothing was sent.")
        if not isinstance(arguments["csv"], str):
            raise RefusedError("csv must be a text; nothing was sent.")
        return arguments["csv"]
    return read_file(arguments.get("file"), access).decode("utf-8-sig", "replace")


def read_file(name: object, access: Access) -> bytes:
    with path_within(name, access).open("rb") as file:
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise RefusedError("The file has more than 20 MB; nothing was sent.")
    return content


def path_within(name: object, access: Access) -> Path:
    """A file of the folder that --files names, wherever links in it lead."""
    if access.files is None or not isinstance(name, str) or not name or "\0" in name:
        raise RefusedError(
            "There is no such file here. Give the contacts as csv, or start the server with "
            "--files FOLDER and name a file in it; nothing was sent."
        )
    folder = access.files.resolve()
    path = (folder / name).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        raise RefusedError(
            f"'{harmless(name)[:200]}' is no file of the folder that this server may read; "
            "nothing was sent."
        )
    return path


class CheckedContacts:
    """The rows that can be called, and nothing but those that may be."""

    def __init__(self, text: str, numbers: AllowedNumbers) -> None:
        with tempfile.TemporaryDirectory() as folder:
            accepted = os.path.join(folder, "accepted.csv")
            report = check_csv(csv=text, accepted_file=accepted)
            if not report.valid:
                raise RefusedError(f"The contacts have problems; nothing was sent.\n{report}")
            self.text = Path(accepted).read_text(encoding="utf-8")
        try:
            self.numbers = [
                row["phone_number"] for row in csv.DictReader(io.StringIO(self.text, newline=""))
            ]
        except csv.Error as error:
            raise RefusedError(
                f"The contacts cannot be read: {error}. Nobody was called."
            ) from None
        twice = next((each for each, n in Counter(self.numbers).items() if n > 1), None)
        if twice is not None:
            raise RefusedError(
                f"{twice} stands in more than one row, and its phone would ring for each. "
                "Nobody was called."
            )
        others = [number for number in self.numbers if not numbers.allows(number)]
        if others or not self.numbers:
            shown = ", ".join(harmless(str(each)) for each in others[:_SHOWN])
            raise RefusedError(
                f"{len(others)} of {len(self.numbers)} numbers are not on the list of those that "
                f"this server may call (--allow-calls): {shown}. Nobody was called."
            )
