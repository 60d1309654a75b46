"""The check of a contact file, before anybody is called."""

from __future__ import annotations

from ._contacts.check import check_csv
from ._model.errors import ContactsError
from ._model.report import CsvCountry, CsvProblem, CsvReport

__all__ = ["ContactsError", "CsvCountry", "CsvProblem", "CsvReport", "check_csv"]
