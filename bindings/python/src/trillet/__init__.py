"""The Trillet voice-agent API: agents, flows, calls and batch calls.

>>> import trillet
>>> with trillet.Trillet(api_key="…", workspace_id="…") as client:
...     call = client.calls.send("64f…", "+12025550164")

`AsyncTrillet` is the same for asyncio. `Trillet.map` and `AsyncTrillet.map` make many calls at
once.

Requests and answers are plain dictionaries with the API's own names; `trillet.types` describes them
for type checkers. Numbers in requests keep their exact text (`int` of any size, `decimal.Decimal`);
numbers in answers are Python's own `int` and `float`.
"""

from __future__ import annotations

from ._client import Trillet
from ._errors import (
    AuthenticationError,
    ClientClosedError,
    ConfigurationError,
    ConflictError,
    ConnectionFailedError,
    ContactsError,
    ForkedError,
    InternalError,
    InvalidArgumentError,
    LibraryError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    RejectedError,
    RequestCancelledError,
    RequestTimeoutError,
    ResponseError,
    ServerError,
    TLSError,
    TrilletError,
)
from ._prototypes import VERSION
from ._response import Response

__version__ = VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from . import types
    from ._async_batch_results import AsyncBatchResults
    from ._async_client import AsyncTrillet
    from ._async_map import AsyncResults
    from ._async_pages import AsyncItems, AsyncPages
    from ._batch_results import BatchResults
    from ._batch_types import BatchEnd, BatchProgressUpdate, ResultsEnd, ResultsUpdate
    from ._csv import CsvCountry, CsvProblem, CsvReport, check_csv
    from ._map import Results
    from ._options import RequestOptions
    from ._pages import Items, Pages
    from ._stats import Stats
    from ._window import Result
else:
    # These need typing, json or asyncio, each of which takes longer to import than all the rest.
    _LATE = {
        "AsyncBatchResults": "._async_batch_results",
        "AsyncItems": "._async_pages",
        "AsyncPages": "._async_pages",
        "AsyncResults": "._async_map",
        "AsyncTrillet": "._async_client",
        "BatchEnd": "._batch_types",
        "BatchProgressUpdate": "._batch_types",
        "BatchResults": "._batch_results",
        "CsvCountry": "._csv",
        "CsvProblem": "._csv",
        "CsvReport": "._csv",
        "Items": "._pages",
        "Pages": "._pages",
        "RequestOptions": "._options",
        "Result": "._window",
        "Results": "._map",
        "ResultsEnd": "._batch_types",
        "ResultsUpdate": "._batch_types",
        "Stats": "._stats",
        "check_csv": "._csv",
    }

    def __getattr__(name):
        from importlib import import_module

        if name == "types":
            return import_module(".types", __name__)
        if name not in _LATE:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(_LATE[name], __name__), name)
        globals()[name] = value
        return value


__all__ = [
    "AsyncBatchResults",
    "AsyncItems",
    "AsyncPages",
    "AsyncResults",
    "AsyncTrillet",
    "AuthenticationError",
    "BatchEnd",
    "BatchProgressUpdate",
    "BatchResults",
    "ClientClosedError",
    "ConfigurationError",
    "ConflictError",
    "ConnectionFailedError",
    "ContactsError",
    "CsvCountry",
    "CsvProblem",
    "CsvReport",
    "ForkedError",
    "InternalError",
    "InvalidArgumentError",
    "Items",
    "LibraryError",
    "NotFoundError",
    "Pages",
    "PermissionDeniedError",
    "RateLimitedError",
    "RejectedError",
    "RequestCancelledError",
    "RequestOptions",
    "RequestTimeoutError",
    "Response",
    "ResponseError",
    "Result",
    "Results",
    "ResultsEnd",
    "ResultsUpdate",
    "ServerError",
    "Stats",
    "TLSError",
    "Trillet",
    "TrilletError",
    "__version__",
    "check_csv",
    "operations",
    "types",
    "version",
]


def version() -> str:
    """The version of the native library.

    Raises:
        LibraryError: The native library cannot be used.
    """
    from ._library import load

    text: bytes = load().call("trillet_version")
    return text.decode("utf-8")


def operations() -> list[dict[str, Any]]:
    """The operations of the native library: name, method, paths and fields of each.

    Raises:
        LibraryError: The native library cannot be used.
    """
    from ._encoding import read
    from ._library import load

    catalogue: dict[str, list[dict[str, Any]]] = read(load().call("trillet_operations"))
    return catalogue["operations"]
