"""Plain JSON values to text and back, in the quickest way that this Python has.

That is msgspec where it is installed (``pip install "trillet[speedups]"``), and else the standard
library. Plain values are dictionaries with keys of type str, lists, str, int, finite float, bool
and None, themselves and no subclasses; both write these the same, except for the digits of an
exponent.
"""

from __future__ import annotations

from json import JSONDecoder, JSONEncoder
from json.encoder import encode_basestring

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_SAMPLE = {"a": [1, "é", 0.5, True, None, 10**30]}
_SAMPLE_TEXT = b'{"a":[1,"\xc3\xa9",0.5,true,null,1000000000000000000000000000000]}'

_scan = JSONDecoder().scan_once  # type: ignore[attr-defined]


def decode_from(text: bytes, start: int) -> Any:
    """The value that begins there after so many bytes, all of them ASCII; by the standard library.

    Raises:
        ValueError: There is none, or one that Python has no value for.
        RecursionError: It is nested too deeply.
    """
    try:
        return _scan(text.decode("utf-8"), start)[0]
    except StopIteration as error:
        raise ValueError(f"there is no value at byte {error}") from None


def _quick_functions() -> tuple[Callable[[object], bytes], Callable[[bytes], Any]] | None:
    try:
        from msgspec.json import Decoder, Encoder

        encode, decode = Encoder().encode, Decoder().decode
        is_usable = encode(_SAMPLE) == _SAMPLE_TEXT and decode(_SAMPLE_TEXT) == _SAMPLE
    except Exception:
        # Not installed, or broken: no reason not to make a call.
        return None
    return (encode, decode) if is_usable else None


def _standard_encode() -> Callable[[object], bytes]:
    encoder = JSONEncoder(
        ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":")
    )
    # `JSONEncoder` makes its inner function anew for each text; where Python is the one we know, it
    # is made once, which halves the time.
    try:
        from json.encoder import c_make_encoder  # type: ignore[attr-defined]

        pieces = c_make_encoder(
            None, encoder.default, encode_basestring, None, ":", ",", False, False, False
        )
        if "".join(pieces(_SAMPLE, 0)).encode() == _SAMPLE_TEXT:
            return lambda value: "".join(pieces(value, 0)).encode()
    except (ImportError, TypeError):
        pass
    return lambda value: encoder.encode(value).encode()


_quick = _quick_functions()
encode: Callable[[object], bytes] = _quick[0] if _quick else _standard_encode()
# None without msgspec. It refuses a few texts that `decode_from` takes, and never the other way.
quick_decode: Callable[[bytes], Any] | None = _quick[1] if _quick else None
