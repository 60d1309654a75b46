"""The results of a batch, read where the library writes them."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import IO, TYPE_CHECKING

from .._json.encoding import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .._model.detailed_call import DetailedCall


class WrittenCalls:
    """A temporary file of results, which is read while the library writes it."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="trillet-")
        self.path = os.path.join(self._folder, "results.jsonl")
        self._file: IO[bytes] | None = None

    def read(self) -> Iterator[DetailedCall]:
        """The calls that have been written since the last time."""
        if self._file is None:
            try:
                self._file = open(self.path, "rb")  # noqa: SIM115
            except FileNotFoundError:
                return
        for line in self._file:
            call: DetailedCall = read(line)
            yield call

    def remove(self) -> None:
        if self._file is not None:
            self._file.close()
        shutil.rmtree(self._folder, ignore_errors=True)
