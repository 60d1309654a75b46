"""What is downloaded: reports on the way, and the bytes at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict


class DownloadUpdate(TypedDict):
    """What a ``progress`` function receives while a recording is written to a file."""

    file: str

    # How many bytes are written.
    bytes: int

    # How many there will be, if the service says so.
    total: int | None


def content(answer: object) -> bytes:
    """Returns the bytes of an answer that is a file: a recording, an export, a template.

        recording = client.calls.recording(call_history_id)
        pathlib.Path("call.mp3").write_bytes(trillet.content(recording))

    Args:
        answer: What the method returned, or the `Response` with it.

    Returns:
        The bytes: decoded from Base64, a text as UTF-8, or read from the file that it was written
        to.

    Raises:
        TypeError: The answer holds no file.
        OSError: The file that it was written to cannot be read.
    """
    data = getattr(answer, "data", answer)
    if isinstance(data, Mapping):
        encoded, text, file = (data.get(name) for name in ("base64", "text", "file"))
        if isinstance(encoded, str):
            from base64 import b64decode

            return b64decode(encoded, validate=True)
        if isinstance(text, str) and "contentType" in data:
            return text.encode("utf-8", "surrogatepass")
        if isinstance(file, str) and "contentType" in data:
            with open(file, "rb") as written:
                return written.read()
    raise TypeError(
        f"content: {type(data).__name__} is no file; give the answer of calls.recording, "
        "calls.export or batch_calls.template"
    )
