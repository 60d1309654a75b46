"""The Trillet voice-agent API: agents, flows, calls and batch calls.

>>> import trillet
>>> with trillet.Trillet(api_key="…", workspace_id="…") as client:
...     call = client.calls.send("64f…", "+12025550164")

`AsyncTrillet` is the same for asyncio. `Trillet.map` and `AsyncTrillet.map` make many calls at
once.

The requests and answers are plain dictionaries by the API's own names; `trillet.types` describes
them for type checkers. Numbers keep their exact text on the way out (`int` of any size,
`decimal.Decimal`); answers are read with Python's own `int` and `float`.
"""

from __future__ import annotations

from ._client import Trillet
from ._errors import (
    AuthenticationError,
    ClientClosedError,
    ConfigurationError,
    ConflictError,
    ConnectionFailedError,
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
    from ._async_client import AsyncTrillet
    from ._async_map import AsyncResults
    from ._map import Results
    from ._options import RequestOptions
    from ._stats import Stats
    from ._window import Result
else:
    # These need typing, json or asyncio, each of which takes longer to import than all the rest.
    _LATE = {
        "AsyncResults": "._async_map",
        "AsyncTrillet": "._async_client",
        "RequestOptions": "._options",
        "Result": "._window",
        "Results": "._map",
        "Stats": "._stats",
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
    "AsyncResults",
    "AsyncTrillet",
    "AuthenticationError",
    "ClientClosedError",
    "ConfigurationError",
    "ConflictError",
    "ConnectionFailedError",
    "ForkedError",
    "InternalError",
    "InvalidArgumentError",
    "LibraryError",
    "NotFoundError",
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
    "ServerError",
    "Stats",
    "TLSError",
    "Trillet",
    "TrilletError",
    "__version__",
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
    """The operations the native library knows: name, method, paths and fields of each.

    Raises:
        LibraryError: The native library cannot be used.
    """
    from ._encoding import read
    from ._library import load

    catalogue: dict[str, list[dict[str, Any]]] = read(load().call("trillet_operations"))
    return catalogue["operations"]
