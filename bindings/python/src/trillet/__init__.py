"""The Trillet voice-agent API: agents, flows, calls and batch calls.

>>> import trillet
>>> with trillet.Trillet(api_key="…", workspace_id="…") as client:
...     call = client.calls.send("64f…", "+12025550164")

The requests and answers are plain dictionaries by the API's own names; `trillet.types` describes
them for type checkers. Numbers keep their exact text on the way out (`int` of any size,
`decimal.Decimal`); answers are read with Python's own `int` and `float`.
"""

from __future__ import annotations

from ._client import Response, Trillet
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

__version__ = VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from . import types
    from ._options import RequestOptions
else:
    # Both need the typing module, which takes longer to import than all the rest.
    def __getattr__(name):
        from importlib import import_module

        if name == "types":
            return import_module(".types", __name__)
        if name == "RequestOptions":
            return import_module("._options", __name__).RequestOptions
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
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
    "ServerError",
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
