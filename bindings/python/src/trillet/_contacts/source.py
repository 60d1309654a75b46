"""What a check of a contact file reads, and that it does not write over it."""

from __future__ import annotations

import os
import re
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from .._model.frames import csv_text, is_frame
from .mistakes import mistake

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .._model.errors import InvalidArgumentError
    from .._model.frames import Frame

_WORKBOOKS = (".xlsx", ".xlsm")
# Of every zip archive, and so of every workbook.
_ARCHIVE = b"PK\x03\x04"


class Source(NamedTuple):
    """A contact file as the library takes it: its path or its text."""

    name: str
    path: str | None
    text: bytes | None
    #: What stands for `path` in messages, where that is not the path that was given.
    shown: str | None = None


def is_workbook(path: str) -> bool:
    return path.lower().endswith(_WORKBOOKS) and os.path.isfile(path)


def looks_like_workbook(text: bytes) -> bool:
    return text.startswith(_ARCHIVE)


def is_text(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _is_path(file: object) -> bool:
    """A path of bytes is one, and text with lines is what should have been given as ``csv``."""
    return isinstance(file, (str, os.PathLike)) or (isinstance(file, bytes) and b"\n" not in file)


@contextmanager
def opened(
    file: Any,
    csv: str | bytes | Frame | None,
    outputs: Mapping[str, Any],
    phone_column: str | None,
    sheet: str | None,
) -> Iterator[Source]:
    """The file or the text, ready for the library.

    Raises:
        InvalidArgumentError: It cannot be read, or one of the outputs is the same file.
    """
    _refuse_unwritable(outputs)
    if (file is None) == (csv is None):
        raise TypeError("check_csv: give a file or csv, one of the two")
    if csv is not None:
        _refuse_sheet(sheet)
        if is_frame(csv):
            yield Source("data frame", None, _encoded(csv_text(csv)))
            return
        if not isinstance(csv, (str, bytes)):
            kind = type(csv).__name__
            raise TypeError(f"check_csv: csv is of type {kind}; give str, bytes or a data frame")
        yield Source("csv", None, _encoded(csv))
    elif not _is_path(file):
        yield _read(file, outputs, phone_column, sheet)
    else:
        path = os.fsdecode(file)
        name = os.path.basename(path) or "file"
        if is_workbook(path):
            yield _workbook(path, name, outputs, phone_column, sheet)
            return
        _refuse_sheet(sheet)
        if is_text(path):
            yield Source(name, path, None)
        else:
            with _descriptor(path) as descriptor:
                yield Source(name, f"/proc/self/fd/{descriptor}", None, _shown(path))


# MARK: Reading


def _read(
    file: Any, outputs: Mapping[str, Any], phone_column: str | None, sheet: str | None
) -> Source:
    read = getattr(file, "read", None)
    if read is None:
        raise TypeError(
            f"check_csv: file is of type {type(file).__name__}; give a path or an open file, "
            "and text or bytes as csv="
        )
    _refuse_overwriting(file, outputs)
    name = getattr(file, "name", None)
    name = os.path.basename(name) if isinstance(name, str) else "file"
    text = _encoded(read())
    if not looks_like_workbook(text):
        _refuse_sheet(sheet)
        return Source(name, None, text)
    from io import BytesIO

    from .workbook import read_workbook

    found = read_workbook(BytesIO(text), name, phone_column, sheet)
    return Source(f"{name} ({found.sheet})", None, found.csv)


def _workbook(
    path: str,
    name: str,
    outputs: Mapping[str, Any],
    phone_column: str | None,
    sheet: str | None,
) -> Source:
    from .workbook import read_workbook

    try:
        book = open(path, "rb")  # noqa: SIM115
    except OSError as error:
        raise _unreadable(path, error) from error
    with book:
        _refuse_overwriting(book, outputs)
        found = read_workbook(book, name, phone_column, sheet)
    return Source(f"{name} ({found.sheet})", None, found.csv)


@contextmanager
def _descriptor(path: str) -> Iterator[int]:
    """The library's options are text, so a name that is none reaches it as a descriptor.

    It stands for the place alone: whether the file may be read is for the library to find out.
    """
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _refuse_sheet(sheet: str | None) -> None:
    if sheet is not None:
        raise mistake("a sheet is given, and the file is no workbook (.xlsx)", "sheet")


def _unreadable(path: str, error: OSError) -> InvalidArgumentError:
    missing = isinstance(error, FileNotFoundError)
    reason = "there is no such file" if missing else str(error.strerror).lower()
    return mistake(f"The file '{_shown(path)}' cannot be read: {reason}", "file")


def _shown(path: str) -> str:
    return path.encode("utf-8", "backslashreplace").decode()


def _encoded(text: str | bytes) -> bytes:
    if isinstance(text, bytes):
        return text
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise mistake(
            f"the text has a lone surrogate at index {error.start}, which is no text",
            "csv",
            "encoding",
        ) from None


# MARK: Outputs


def _refuse_unwritable(outputs: Mapping[str, Any]) -> None:
    """Names of outputs stand in the report, which is text."""
    for option, path in outputs.items():
        name = "" if path is None else os.fsdecode(path)
        if not is_text(name):
            raise mistake(
                f"Option '{option}': the name '{_shown(name)}' is not UTF-8; give another one, "
                "and rename the file afterwards",
                option,
            )


def _refuse_overwriting(reader: Any, outputs: Mapping[str, Any]) -> None:
    """No output may be the file that is being read, under whatever name."""
    try:
        source = os.fstat(reader.fileno())
    except (AttributeError, OSError, ValueError):
        return
    # Anything else takes what is written to it beside what is read.
    if not stat.S_ISREG(source.st_mode):
        return
    for option, path in outputs.items():
        if path is None:
            continue
        for place in _places(option, os.fsdecode(path)):
            if _is(source, place):
                raise mistake(
                    f"Option '{option}' must be another file than 'file'; '{place}' is the same "
                    "one",
                    option,
                )


def _places(option: str, path: str) -> Iterator[str]:
    """The files of an option; of pieces those that are there, however many will be written."""
    head, mark, tail = path.partition("{n}")
    if option != "splitFile" or not mark:
        yield path
        return
    folder, prefix = os.path.split(head)
    number = re.compile(re.escape(prefix) + "([1-9][0-9]*)", re.ASCII)
    try:
        names = os.listdir(folder or ".")
    except OSError:
        return
    for found in filter(None, map(number.match, names)):
        yield head + found[1] + tail


def _is(source: os.stat_result, place: str) -> bool:
    try:
        return os.path.samestat(source, os.stat(place))
    except (OSError, ValueError):
        return False
