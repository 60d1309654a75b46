"""Data frames of pandas and polars: contacts that come from one, and results that become one."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .detailed_call import DetailedCall

LIBRARIES = ("pandas", "polars")
# csv.QUOTE_ALL, without importing csv.
_QUOTE_ALL = 1

# The columns of every file of results, in its order: the name there, and the service's own.
_COLUMNS = {
    "job_id": "jobId",
    "status": "status",
    "phone_number": "phone_number",
    "start_time": "startTime",
    "end_time": "endTime",
    "duration": "duration",
    "error": "error",
}
# Those of results with details.
_DETAILS = {
    "call_id": "callId",
    "outcome": "outcome",
    "transcript": "transcript",
    "summary": "summary",
    "cost": "cost",
    "recording": "recordingUrl",
    "call_history_id": "callHistoryId",
}
_PREFIX = "contact_"


class Frame(Protocol):
    """A data frame of pandas or polars, as far as type checkers are concerned."""

    @property
    def columns(self) -> Any: ...

    @property
    def shape(self) -> tuple[int, int]: ...


def is_frame(value: object) -> bool:
    """Whether it is a data frame, without importing what makes them."""
    kinds = (getattr(sys.modules.get(name), "DataFrame", None) for name in LIBRARIES)
    return any(isinstance(kind, type) and isinstance(value, kind) for kind in kinds)


def csv_text(frame: Any) -> str:
    """The frame as a contact file, without its index."""
    if hasattr(frame, "write_csv"):
        written: str = frame.write_csv()
        return written
    text: str = frame.to_csv(index=False)
    # pandas puts no quotes around a lone "\r": what stands behind it would be called.
    return frame.to_csv(index=False, quoting=_QUOTE_ALL) if "\r" in text else text


def frame_of(calls: Iterable[DetailedCall], library: str | None, has_details: bool = False) -> Any:
    """A data frame of results, with the columns that a file of results has, and those of details.

    Raises:
        ImportError: Neither library is installed, or not the one that was named.
        ValueError: The name is of neither.
    """
    frames = frame_library(library)
    own = {**_COLUMNS, **_DETAILS} if has_details else _COLUMNS
    columns: dict[str, list[Any]] = {name: [] for name in own}
    count = 0
    for count, call in enumerate(calls, 1):
        for name, value in _cells(call, own).items():
            column = columns.setdefault(name, [])
            column.extend([None] * (count - 1 - len(column)))
            column.append(value)
    for column in columns.values():
        column.extend([None] * (count - len(column)))
    if frames.__name__ == "polars":
        series = [_series(frames, name, values) for name, values in columns.items()]
        return frames.DataFrame(series)
    return frames.DataFrame(columns)


def frame_library(name: str | None) -> Any:
    """pandas or polars, whichever is installed or named."""
    if name is not None and name not in LIBRARIES:
        raise ValueError(f"to_dataframe: library is {name!r}; give 'pandas' or 'polars'")
    for each in LIBRARIES if name is None else (name,):
        try:
            return importlib.import_module(each)
        except ImportError:
            continue
    wanted = name or "pandas or polars"
    raise ImportError(f"to_dataframe needs {wanted}: pip install {name or 'pandas'}")


def _cells(call: Mapping[str, Any], own: Mapping[str, str]) -> dict[str, Any]:
    known = {**call, **(call.get("details") or {})}
    cells = {name: known.get(member) for name, member in own.items()}
    metadata = call.get("metadata")
    if isinstance(metadata, dict):
        for name, value in metadata.items():
            cells[_contact_column(name, own)] = value
    return cells


def _contact_column(name: str, own: Mapping[str, str]) -> str:
    """A contact's column that is called like one of the call's gets a prefix, as in a file."""
    rest = name
    while rest.startswith(_PREFIX):
        rest = rest[len(_PREFIX) :]
    return _PREFIX + name if rest in own else name


def _series(polars: Any, name: str, values: list[Any]) -> Any:
    if {type(value) for value in values if value is not None} == {int, float}:
        values = [value if value is None else float(value) for value in values]
    try:
        return polars.Series(name, values, strict=True)
    except TypeError:
        # Values of several types: as text, nothing is lost.
        return polars.Series(name, [value if value is None else str(value) for value in values])
