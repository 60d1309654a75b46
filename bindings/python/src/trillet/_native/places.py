"""Where the native library may be, and which one of a wheel's two it shall be.

A wheel holds two. One calls the system's libcurl, whose security fixes come with the system's
updates. The other has libcurl and TLS inside, for systems without a libcurl that is new enough.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

FILE_NAME = "libtrillet.so.1"
BUNDLED_NAME = "libtrillet-bundled.so.1"
LIBCURL_NAME = "libcurl.so.4"
ENVIRONMENT_VARIABLE = "TRILLET_LIBRARY"
BUNDLED, SYSTEM = "bundled", "system"

# With an older one a POST may need a connection of its own.
OLDEST_LIBCURL = (7, 80, 0)
_HAS_TLS = 1 << 2


class Place:
    """A place, the path to load unless there is none, and why this one is taken."""

    __slots__ = ("name", "path", "why")

    def __init__(self, name: str, path: str | None, why: str = "") -> None:
        self.name = name
        self.path = path
        self.why = why or name


def places() -> Iterator[Place]:
    """Where the library may be, in order."""
    chosen = os.environ.get(ENVIRONMENT_VARIABLE)
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if chosen and chosen not in (BUNDLED, SYSTEM):
        # Whoever names a file wants that one: falling back to another would hide the mistake.
        yield Place(ENVIRONMENT_VARIABLE, os.path.abspath(chosen), "TRILLET_LIBRARY names it")
        return
    bundled = Place("in the package, libcurl inside", os.path.join(package, BUNDLED_NAME))
    own = Place("next to the package", os.path.join(package, FILE_NAME))
    if chosen:
        bundled.why = own.why = f"TRILLET_LIBRARY is {chosen}"
    if chosen == BUNDLED:
        yield bundled
        return
    if not chosen:
        yield Place(f"{ENVIRONMENT_VARIABLE} is not set", None)
        if _is_there(own) and _is_there(bundled):
            yield from _both(own, bundled)
            return
    yield own
    yield _checkout_place(package)
    yield Place("the system's loader", FILE_NAME, "the system has it")


def _is_there(place: Place) -> bool:
    return place.path is not None and os.path.exists(place.path)


def _both(own: Place, bundled: Place) -> Iterator[Place]:
    problem = libcurl_problem()
    if problem is None:
        own.why = "the system's libcurl is new enough"
        bundled.why = "the one for the system's libcurl could not be loaded"
        yield own
        yield bundled
    else:
        bundled.why = problem
        own.why = "the one with libcurl inside could not be loaded"
        yield bundled
        yield own


def _checkout_place(package: str) -> Place:
    root = os.path.normpath(os.path.join(package, "..", "..", "..", ".."))
    inside = os.path.join(root, "bindings", "python", "src", "trillet")
    if inside != package or not os.path.isdir(os.path.join(root, "include")):
        return Place("the package is not inside a source checkout", None)
    return Place("the source checkout", os.path.join(root, "build", "lib", FILE_NAME))


def libcurl_problem() -> str | None:
    """Why the system's libcurl is not to be used; None if it is.

    It stays loaded, whatever the answer: the library's own dependency then finds this same one, and
    a TLS library must not be unloaded.
    """
    import ctypes

    class VersionInfo(ctypes.Structure):
        # The members that every version has.
        _fields_ = (
            ("age", ctypes.c_int),
            ("version", ctypes.c_char_p),
            ("version_num", ctypes.c_uint),
            ("host", ctypes.c_char_p),
            ("features", ctypes.c_int),
        )

    try:
        version_info = ctypes.CDLL(LIBCURL_NAME).curl_version_info
    except OSError:
        return "the system has no libcurl"
    except AttributeError:
        return f"the system's {LIBCURL_NAME} is not libcurl"
    version_info.restype = ctypes.POINTER(VersionInfo)
    version_info.argtypes = [ctypes.c_int]
    found = version_info(0)
    if not found:
        return "the system's libcurl does not tell its version"
    number, text = found[0].version_num, (found[0].version or b"?").decode("ascii", "replace")
    if (number >> 16 & 255, number >> 8 & 255, number & 255) < OLDEST_LIBCURL:
        oldest = ".".join(map(str, OLDEST_LIBCURL[:2]))
        return f"the system's libcurl {text} is older than {oldest}"
    if not found[0].features & _HAS_TLS:
        return f"the system's libcurl {text} has no TLS"
    return None
