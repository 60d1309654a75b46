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

from ._model.errors import (
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
    SignatureError,
    TLSError,
    TrilletError,
)
from ._model.response import Response
from ._native.prototypes import VERSION
from ._sync.client import Trillet

__version__ = VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from . import types
    from ._async.batch_results import AsyncBatchResults
    from ._async.client import AsyncTrillet
    from ._async.map import AsyncResults
    from ._async.pages import AsyncItems, AsyncPages
    from ._core.window import Result
    from ._model.batch_types import BatchEnd, BatchProgressUpdate, ResultsEnd, ResultsUpdate
    from ._model.call_id import call_id
    from ._model.call_types import CallEnd, CallFound, CallProgressUpdate, CallsEnd
    from ._model.detailed_call import CallDetails, DetailedCall
    from ._model.downloads import DownloadUpdate, content
    from ._model.library_info import LibraryInfo
    from ._model.options import RequestOptions
    from ._model.report import CsvCountry, CsvProblem, CsvReport
    from ._model.stats import Stats
    from ._native.info import library_info
    from ._sync.batch_results import BatchResults
    from ._sync.map import Results
    from ._sync.pages import Items, Pages
    from .contacts import check_csv
else:
    # These need typing, json or asyncio, each of which takes longer to import than all the rest.
    _LATE = {
        "AsyncBatchResults": "._async.batch_results",
        "AsyncItems": "._async.pages",
        "AsyncPages": "._async.pages",
        "AsyncResults": "._async.map",
        "AsyncTrillet": "._async.client",
        "BatchEnd": "._model.batch_types",
        "BatchProgressUpdate": "._model.batch_types",
        "BatchResults": "._sync.batch_results",
        "CallDetails": "._model.detailed_call",
        "CallEnd": "._model.call_types",
        "CallFound": "._model.call_types",
        "CallProgressUpdate": "._model.call_types",
        "CallsEnd": "._model.call_types",
        "CsvCountry": "._model.report",
        "CsvProblem": "._model.report",
        "CsvReport": "._model.report",
        "Items": "._sync.pages",
        "Pages": "._sync.pages",
        "LibraryInfo": "._model.library_info",
        "RequestOptions": "._model.options",
        "Result": "._core.window",
        "Results": "._sync.map",
        "ResultsEnd": "._model.batch_types",
        "ResultsUpdate": "._model.batch_types",
        "Stats": "._model.stats",
        "DetailedCall": "._model.detailed_call",
        "DownloadUpdate": "._model.downloads",
        "call_id": "._model.call_id",
        "check_csv": ".contacts",
        "content": "._model.downloads",
        "library_info": "._native.info",
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
    "CallDetails",
    "CallEnd",
    "CallFound",
    "CallProgressUpdate",
    "CallsEnd",
    "ClientClosedError",
    "ConfigurationError",
    "ConflictError",
    "ConnectionFailedError",
    "ContactsError",
    "CsvCountry",
    "CsvProblem",
    "CsvReport",
    "DetailedCall",
    "DownloadUpdate",
    "ForkedError",
    "InternalError",
    "InvalidArgumentError",
    "Items",
    "LibraryError",
    "LibraryInfo",
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
    "SignatureError",
    "Stats",
    "TLSError",
    "Trillet",
    "TrilletError",
    "__version__",
    "call_id",
    "check_csv",
    "content",
    "library_info",
    "operations",
    "types",
    "version",
]


def version() -> str:
    """The version of the native library.

    Raises:
        LibraryError: The native library cannot be used.
    """
    from ._native.library import load

    text: bytes = load().call("trillet_version")
    return text.decode("utf-8")


def operations() -> list[dict[str, Any]]:
    """The operations of the native library: name, method, paths and fields of each.

    Raises:
        LibraryError: The native library cannot be used.
    """
    from ._json.encoding import read
    from ._native.library import load

    catalogue: dict[str, list[dict[str, Any]]] = read(load().call("trillet_operations"))
    return catalogue["operations"]
