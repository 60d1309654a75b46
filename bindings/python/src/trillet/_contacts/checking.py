"""Has the library check what was given, and answers its report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._json.encoding import read, write
from .._model.errors import ContactsError, from_answer
from .._model.report import CsvReport
from .._native.library import load
from .mistakes import OPERATION
from .source import Source, opened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._model.frames import Frame


def checked(
    file: Any,
    csv: str | bytes | Frame | None,
    sheet: str | None,
    options: dict[str, Any],
    outputs: Sequence[str],
) -> CsvReport:
    """The report on a file or a text, with the options under the library's names."""
    written = {name: options[name] for name in outputs}
    with opened(file, csv, written, options["phoneColumn"], sheet) as source:
        return CsvReport(source.name, _answer(source, options), ContactsError)


def _answer(source: Source, options: dict[str, Any]) -> dict[str, Any]:
    given = {key: value for key, value in options.items() if value is not None}
    if source.path is not None:
        given["file"] = source.path
    text = source.text
    encoded = write(given, OPERATION)
    answer = read(load().text("trillet_csv_check", text, len(text or b""), encoded))
    if answer["ok"]:
        data: dict[str, Any] = answer["data"]
        return data
    if source.path is not None and source.shown is not None:
        error = answer["error"]
        error["message"] = error["message"].replace(source.path, source.shown)
    raise from_answer(answer)
