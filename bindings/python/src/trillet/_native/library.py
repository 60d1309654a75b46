"""Finds and loads libtrillet, and gives its functions their C types.

Nothing is loaded when the package is imported: the first client, or the first question to the
library, does it.
"""

from __future__ import annotations

import os
from itertools import tee
from operator import attrgetter, itemgetter

from .._model.errors import InternalError, LibraryError
from .imports import no_fork
from .places import ENVIRONMENT_VARIABLE, FILE_NAME, places
from .prototypes import ABI, FUNCTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ctypes
    from collections.abc import Iterable, Iterator
    from typing import Any

# Of libraries that are newer than the prototypes.
_PERHAPS = (("trillet_library_info", "owned_text", ()),)

_FIRST, _VALUE = itemgetter(0), attrgetter("value")


class Library:
    """The loaded library: its functions by name, with text taken over from C."""

    def __init__(self, path: str, handle: ctypes.CDLL, why: str) -> None:
        self.path = path
        self.why = why
        self._handle = handle
        self._functions = _declared(handle)
        self.free = self._functions["trillet_free"]

    def function(self, name: str) -> Any:
        """A function itself, for those who call it often; owned text is for `taken`."""
        return self._functions[name]

    def has(self, name: str) -> bool:
        """Whether the library has the function."""
        return name in self._functions

    def libcurl_words(self) -> str:
        """What the libcurl behind the library says of itself; "" where it cannot be seen."""
        import ctypes

        try:
            words = self._handle.curl_version
        except AttributeError:
            return ""
        words.restype = ctypes.c_char_p
        return (words() or b"").decode("ascii", "replace")

    def call(self, function: str, *arguments: object) -> Any:
        """Calls a function of the library that returns no owned text."""
        return self._functions[function](*arguments)

    def text(self, function: str, *arguments: object) -> bytes:
        """Calls a function that returns owned text, and takes the text over."""
        return self.taken(self._functions[function](*arguments))

    def taken(self, owned: Any) -> bytes:
        """A copy of a text the library handed over, which is freed."""
        if not owned:
            raise InternalError("the library answered nothing", sent="maybe")
        try:
            text: bytes = owned.value
            return text
        finally:
            self.free(owned)

    def copies(self, owned: Iterable[Any]) -> Iterator[bytes | None]:
        """A copy of each text that the library hands over, which is freed; None where it is none.

        Whoever takes them by one call into C, with ``deque.extend(library.copies(map(…)))``, loses
        none: Python runs signal handlers, which may raise, between such calls and never inside.
        """
        first, second = tee(owned)
        return map(_FIRST, zip(map(_VALUE, first), map(self.free, second)))


_loaded: Library | None = None


def load() -> Library:
    """The library, loaded at the first call.

    Raises:
        LibraryError: It was not found, cannot be loaded, or has another ABI.
    """
    global _loaded
    if _loaded is not None:
        return _loaded
    with no_fork():
        if _loaded is None:
            _loaded = _load()
        return _loaded


def _load() -> Library:
    import ctypes

    looked_at: list[str] = []
    for place in places():
        path = place.path
        if path is None or (os.path.isabs(path) and not os.path.exists(path)):
            missing = place.name if path is None else f"{place.name}: {path} does not exist"
            looked_at.append(missing)
            continue
        try:
            handle = ctypes.CDLL(path)
        except OSError as error:
            looked_at.append(f"{place.name}: {error}")
            continue
        _check(path, handle)
        return Library(path, handle, place.why)
    listed = "".join(f"\n  - {line}" for line in looked_at)
    raise LibraryError(
        f"libtrillet, the native library of this package, was not found. Looked at:{listed}\n"
        "Install a wheel of this package, which contains it ('pip install --only-binary=trillet "
        "trillet'); or install libtrillet (the system's package, or 'make install' in its source "
        f"folder); or set {ENVIRONMENT_VARIABLE} to the path of {FILE_NAME}."
    )


def _check(path: str, handle: ctypes.CDLL) -> None:
    try:
        found = handle.trillet_abi()
    except AttributeError:
        raise LibraryError(
            f"{path} is not libtrillet: it has no function trillet_abi. "
            f"Set {ENVIRONMENT_VARIABLE} to the path of {FILE_NAME}."
        ) from None
    if found != ABI:
        raise LibraryError(
            f"{path} has ABI {found}, but this package needs ABI {ABI}. "
            "Install the library and the package in the same version."
        )


def _declared(handle: ctypes.CDLL) -> dict[str, Any]:
    import ctypes

    class OwnedText(ctypes.c_char_p):
        """Not c_char_p itself: that would copy the text and lose the pointer that is freed."""

    kinds: dict[str, Any] = {
        "void": None,
        "int32": ctypes.c_int32,
        "size": ctypes.c_size_t,
        "uint64": ctypes.c_uint64,
        "uint64_out": ctypes.POINTER(ctypes.c_uint64),
        "callback": ctypes.c_void_p,
        "handle": ctypes.c_void_p,
        "text": ctypes.c_char_p,
        "static_text": ctypes.c_char_p,
        "owned_text": OwnedText,
        "text_out": ctypes.POINTER(ctypes.c_char_p),
    }
    functions: dict[str, Any] = {}
    for name, result, parameters in (*FUNCTIONS, *_PERHAPS):
        try:
            function = getattr(handle, name)
        except AttributeError:
            if (name, result, parameters) in _PERHAPS:
                continue
            raise LibraryError(
                f"{handle._name} has no function {name}: it is older than this package. "
                "Install the library and the package in the same version."
            ) from None
        function.restype = kinds[result]
        function.argtypes = [kinds[parameter] for parameter in parameters]
        functions[name] = function
    return functions
