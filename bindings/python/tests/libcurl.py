"""Which libcurl the library has loaded: what it can do differs with its age."""

from __future__ import annotations

import ctypes
import re

_library = ctypes.CDLL("libcurl.so.4")
_library.curl_version.restype = ctypes.c_char_p
_text = _library.curl_version().decode()
_match = re.match(r"libcurl/(\d+)\.(\d+)", _text)
assert _match is not None, _text
VERSION = (int(_match[1]), int(_match[2]))

# An older one sends requests again, unseen, on connections that are kept.
KEEPS_CONNECTIONS = VERSION >= (7, 80)
