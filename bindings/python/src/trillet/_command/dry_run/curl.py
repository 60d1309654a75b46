"""A request as a command for curl, without the key."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from ..._core.secret_naming import is_secret

if TYPE_CHECKING:
    from .recorder import Sent

# curl makes its own.
_OF_THE_CONNECTION = frozenset(
    ("host", "content-length", "connection", "accept-encoding", "user-agent", "expect")
)
_KEY = "x-api-key"
_HIDDEN = "(secret: put it here)"


def curl(sent: Sent, base_url: str, uploaded: str | None) -> str:
    """The command. ``uploaded`` is where the file of a multipart body lies; - for standard input.

    The target has the path of the base URL, for the client was given it.
    """
    scheme, _, rest = base_url.partition("://")
    url = f"{scheme}://{rest.partition('/')[0]}{sent.target}"
    words = ["curl"]
    if sent.method != "GET":
        words.append(f"-X {sent.method}")
    words.append(shlex.quote(url))
    lines = [" ".join(words)]
    is_multipart = False
    for name, value in sent.headers:
        lower = name.lower()
        if lower == "content-type" and value.startswith("multipart/"):
            is_multipart = True
            lines += _parts(sent.body, value.partition("boundary=")[2], uploaded)
        elif lower == _KEY:
            lines.append(f'-H "{name}: $TRILLET_API_KEY"')
        elif is_secret(lower):
            lines.append("-H " + shlex.quote(f"{name}: {_HIDDEN}"))
        elif lower not in _OF_THE_CONNECTION:
            lines.append("-H " + shlex.quote(f"{name}: {value}"))
    if sent.body and not is_multipart:
        lines.append("--data-raw " + shlex.quote(_without_secrets(sent.body.decode())))
    return " \\\n  ".join(lines)


def _without_secrets(text: str) -> str:
    """The body as it is, unless something in it is nobody's business."""
    body = json.loads(text)
    shown = _hidden(body)
    return text if shown == body else json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _HIDDEN if is_secret(name) else _hidden(below) for name, below in value.items()
        }
    return [_hidden(below) for below in value] if isinstance(value, list) else value


def _parts(body: bytes, boundary: str, uploaded: str | None) -> list[str]:
    lines = []
    for piece in (b"\r\n" + body).split(b"\r\n--" + boundary.encode())[1:-1]:
        head, _, content = piece[2:].partition(b"\r\n\r\n")
        named = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        about = _parameters(named["Content-Disposition"])
        if "filename" in about:
            path = uploaded if uploaded is not None else about["filename"]
            lines.append("-F " + shlex.quote(_file(about, path, named.get("Content-Type", ""))))
        else:
            # An @ or a semicolon means nothing here.
            lines.append("--form-string " + shlex.quote(f"{about['name']}={content.decode()}"))
    return lines


def _file(about: dict[str, str], path: str, kind: str) -> str:
    place = "@-" if path == "-" else f'@"{_escaped(path)}"'
    told = f'{about["name"]}={place};filename="{_escaped(about["filename"])}"'
    return f"{told};type={kind}" if kind else told


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _parameters(disposition: str) -> dict[str, str]:
    """`form-data; name="file"; filename="a.csv"`; libcurl writes a quote within as %22."""
    found = {}
    for piece in disposition.split("; ")[1:]:
        name, _, value = piece.partition("=")
        found[name] = value.strip('"').replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")
    return found
