"""The smallest parts of an object that are compared and changed by themselves."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from .secret_fields import has_secret, telling

Path = tuple[str, ...]


def leaves_of(fields: dict[str, Any], path: Path = ()) -> dict[Path, Any]:
    """The values by their path. Objects are gone through; a list is one value."""
    found: dict[Path, Any] = {}
    for name, value in fields.items():
        below = (*path, name)
        if isinstance(value, dict):
            found.update(leaves_of(value, below))
        else:
            found[below] = value
    return found


def put(fields: dict[str, Any], path: Path, value: Any) -> None:
    """Sets the value at a path."""
    for name in path[:-1]:
        below = fields.get(name)
        if not isinstance(below, dict):
            below = fields[name] = {}
        fields = below
    fields[path[-1]] = value


def take(fields: dict[str, Any], path: Path) -> None:
    """Removes the value at a path."""
    for name in path[:-1]:
        below = fields.get(name)
        if not isinstance(below, dict):
            return
        fields = below
    fields.pop(path[-1], None)


def at(fields: Any, path: Path) -> Any:
    """The value at a path, or None."""
    for name in path:
        fields = fields.get(name) if isinstance(fields, dict) else None
    return fields


def dotted(path: Path) -> str:
    """A path as people write it."""
    return ".".join(path)


def canonical(value: Any) -> str:
    """The same text for the same value, whoever wrote it: 1.0 is 1."""
    return json.dumps(_normal(value), sort_keys=True, separators=(",", ":"))


def _normal(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _normal(below) for name, below in value.items()}
    return [_normal(below) for below in value] if isinstance(value, list) else value


class Sums:
    """Sums of values, by which a state remembers them without holding them.

    What holds a secret is summed so that guessing takes long, since the file may be shared.
    """

    def __init__(self, salt: str) -> None:
        self._salt = bytes.fromhex(salt)
        self._known: dict[str, str] = {}

    def of(self, path: Path, value: Any) -> str:
        """That of the value at a path."""
        text = canonical(value)
        if not has_secret(value, telling(path)):
            return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        if text not in self._known:
            spent = hashlib.scrypt(text.encode(), salt=self._salt, n=2**14, r=8, p=1, dklen=12)
            self._known[text] = f"s{spent.hex()}"
        return self._known[text]
